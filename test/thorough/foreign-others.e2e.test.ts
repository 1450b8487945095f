/** The executable for the other architecture, in the other machines: in two files, which are run at the same time. */

import { describeMachines, machinesOf } from "../support/machine-tests.ts";
import { foreign, foreignExecutable } from "../support/machines.ts";

describeMachines(machinesOf(foreign).slice(1), foreignExecutable);

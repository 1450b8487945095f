/** The executable for the other architecture, in the first of the machines: in two files, which are run at the same time. */

import { describeMachines, machinesOf } from "../support/machine-tests.ts";
import { foreign, foreignExecutable } from "../support/machines.ts";

describeMachines(machinesOf(foreign).slice(0, 1), foreignExecutable);

/** The executable on the kernels of three releases of Debian, and on an old CPU or two. */

import { executable } from "../support/harness.ts";
import { describeMachines, machinesOf } from "../support/machine-tests.ts";

describeMachines(machinesOf(process.arch as "arm64" | "x64"), executable);

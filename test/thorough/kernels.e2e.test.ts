/** The executable on the kernels of three releases of Debian, and on an old CPU or two. */

import { executable } from "../support/harness.ts";
import { describeMachines } from "../support/machine-tests.ts";

describeMachines(process.arch as "arm64" | "x64", executable);

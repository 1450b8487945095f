/** The executable for the other architecture, which `npm run build:all` has made. */

import { join } from "node:path";
import { name, root } from "../support/harness.ts";
import { describeMachines } from "../support/machine-tests.ts";
import { foreign } from "../support/machines.ts";

describeMachines(foreign, join(root, "dist", `linux-${foreign}`, name));

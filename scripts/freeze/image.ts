/** The memory of the stopped program: what the file is made of. */

import { END_OF_IMAGE } from "./address-space.ts";
import { PF_R, PF_W, PF_X } from "./elf.ts";
import type { Machine } from "./machine.ts";
import { Pages, type Region } from "./pages.ts";

/** Read all memory of the machine. Code is as it was before the machine put its traps into it. */
export function takeMemory(machine: Machine): Region[] {
  const { tracee } = machine;
  const regions: Region[] = [];
  for (const { start, end, readable, writable, executable } of tracee.memory.maps()) {
    if (start >= END_OF_IMAGE || !readable) continue;
    const bytes = tracee.memory.read(start, end - start);
    if (executable) machine.untrap(start, bytes);
    // What was generated into memory that can be written and executed is executed alone from now on.
    if (executable && writable) regions.push(...written(start, bytes, tracee.arch.pageSize));
    else regions.push({ address: start, bytes, flags: PF_R | (executable ? PF_X : writable ? PF_W : 0) });
  }
  return regions;
}

/** The pages of generated code that anything was generated into. */
function written(address: number, bytes: Buffer, pageSize: number): Region[] {
  const flags = PF_R | PF_X;
  const pages = new Pages([{ address, bytes, flags }], pageSize);
  const some = [...pages].filter((page) => !pages.isZero(page));
  const runs = pages.runs(some, (page, next) => pages.continues(page, next));
  return runs.map(({ start, end }) => {
    return { address: start, bytes: bytes.subarray(start - address, end - address), flags };
  });
}

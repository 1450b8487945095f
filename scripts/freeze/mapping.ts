/** mmap(2) on the fixed machine: at an address that is chosen here, with a file's contents copied into it. */

import type { Answer, Call } from "./call.ts";
import {
  EBADF,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from "./linux.ts";
import type { Machine } from "./machine.ts";

/**
 * A mapping of a file becomes memory of its own with the same contents: the program has no descriptor that
 * the kernel knows, and nothing is behind the end of a file that a larger page size would show.
 */
export function mapMemory(call: Call, machine: Machine): Answer {
  const [hint = 0, size = 0, protection = 0, flags = 0] = [0, 1, 2, 3].map((index) => call.argument(index));
  const fixed = (flags & MAP_FIXED) !== 0;
  const address = fixed ? hint : machine.memory.take(size);
  const exactly = fixed ? flags : flags | MAP_FIXED_NOREPLACE;
  if (flags & MAP_ANONYMOUS) {
    if (!fixed) machine.name(address, size, "heap");
    return { arguments: [address, size, protection, exactly, -1, 0] };
  }
  const file = machine.files.get(call.int(4));
  if (!file) return -EBADF;
  const offset = call.argument(5);
  machine.name(address, size, file.path);
  return {
    arguments: [address, size, PROT_READ | PROT_WRITE, exactly | MAP_ANONYMOUS, -1, 0],
    then: () => {
      const contents = Buffer.from(file.contents.subarray(offset, offset + size));
      if (protection & PROT_EXEC) machine.trap(address, contents);
      call.tracee.memory.write(address, contents);
      call.tracee.call("mprotect", address, size, protection);
    },
  };
}

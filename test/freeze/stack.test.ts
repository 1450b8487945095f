import { describe, expect, test } from "bun:test";
import { initialStack } from "../../scripts/freeze/stack.ts";

const TOP = 0x10000;

/** Read an initial stack as a C library does: argc, argv, envp, auxv. */
function read({ sp, bytes }: { sp: number; bytes: Buffer }) {
  let at = 0;
  const word = () => Number(bytes.readBigUInt64LE((at += 8) - 8));
  const string = (address: number) => {
    const start = address - sp;
    return bytes.toString("latin1", start, bytes.indexOf(0, start));
  };
  const strings = () => {
    const list: string[] = [];
    for (let address = word(); address !== 0; address = word()) list.push(string(address));
    return list;
  };
  const argc = word();
  const [argv, envp] = [strings(), strings()];
  const auxv: [number, number][] = [];
  for (let type = word(); type !== 0; type = word()) auxv.push([type, word()]);
  return { argc, argv, envp, auxv, string };
}

describe("the stack that a program begins with", () => {
  test("argc, argv, envp and auxv are where the ABI has them", () => {
    const args = ["program", "", "\xff\xfe", "a b"];
    const stack = initialStack(
      TOP,
      args,
      ["A=1", "", "B"],
      [
        [6, 4096],
        [15, Buffer.from("x86_64\0")],
      ],
    );
    const { argc, argv, envp, auxv, string } = read(stack);
    expect(argc).toBe(4);
    expect(argv).toEqual(args);
    expect(envp).toEqual(["A=1", "", "B"]);
    expect(auxv.map(([type]) => type)).toEqual([6, 15]);
    expect([auxv[0]![1], string(auxv[1]![1])]).toEqual([4096, "x86_64"]);
  });

  test.each([0, 1, 2, 3, 4, 5, 100])(
    "the stack pointer is aligned and all is below the top: %d arguments",
    (count) => {
      const args = Array.from({ length: count }, (_, i) => "x".repeat(i));
      const stack = initialStack(TOP, args);
      expect(stack.sp % 16).toBe(0);
      expect(stack.sp + stack.bytes.length).toBe(TOP);
      expect(read(stack)).toMatchObject({ argc: count, argv: args, envp: [], auxv: [] });
    },
  );
});

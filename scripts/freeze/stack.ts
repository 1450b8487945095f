/**
 * The stack that a program begins with: argc, argv, NULL, envp, NULL, auxv, and behind them what they point to.
 * System V ABI, "Process Initialization"; elf(5), getauxval(3).
 */

export interface InitialStack {
  /** The stack pointer: the address of argc. */
  readonly sp: number;
  /** What lies from there to the top. */
  readonly bytes: Buffer;
}

/** An entry of the auxiliary vector: a number, or bytes that it points to. */
export type AuxiliaryVector = readonly (readonly [type: number, value: number | Uint8Array])[];

/** How much stack a program gets, in bytes. */
export const STACK_SIZE = 2 ** 20;

const WORD = 8;
/** Both ABIs want the stack pointer to be a multiple of this. */
const ALIGNMENT = 16;

const cString = (text: string) => Buffer.from(`${text}\0`, "latin1");

/**
 * @param top where the stack ends; what is on it grows down from there.
 * @param args argv, one byte a character; `environment` likewise, as NAME=value.
 */
export function initialStack(
  top: number,
  args: readonly string[],
  environment: readonly string[] = [],
  auxv: AuxiliaryVector = [],
): InitialStack {
  const strings: Buffer[] = [];
  let size = 0;
  /** Put bytes on the stack. @returns a function from the address of the first to that of these. */
  const put = (bytes: Uint8Array) => {
    const offset = size;
    strings.push(Buffer.from(bytes));
    size += bytes.length;
    return (base: number) => base + offset;
  };
  const word = (value: number) => () => value;
  const words = [
    word(args.length),
    ...args.map((text) => put(cString(text))),
    word(0),
    ...environment.map((text) => put(cString(text))),
    word(0),
    ...auxv.flatMap(([type, value]) => [word(type), typeof value === "number" ? word(value) : put(value)]),
    word(0),
    word(0),
  ];
  // The kernel leaves a word behind it all, and getenv() of glibc reads beyond an empty string.
  const base = top - WORD - size;
  const sp = Math.floor((base - words.length * WORD) / ALIGNMENT) * ALIGNMENT;
  const bytes = Buffer.alloc(top - sp);
  words.forEach((address, i) => bytes.writeBigUInt64LE(BigInt(address(base)), i * WORD));
  Buffer.concat(strings).copy(bytes, base - sp);
  return { sp, bytes };
}

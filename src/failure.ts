/** Exit codes, by the conventions of s6 and of the shells. */
export const exitCode = { success: 0, usage: 100, system: 111, cannotExec: 126, notFound: 127 } as const;

/** What ends the program with a line on stderr ("fatal: …") and an exit code. */
export class Fatal extends Error {
  /**
   * @param message what was tried, on what.
   * @param errno what the system said, if it was asked.
   * @param status the exit code.
   * @param usage whether the usage line follows.
   */
  constructor(
    message: string,
    readonly errno?: number,
    readonly status: number = exitCode.system,
    readonly usage: boolean = false,
  ) {
    super(message);
  }
}

/** A wrong option, or a wrong value of one. */
export function invalid(message: string): Fatal {
  return new Fatal(message, undefined, exitCode.usage);
}

/** A missing or wrong operand. */
export function invalidOperand(message: string): Fatal {
  return new Fatal(message, undefined, exitCode.usage, true);
}

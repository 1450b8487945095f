/** Exit codes, by the conventions of s6 and of the shells. */
export const exitCode = { usage: 100, system: 111, cannotExec: 126, notFound: 127 } as const;

/** What ends the program with a line on stderr and an exit code. Plain data: nobody would read a stack trace. */
export class Failure {
  /**
   * @param message what was tried, on what.
   * @param errno what the system said, if it was asked.
   * @param status the exit code.
   * @param usage whether the usage line follows.
   */
  constructor(
    readonly message: string,
    readonly errno?: number,
    readonly status: number = exitCode.system,
    readonly usage: boolean = false,
  ) {}
}

/** A wrong option, or a wrong value of one. */
export function invalid(message: string): Failure {
  return new Failure(message, undefined, exitCode.usage);
}

/** A missing or wrong operand. */
export function invalidOperand(message: string): Failure {
  return new Failure(message, undefined, exitCode.usage, true);
}

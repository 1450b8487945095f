/** Exit codes, by the conventions of s6 and of the shells. */
export const exitCode = { usage: 100, system: 111, cannotExec: 126, notFound: 127 } as const;

/** Something that ends the program with a line on stderr and an exit code. */
export class Failure extends Error {
  /**
   * @param message what was tried, on what.
   * @param status the exit code.
   * @param errno what the system said, if it was asked.
   */
  constructor(
    message: string,
    readonly status: number = exitCode.system,
    readonly errno?: number,
  ) {
    super(message);
  }
}

/** A wrong operand: the usage line follows the message. */
export class UsageFailure extends Failure {
  constructor(message: string) {
    super(message, exitCode.usage);
  }
}

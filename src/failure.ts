/** Exit codes, by the conventions of s6 and of the shells. */
export const exitCode = { usage: 100, system: 111, cannotExec: 126, notFound: 127 } as const;

/** Something that ends the program with a line on stderr and an exit code. */
export class Failure extends Error {
  /**
   * @param message what was tried, on what.
   * @param errno what the system said, if it was asked.
   * @param status the exit code.
   */
  constructor(
    message: string,
    readonly errno?: number,
    readonly status: number = exitCode.system,
  ) {
    super(message);
  }
}

/** A wrong option, or a wrong value of one. */
export function invalid(message: string): Failure {
  return new Failure(message, undefined, exitCode.usage);
}

/** A missing or wrong operand: the usage line follows the message. */
export class UsageFailure extends Failure {
  constructor(message: string) {
    super(message, undefined, exitCode.usage);
  }
}

/** Exit codes, by the conventions of s6 and of the shells. */
export const exitCode = { success: 0, usage: 100, system: 111, cannotExec: 126, notFound: 127 } as const;

interface Details {
  /** What the system said, if it was asked. */
  readonly errno?: number;
  /** The exit code. */
  readonly status?: number;
  /** Whether the usage line follows. */
  readonly usage?: boolean;
  /** What would be right, in a line of its own: where the other line is the original's. */
  readonly hint?: string | undefined;
}

/** What ends the program with a line on stderr ("fatal: …") and an exit code. */
export class Fatal extends Error {
  readonly errno: number | undefined;
  readonly status: number;
  readonly usage: boolean;
  readonly hint: string | undefined;

  /** @param message what was tried, on what. */
  constructor(message: string, { errno, status = exitCode.system, usage = false, hint }: Details = {}) {
    super(message);
    this.errno = errno;
    this.status = status;
    this.usage = usage;
    this.hint = hint;
  }
}

/** A wrong option, or a wrong value of one. */
export function invalid(message: string, hint?: string): Fatal {
  return new Fatal(message, { status: exitCode.usage, hint });
}

/** A missing or wrong operand. */
export function invalidOperand(message: string): Fatal {
  return new Fatal(message, { status: exitCode.usage, usage: true });
}

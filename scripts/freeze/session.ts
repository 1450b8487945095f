/**
 * A program that has started and rehearsed in the fixed machine, and stands where each of its runs begins: at a
 * system call that no kernel has. It can be let run from there again and again.
 */

import { readFileSync } from "node:fs";
import { hostArchitecture } from "./host.ts";
import { readProgram, type Program } from "./elf.ts";
import type { GivenFile } from "./files.ts";
import { takeMemory } from "./image.ts";
import { Machine, type Failure } from "./machine.ts";
import { PAGE, Pages, type Region } from "./pages.ts";
import { libc } from "./ptrace.ts";
import type { Registers } from "./registers.ts";
import { openSocket, type Socket } from "./sockets.ts";
import { endOf, load, placeArguments } from "./start.ts";
import { Trace, type Touched } from "./trace.ts";
import { Tracee } from "./tracee.ts";

/** A command line that the program runs while it is built, so that nothing of it is cold in the image. */
export interface Rehearsal {
  /** argv and the environment, one byte a character. */
  readonly args: readonly string[];
  readonly environment: readonly string[];
  /** The descriptors that are open when it begins: if nothing is said, 0, 1 and 2. */
  readonly open?: readonly number[];
  /** The files that are there when it begins, by their paths: if nothing is said, none. */
  readonly files?: Readonly<Record<string, GivenFile>>;
  /** The sockets among them, from the lowest descriptor up that is not open. */
  readonly sockets?: readonly Socket[];
  /** System calls that fail: each the next time that it is made. It must be made. */
  readonly failures?: readonly Failure[];
  /** The exit status that it comes to, since there is nothing to execute. */
  readonly exit: number;
  /** Whether it goes on to the end of the process, as a run does. Only what is traced alone can: nothing comes back. */
  readonly exits?: boolean;
  /** Whether it takes long, and runs only what others run: it runs once, when pages are looked for. */
  readonly long?: boolean;
  /** Whether most runs are like this one: what it touches is mapped from the start. */
  readonly common?: boolean;
}

export interface SessionOptions {
  /** The path of the program: an executable with a dynamic loader. */
  readonly program: string;
  /** The environment that it starts in. */
  readonly environment: readonly string[];
  /** The number of the system call. Its argument is the exit status of the run before. */
  readonly pointOfReturn: number;
  readonly rehearsals: readonly Rehearsal[];
  /** How a line begins that the runtime writes about itself when something runs that has not run before. */
  readonly cold?: string;
}

/** What the runtime itself keeps open, and never uses as long as nothing waits for an event. */
const INVISIBLE = new Set(["epoll", "eventfd"]);

/** How often what is common is run once more: until the engine has learnt all that it learns from it. */
const WARM = 2;

export class Session implements Disposable {
  readonly machine: Machine;
  readonly #options: SessionOptions;
  readonly #tracee: Tracee;
  #registers: Registers | undefined;
  #frozen: { readonly regions: readonly Region[]; readonly pages: Pages } | undefined;
  #trace: Trace | undefined;
  /** The rehearsals that found something cold. */
  readonly #warming = new Set<Rehearsal>();

  private constructor(options: SessionOptions, program: Program) {
    this.#options = options;
    this.#tracee = Tracee.start(options.program, hostArchitecture());
    this.machine = new Machine(this.#tracee, endOf(program), options.cold);
  }

  /** @throws Error that says what keeps the program from being frozen. */
  static async start(options: SessionOptions): Promise<Session> {
    const program = readProgram(readFileSync(options.program));
    const pageSize = libc.getpagesize();
    if (pageSize !== PAGE) {
      throw new Error(
        `this kernel has pages of ${pageSize} bytes, and a build takes one with pages of ${PAGE}`,
      );
    }
    const rehearsals = options.rehearsals.filter(({ exits, long }) => !exits && !long);
    return Session.#rehearsed(options, program, await Session.#findWarming(options, program, rehearsals));
  }

  /**
   * Which rehearsals find something cold. The others run what has run before, and would leave nothing in memory but
   * garbage. Where the runtime does not tell, all of them may.
   */
  static async #findWarming(
    options: SessionOptions,
    program: Program,
    rehearsals: readonly Rehearsal[],
  ): Promise<readonly Rehearsal[]> {
    if (options.cold === undefined) return rehearsals;
    using session = await Session.#rehearsed(options, program, rehearsals);
    return rehearsals.filter((rehearsal) => rehearsal.common || session.#warming.has(rehearsal));
  }

  /** Start the program, and let it rehearse. */
  static async #rehearsed(
    options: SessionOptions,
    program: Program,
    rehearsals: readonly Rehearsal[],
  ): Promise<Session> {
    const session = new Session(options, program);
    try {
      load(session.machine, program, options.environment);
      await session.#rehearse(rehearsals);
      return session;
    } catch (error) {
      session[Symbol.dispose]();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#tracee[Symbol.dispose]();
  }

  /** The registers at the point of return. */
  get registers(): Registers {
    return this.#registers!;
  }

  /** The frozen memory: as it is now, unless it has been looked at before. */
  get regions(): readonly Region[] {
    return this.#memory().regions;
  }

  get pages(): Pages {
    return this.#memory().pages;
  }

  #memory() {
    if (this.#frozen) return this.#frozen;
    const regions = takeMemory(this.machine);
    return (this.#frozen = { regions, pages: new Pages(regions, PAGE) });
  }

  async #rehearse(rehearsals: readonly Rehearsal[]): Promise<void> {
    this.#registers = this.machine.runTo(this.#options.pointOfReturn);
    const left = this.machine.files.left.filter(([, path]) => !INVISIBLE.has(path));
    for (const [descriptor, path] of left) {
      throw new Error(`the program leaves descriptor ${descriptor} open: ${path}`);
    }
    const common = rehearsals.filter((rehearsal) => rehearsal.common);
    const often = Array.from({ length: WARM }, () => common).flat();
    // What is common comes first, too: so what it needs lies together.
    for (const rehearsal of [...common, ...rehearsals, ...often]) {
      this.#registers = await this.run(rehearsal);
      if (this.machine.asides !== "") this.#warming.add(rehearsal);
    }
  }

  /** Run one command line from the point of return. @returns the registers at that which it comes to. */
  async run(rehearsal: Rehearsal): Promise<Registers> {
    const { machine } = this;
    const { args, environment, open, files, sockets = [], failures = [], exits = false } = rehearsal;
    machine.files.reset(open, files);
    for (const socket of sockets) openSocket(machine, socket);
    machine.output.clear();
    machine.asides = "";
    machine.failures = [...failures];
    machine.answer(placeArguments(machine, args, environment, exits), this.registers);
    const registers = machine.runTo(this.#options.pointOfReturn, exits ? "exit_group" : undefined);
    check(rehearsal, machine, registers);
    // A signal to the build is answered here.
    await new Promise(setImmediate);
    return registers;
  }

  /**
   * Run one command line with the frozen memory.
   * @returns the pages that it touches, of those that are not open.
   * @throws Error if something in it is cold: no rehearsal before has run it.
   */
  touchedBy(rehearsal: Rehearsal): Promise<Touched> {
    this.#trace ??= new Trace(this.machine, this.pages);
    return this.#trace.of(async () => {
      await this.run(rehearsal);
      const { asides } = this.machine;
      if (asides !== "") throw new Error(`${title(rehearsal)}: something in it is cold: ${asides}`);
    });
  }

  /** Do not look for these pages any more. */
  open(pages: Iterable<number>): void {
    this.#trace?.open(pages);
  }
}

/** @throws Error when it was another run than the one that was to be rehearsed. */
function check(rehearsal: Rehearsal, { output, failures, tracee }: Machine, registers: Registers): void {
  const { exit } = rehearsal;
  const status = registers.number(tracee.arch.roles.arguments[0]!);
  const [unmade] = failures;
  if (status === exit && !unmade) return;
  const wrong = status === exit ? `no ${unmade![0][0]} was made` : `exit status ${status} instead of ${exit}`;
  const said = [...output.values()].join("").trimEnd();
  throw new Error(`${title(rehearsal)}: ${wrong}: ${said.slice(0, 500)}`);
}

const title = ({ args }: Rehearsal) => `rehearsing ${args.join(" ").slice(0, 500)}`;

/**
 * A program that has started and rehearsed in the fixed machine, and stands where each of its runs begins: at a
 * system call that no kernel has. It can be let run from there again and again.
 */

import { readFileSync } from "node:fs";
import type { SyscallName } from "./arch.ts";
import { hostArchitecture } from "./host.ts";
import { readProgram } from "./elf.ts";
import { takeMemory } from "./image.ts";
import { Machine } from "./machine.ts";
import { Pages, type Region } from "./pages.ts";
import type { Registers } from "./registers.ts";
import { endOf, load, placeArguments } from "./start.ts";
import { Trace, type Touched } from "./trace.ts";
import { Tracee } from "./tracee.ts";

/** A command line that the program runs while it is built, so that nothing of it is cold in the image. */
export interface Rehearsal {
  /** argv and the environment, one byte a character. */
  readonly args: readonly string[];
  readonly environment: readonly string[];
  /** The paths of files that are there, besides the libraries. */
  readonly files?: readonly string[];
  /** System calls that fail: each the next time that it is made. */
  readonly failures?: readonly (readonly [SyscallName, errno: number])[];
  /** The exit status that it comes to, since there is nothing to execute. */
  readonly exit: number;
  /** Whether it leaves so much behind that it must not: it runs only when memory is put back after it. */
  readonly heavy?: boolean;
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
  /** How often all of them are run: twice, and what was compiled the first time is executed the second. */
  readonly rounds: number;
}

/** What the runtime itself keeps open, and never uses as long as nothing waits for an event. */
const INVISIBLE = new Set(["epoll", "eventfd"]);

export class Session implements Disposable {
  readonly machine: Machine;
  readonly #options: SessionOptions;
  readonly #tracee: Tracee;
  #registers: Registers | undefined;
  #frozen: { readonly regions: readonly Region[]; readonly pages: Pages } | undefined;
  #trace: Trace | undefined;

  private constructor(options: SessionOptions) {
    const program = readProgram(readFileSync(options.program));
    this.#options = options;
    this.#tracee = Tracee.start(options.program, hostArchitecture());
    this.machine = new Machine(this.#tracee, endOf(program));
    load(this.machine, program, options.environment);
  }

  /** @throws Error that says what keeps the program from being frozen. */
  static async start(options: SessionOptions): Promise<Session> {
    const session = new Session(options);
    try {
      await session.#rehearse();
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
    return (this.#frozen = { regions, pages: new Pages(regions, this.machine.memory.pageSize) });
  }

  async #rehearse(): Promise<void> {
    const { pointOfReturn, rounds, rehearsals } = this.#options;
    this.#registers = this.machine.runTo(pointOfReturn);
    const left = this.machine.files.left.filter((path) => !INVISIBLE.has(path));
    if (left.length > 0) throw new Error(`the program leaves a descriptor open: ${left.join(", ")}`);
    for (let round = 0; round < rounds; round++) {
      for (const rehearsal of rehearsals) {
        if (!rehearsal.heavy) this.#registers = await this.run(rehearsal);
      }
    }
  }

  /** Run one command line from the point of return. @returns the registers at that which it comes to. */
  async run({ args, environment, files, failures = [], exit }: Rehearsal): Promise<Registers> {
    const { machine } = this;
    machine.files.reset(files);
    machine.output.clear();
    machine.failures = [...failures];
    machine.answer(placeArguments(machine, args, environment), this.registers);
    const registers = machine.runTo(this.#options.pointOfReturn);
    const status = Number(registers.get(machine.tracee.arch.roles.arguments[0]!));
    if (status !== exit) {
      const said = [...machine.output.values()].join("").trimEnd();
      throw new Error(`rehearsing ${args.join(" ")}: exit status ${status} instead of ${exit}: ${said}`);
    }
    // A signal to the build is answered here.
    await new Promise(setImmediate);
    return registers;
  }

  /** Run one command line with the frozen memory. @returns the pages that it touches, of those that are not open. */
  touchedBy(rehearsal: Rehearsal): Promise<Touched> {
    this.#trace ??= new Trace(this.machine, this.pages);
    return this.#trace.of(async () => void (await this.run(rehearsal)));
  }

  /** Do not look for these pages any more. */
  open(pages: Iterable<number>): void {
    this.#trace?.open(pages);
  }
}

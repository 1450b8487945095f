/** The services of examples/, under the supervisors that they are written for. */

import { describe, expect, test } from "bun:test";
import { chmodSync, cpSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root, run, scratch, testWith, until } from "./support/harness.ts";
import { get } from "./support/listener.ts";
import { answer, inSandbox, sandboxTools, urls } from "./support/sandbox.ts";

const examples = join(root, "examples");

/** A copy of service directories, by their places in a directory that a supervisor scans. */
function scanDirectory(services: Record<string, string>): string {
  const directory = scratch();
  chmodSync(directory, 0o755);
  for (const [place, source] of Object.entries(services))
    cpSync(join(examples, source), join(directory, place), { recursive: true });
  return directory;
}

/** Run a command that must succeed. @returns what it printed. */
async function succeed(...command: string[]): Promise<string> {
  const { exit, stdout, stderr } = await run(command);
  if (exit !== 0) throw new Error(`${command.join(" ")}: exit ${exit}: ${stdout}${stderr}`);
  return stdout.trim();
}

const status = (service: string, ...fields: string[]) =>
  succeed("s6-svstat", "-o", fields.join(","), service);

/** @returns the process of a service that has just become ready. */
async function readyAfter(before: string, service: string): Promise<string> {
  return until("the service", async () => {
    const [pid, ready] = (await status(service, "pid", "ready").catch(() => "")).split(" ");
    return ready === "true" && pid !== before ? pid : undefined;
  });
}

/** The user that a process of the sandbox runs as. */
function userOf(files: string, pid: string): number {
  const text = readFileSync(join(files, "proc", pid, "status"), "utf8");
  return Number(/^Uid:\s+(\d+)/m.exec(text)?.[1]);
}

const nobody = 65534;

/** The lines that `text` stands in, as soon as there are so many. */
const logged = (file: string, text: string, count: number) =>
  until(`${count} lines with ${text}`, () => {
    const lines = readFileSync(file, "utf8").split("\n");
    const found = lines.filter((line) => line.includes(text));
    return found.length >= count ? found : undefined;
  });

const s6Tools = [...sandboxTools, "s6-svscan", "s6-applyuidgid", "execlineb"];

/** Through a whole life: `serve` does what a client does, when the service is ready for the nth time. */
async function live(service: string, files: string, serve: (time: number) => Promise<void>): Promise<void> {
  const first = await readyAfter("", service);
  await serve(1);
  expect(userOf(files, first)).toBe(nobody);

  await succeed("s6-svc", "-k", service); // SIGKILL
  const second = await readyAfter(first, service);
  await serve(2);

  await succeed("s6-svc", "-wR", "-T10000", "-r", service);
  await readyAfter(second, service);
  await serve(3);

  await succeed("s6-svc", "-wD", "-T10000", "-d", service);
  expect(await status(service, "up", "wantedup")).toBe("false false");
}

describe("s6", () => {
  test("s6-rc: the definitions refer to each other", () => {
    const read = (...path: string[]) => readFileSync(join(examples, "s6-rc", ...path), "utf8").trim();
    const services = readdirSync(join(examples, "s6-rc"));
    const longruns = services.filter((service) => read(service, "type") === "longrun");
    const loggers = longruns.filter((service) => service.endsWith("-log"));
    for (const logger of loggers) {
      const producer = read(logger, "consumer-for");
      expect(longruns).toContain(producer);
      expect(read(producer, "producer-for")).toBe(logger);
    }
    expect(longruns).toHaveLength(2 * loggers.length);
    for (const service of longruns) expect(read(service, "notification-fd")).toBe("3");
    const pipelines = loggers.map((logger) => read(logger, "pipeline-name"));
    expect(read("default", "type")).toBe("bundle");
    expect(readdirSync(join(examples, "s6-rc/default/contents.d")).sort()).toEqual(pipelines.sort());
  });

  testWith(s6Tools, "s6-rc/http and http-log", async () => {
    // As s6-rc does with a pipeline, s6-svscan connects a service with what is in its log/.
    const scan = scanDirectory({ http: "s6-rc/http", "http/log": "s6-rc/http-log" });
    await inSandbox(["s6-svscan", scan], async ({ inside, files }) => {
      const log = join(files, "var/log/http/current");
      await live(join(scan, "http"), files, async (time) => {
        for (const url of urls) expect(await get(url, inside)).toBe(answer);
        await logged(log, "http://[::]:80/", time);
      });
      for (const url of urls) expect(await get(url, inside)).toBeUndefined();
    });
  });

  testWith([...s6Tools, "logger"], "s6-rc/syslog and syslog-log", async () => {
    const scan = scanDirectory({ syslog: "s6-rc/syslog", "syslog/log": "s6-rc/syslog-log" });
    await inSandbox(["s6-svscan", scan], async ({ inside, files }) => {
      const log = join(files, "var/log/syslog/current");
      await live(join(scan, "syslog"), files, async (time) => {
        for (const ip of ["127.0.0.1", "::1"])
          await succeed(...inside, "logger", "--udp", "--server", ip, "--port", "514", `message ${time}`);
        await logged(log, `message ${time}`, 2);
      });
    });
  });

  testWith(
    [...s6Tools, "s6-fdholder-daemon"],
    "s6-fdholder: connections wait through a restart",
    async () => {
      const scan = scanDirectory({ fdholder: "s6-fdholder/fdholder", http: "s6-fdholder/http" });
      const command = `cp -R ${scan} /run/service && exec s6-svscan /run/service`;
      await inSandbox(["sh", "-c", command], async ({ inside, files }) => {
        const service = join(files, "run/service/http");
        const first = await readyAfter("", service);
        for (const url of urls)
          expect(await until(`an answer of ${url}`, () => get(url, inside))).toBe(answer);
        expect(userOf(files, first)).toBe(nobody);
        await succeed("s6-svc", "-wD", "-T10000", "-d", service);
        // Nobody answers yet, and nobody refuses.
        const waiting = get(urls[0]!, inside);
        await until("a connection in the queue", async () => {
          const { stdout } = await run([...inside, "ss", "-Htln", "sport = :80"]);
          return /^LISTEN\s+1\s/.test(stdout) || undefined;
        });
        await succeed("s6-svc", "-u", service);
        expect(await waiting).toBe(answer);
        expect(await readyAfter(first, service)).not.toBe(first);
      });
    },
  );

  test("s6-overlay: the bundle is where 3.2.3 looks for it, and holds the service", () => {
    const directory = join(examples, "s6-overlay/etc/s6-overlay");
    const [bundle, ...others] = readdirSync(join(directory, "user-bundles.d"));
    expect([bundle, others]).toEqual(["user", []]);
    expect(readdirSync(join(directory, "user-bundles.d/user/contents.d"))).toEqual(
      readdirSync(join(directory, "s6-rc.d")),
    );
  });

  testWith(s6Tools, "s6-overlay", async () => {
    const scan = scanDirectory({ http: "s6-overlay/etc/s6-overlay/s6-rc.d/http" });
    await inSandbox(["s6-svscan", scan], async ({ inside, files }) => {
      await live(join(scan, "http"), files, async () => {
        for (const url of urls) expect(await get(url, inside)).toBe(answer);
      });
    });
  });
});

testWith([...sandboxTools, "runsv", "sv", "chpst"], "runit", async () => {
  const scan = scanDirectory({ http: "runit/http" });
  const service = join(scan, "http");
  const pidFile = join(service, "supervise/pid");
  await inSandbox(["runsv", service], async ({ inside, files }) => {
    const serve = async () => {
      for (const url of urls) expect(await until(`an answer of ${url}`, () => get(url, inside))).toBe(answer);
      return readFileSync(pidFile, "utf8").trim();
    };
    const first = await serve();
    expect(userOf(files, first)).toBe(nobody);
    const another = (before: string) =>
      until("another process", () => {
        const pid = readFileSync(pidFile, "utf8").trim();
        return pid !== "" && pid !== before ? pid : undefined;
      });

    await succeed("sv", "kill", service);
    await another(first);
    const second = await serve();

    await succeed("sv", "-w", "20", "restart", service);
    expect(await serve()).not.toBe(second);

    await succeed("sv", "-w", "20", "down", service);
    for (const url of urls) expect(await get(url, inside)).toBeUndefined();
  });
});

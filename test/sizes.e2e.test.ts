/** Texts of every size: the engine has memory for each class of sizes, and ways of its own to more of it. */

import { describe, expect, test } from "bun:test";
import { bind } from "./support/harness.ts";

/** Bytes, sixteen sizes in each doubling, up to what the kernel takes in one string. */
const sizes = Array.from({ length: 10 * 16 }, (_, i) => Math.floor(127 * 2 ** (i / 16)));

type Words = readonly string[];

const address = ["127.0.0.1", "0"];
const prog = [...address, "/bin/true"];

const noVariables = () => ({});

describe("no run ends for want of what was left out:", () => {
  test.each<[string, (text: string) => Words, (text: string) => Record<string, string>]>([
    ["an ip", (text) => [text, "0", "/bin/true"], noVariables],
    ["an ip that is no ASCII", (text) => ["\u00e9".repeat(text.length / 2), "0", "/bin/true"], noVariables],
    ["a port", (text) => ["127.0.0.1", text, "/bin/true"], noVariables],
    ["a name of prog", (text) => [...address, text], noVariables],
    ["a path of prog", (text) => [...address, `/${text}`], noVariables],
    ["an option", (text) => [`--${text}`, ...prog], noVariables],
    ["--wait", (text) => [`--wait=${text}`, ...prog], noVariables],
    ["--netns", (text) => [`--netns=/${text}`, ...prog], noVariables],
    ["--interface", (text) => [`--interface=${text}`, ...prog], noVariables],
    ["--fd-name", (text) => ["--listen-fds", `--fd-name=${text}`, ...prog], noVariables],
    ["--report-file", (text) => [`--report-file=/nonexistent/${text}`, ...prog], noVariables],
    ["NOTIFY_SOCKET", () => ["--notify", ...prog], (text) => ({ NOTIFY_SOCKET: `/${text}` })],
    ["PATH", () => [...address, "true"], (text) => ({ PATH: `/${text}:/bin` })],
    [
      "variables, which are copied",
      () => ["--listen-fds", ...prog],
      (text) => Object.fromEntries(Array.from({ length: text.length >> 3 }, (_, i) => [`V${i}`, "x"])),
    ],
  ])("%s", async (_, args, env) => {
    const ended: number[] = [];
    for (const size of sizes) {
      const text = "n".repeat(size);
      const { exit, stderr } = await bind([...args(text)], { env: env(text) });
      if (exit > 127 || stderr.includes("this is a defect")) ended.push(size);
    }
    expect(ended).toEqual([]);
  });
});

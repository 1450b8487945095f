/** A program sees the same process behind our executable as when the shell starts it directly. */

import { beforeAll, describe } from "bun:test";
import { existsSync } from "node:fs";
import { scratch, testIf, testWith } from "./support/harness.ts";
import { everySituation } from "./support/situations.ts";
import { existsOn, expectSameState, nativeSubject, type Subject } from "./support/state.ts";

const programs = scratch();
// 100,000 files take half a minute on a disk.
const directory = scratch(existsSync("/dev/shm") ? "/dev/shm" : undefined);
let subject: Subject;
beforeAll(async () => void (subject = await nativeSubject(programs)));

const themes = everySituation(directory);

describe.each(themes)("%s", (_, situations) => {
  for (const [name, situation] of Object.entries(situations)) {
    testIf(existsOn(process.arch, situation))(["cc", ...(situation.tools ?? [])], name, () =>
      expectSameState(subject, situation),
    );
  }
});

/** With them we open what prog must not see, or look at what was passed. */
const options = ["--adopt", "--netns=/proc/self/ns/net", "--notify"];
const affected = ["signals", "descriptors", "standard descriptors"];

describe.each(themes.filter(([theme]) => affected.includes(theme)))(
  `${options.join(" ")}: %s`,
  (_, situations) => {
    for (const [name, situation] of Object.entries(situations)) {
      testWith(["cc", "root", ...(situation.tools ?? [])], name, () =>
        expectSameState({ ...subject, binder: [...subject.binder, ...options] }, situation),
      );
    }
  },
);

import { renderUsage } from "citty";
import { command } from "../src/command.ts";

/** The text of `--help`, without colours. */
export async function help(): Promise<string> {
  const text = (await renderUsage(command)).replaceAll(/\x1b\[\d+m/g, "");
  return text.replaceAll(/ +$/gm, "").trimEnd();
}

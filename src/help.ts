import { renderUsage } from "citty";
import { command } from "./command.ts";

/** The text of `--help`, without colours. */
export async function help(): Promise<string> {
  return (await renderUsage(command)).replaceAll(/\x1b\[\d+m/g, "").trimEnd();
}

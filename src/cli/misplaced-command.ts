import { CloseWaitError } from "../errors.ts";
import { sanitize } from "../report/sanitize.ts";

const COMMANDS = ["analyze", "flows", "states", "show", "extract", "compare", "assert"];
const TYPING_ERRORS_MAX = 2;

/**
 * `closewait flow a.pcap` names a capture called "flow", as far as the grammar goes. When there is no such file, the
 * user surely meant a command; and a command only counts as the first word.
 */
export function refuseMisplacedCommand(captures: readonly string[], fileExists: (path: string) => boolean): void {
  for (const [position, word] of captures.entries()) {
    if (!/^[a-z]+$/.test(word)) continue;
    const near = COMMANDS.find((command) => editDistance(word, command) <= TYPING_ERRORS_MAX);
    if (near === undefined || fileExists(word)) continue;
    if (word === near) throw new CloseWaitError("usage", `the command comes first: closewait ${near} <captures...>`);
    if (position > 0) continue;
    throw new CloseWaitError("usage", `'${sanitize(word)}' is neither a file nor a command (did you mean ${near}?)`);
  }
}

/** Levenshtein: letters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

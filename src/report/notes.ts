import { formatCount } from "./count.ts";
import { type Paper, PROSE_WIDTH_MAX } from "./paper.ts";
import { wrapWords } from "./text-width.ts";

/** What a reader must know before acting on the rows. */
export function noteLines(notes: readonly string[], paper: Paper): string[] {
  const width = Math.min(paper.width, PROSE_WIDTH_MAX);
  return [paper.ink.bold("Keep in mind"), ...notes.flatMap((note) => wrapWords(`  - ${note}`, width, "    "))];
}

/** `… and 1,234 more: --limit 1284`, when not all rows are shown. */
export function moreRows(shownCount: number, count: number, { ink }: Paper, indent = ""): string[] {
  return count > shownCount
    ? [ink.dim(`${indent}… and ${formatCount(count - shownCount)} more: --limit ${count}`)]
    : [];
}

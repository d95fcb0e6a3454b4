import Table from "cli-table3";
import type { Paper } from "./paper.ts";
import { textWidth } from "./text-width.ts";

export interface Column {
  readonly head: string;
  readonly align?: "left" | "right";
  /** This column gives way first: its cells are wrapped at words when the table is wider than the terminal. */
  readonly wraps?: boolean;
}

const GAP = "  ";
const WRAPPED_WIDTH_MIN = 24;
/** cli-table3 takes quadratic time in the number of rows; with fixed widths tables of this many rows join seamlessly. */
const ROWS_PER_TABLE = 100;

const NO_LINES = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: GAP,
} as const;

/**
 * Renders rows as a table without lines, or returns null when they do not fit on the paper: the caller then prints
 * blocks instead. Nothing is ever cut off. Cells are sanitized by the caller. Columns without content are left out.
 */
export function renderGrid(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paper: Pick<Paper, "width" | "ink">,
): string[] | null {
  const used = columns.map((_, index) => rows.some((row) => row[index] !== ""));
  const keep = <T>(cells: readonly T[]) => cells.filter((_, index) => used[index]);
  const kept = keep(columns);
  const cells = rows.map(keep);
  const fit = fitColumns(kept, cells, paper.width);
  if (fit === null) return null;

  const lines: string[] = [];
  const head = kept.map((column) => paper.ink.dim(column.head));
  for (let start = 0; start < cells.length; start += ROWS_PER_TABLE) {
    const chunk = cells.slice(start, start + ROWS_PER_TABLE);
    const table = new Table({
      chars: NO_LINES,
      // cli-table3 colours heads and borders by default, even into a pipe.
      style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
      colWidths: fit.widths,
      colAligns: kept.map((column) => column.align ?? "left"),
      wordWrap: fit.wraps,
    });
    table.push(...(start === 0 ? [head, ...chunk] : chunk).map((row) => [...row]));
    for (const line of table.toString().split("\n")) lines.push(line.trimEnd());
  }
  return lines;
}

/** Natural widths; the wrapping column takes what is left. Null: it does not fit. */
function fitColumns(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paperWidth: number,
): { readonly widths: number[]; readonly wraps: boolean } | null {
  const widths = columns.map((column, index) =>
    rows.reduce((widest, row) => Math.max(widest, textWidth(row[index] ?? "")), textWidth(column.head)),
  );
  const excess = widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length) - paperWidth;
  if (excess <= 0) return { widths, wraps: false };
  const wrapping = columns.findIndex((column) => column.wraps);
  const wrapped = (widths[wrapping] ?? 0) - excess;
  return wrapped < WRAPPED_WIDTH_MIN ? null : { widths: widths.with(wrapping, wrapped), wraps: true };
}

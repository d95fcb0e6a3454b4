export type CsvCell = string | number | boolean;

const RECORD_END = "\r\n";
const CONTROLS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** What a spreadsheet takes for a formula, also written in full width or behind spaces. */
const FORMULA = /^\s*[=+\-@＝＋－＠]/u;
/** RFC 4180 asks for quotes around the comma and the quote; spreadsheets of some countries separate by semicolon. */
const QUOTED = /[",;\s]/u;

/**
 * CSV as RFC 4180 has it, one record a piece. Text from captures is hostile input: control characters are left out, and
 * what a spreadsheet would execute begins with an apostrophe, which makes it text.
 */
export function* renderCsv(head: readonly string[], rows: Iterable<readonly CsvCell[]>): Generator<string> {
  yield recordOf(head);
  for (const row of rows) yield recordOf(row);
}

function recordOf(cells: readonly CsvCell[]): string {
  return cells.map(renderCell).join(",") + RECORD_END;
}

function renderCell(cell: CsvCell): string {
  if (typeof cell !== "string") return String(cell);
  const printable = cell.replace(CONTROLS, "");
  const text = FORMULA.test(printable) ? `'${printable}` : printable;
  return QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

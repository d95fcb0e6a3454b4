import type { StateName } from "../analysis/model.ts";
import type { SocketTable } from "../analysis/sockets.ts";
import { formatCount } from "./count.ts";
import { type Column, renderGrid } from "./grid.ts";
import { moreRows, noteLines } from "./notes.ts";
import { createPaper, type Paper } from "./paper.ts";
import { sanitize } from "./sanitize.ts";
import { joinSections } from "./sections.ts";
import { censusByHost, censusOfAll, type HostCensus } from "./socket-census.ts";
import { socketsHeadline, socketsOverTimeHeadline } from "./sockets-headline.ts";
import { INVISIBLE_SOCKETS } from "./sockets-table.ts";
import { SOCKET_STATES, ssName } from "./state-text.ts";
import { foldParts, padEnd, textWidth, wrapWords } from "./text-width.ts";
import type { StatesView } from "./view.ts";

const COUNT_COLUMNS: readonly Column[] = [
  ...SOCKET_STATES.map((state): Column => ({ head: ssName(state), align: "right" })),
  { head: "total", align: "right" },
];

/** `closewait states --count` for people: what `netstat -tan | awk` on each host would have counted. */
export function renderSocketCounts(table: SocketTable, view: StatesView): string {
  const paper = createPaper(view, table.at);
  const hosts = censusByHost(table.counts);
  const shown = hosts.slice(0, view.rowCountMax);
  const listed = hosts.length > 1 ? [...shown, censusOfAll(table.counts)] : shown;
  return joinSections([
    wrapWords(socketsHeadline(table, paper), paper.width).map(paper.ink.bold),
    [
      ...countRows(
        [{ head: "host" }],
        listed.map((census) => ({ lead: [sanitize(census.ip)], census })),
        paper,
      ),
      ...moreRows(shown.length, hosts.length, paper),
    ],
    paper.detail === "quiet" ? [] : noteLines([INVISIBLE_SOCKETS], paper),
  ]);
}

/** `closewait states --every D` for people: the counts of each moment and host, one row each. */
export function renderSocketsOverTime(tables: readonly SocketTable[], everySeconds: number, view: StatesView): string {
  const paper = createPaper(view, tables.at(-1)?.at ?? null);
  const rows = tables.flatMap((table) => {
    const hosts = censusByHost(table.counts);
    const time = paper.clock.millis(table.at);
    return (hosts.length === 0 ? [censusOfAll({})] : hosts).map((census) => ({
      lead: [time, hosts.length === 0 ? "none" : sanitize(census.ip)],
      census,
    }));
  });
  const shown = rows.slice(0, view.rowCountMax);
  return joinSections([
    wrapWords(socketsOverTimeHeadline(tables, everySeconds, paper), paper.width).map(paper.ink.bold),
    [...countRows([{ head: "time" }, { head: "host" }], shown, paper), ...moreRows(shown.length, rows.length, paper)],
    paper.detail === "quiet" ? [] : noteLines([INVISIBLE_SOCKETS], paper),
  ]);
}

interface CountRow {
  readonly lead: readonly string[];
  readonly census: HostCensus;
}

/** States that do not occur have no column; where the rest is too wide, the counts of a row follow each other. */
function countRows(leads: readonly Column[], rows: readonly CountRow[], paper: Paper): string[] {
  if (rows.length === 0) return [];
  const cells = rows.map(({ lead, census }) => [...lead, ...SOCKET_STATES.map((state) => cell(state, census, paper))]);
  const table = renderGrid(
    [...leads, ...COUNT_COLUMNS],
    cells.map((row, index) => [...row, formatCount(rows[index]?.census.total ?? 0)]),
    paper,
  );
  if (table !== null) return table;
  const widths = leads.map((_, index) => Math.max(...rows.map(({ lead }) => textWidth(lead[index] ?? ""))));
  return rows.flatMap((row) => inSequence(row, widths, paper));
}

function cell(state: StateName, { counts }: HostCensus, { ink }: Paper): string {
  const count = counts[state];
  if (count === undefined) return "";
  return state === "CLOSE-WAIT" ? ink.red(formatCount(count)) : formatCount(count);
}

function inSequence({ lead, census }: CountRow, widths: readonly number[], paper: Paper): string[] {
  const states = SOCKET_STATES.flatMap((state) => {
    const count = census.counts[state];
    return count === undefined ? [] : [`${formatCount(count)} ${ssName(state)}`];
  });
  const [first = "", ...rest] = [...states, `${formatCount(census.total)} in all`];
  const begin = lead.map((text, index) => padEnd(text, widths[index] ?? 0)).join("  ");
  return foldParts([`${begin}  ${first}`, ...rest], ", ", paper.width, "    ");
}

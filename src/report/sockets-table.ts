import type { Socket, SocketTable } from "../analysis/sockets.ts";
import { formatDuration } from "./duration.ts";
import { formatEndpoint } from "./endpoint-text.ts";
import { type Column, renderGrid } from "./grid.ts";
import { moreRows, noteLines } from "./notes.ts";
import { createPaper, type Paper } from "./paper.ts";
import { sanitize } from "./sanitize.ts";
import { joinSections } from "./sections.ts";
import { socketsHeadline } from "./sockets-headline.ts";
import { ASSUMED_LEGEND, ASSUMED_MARK, ssName } from "./state-text.ts";
import { foldParts, padEnd, wrapWords } from "./text-width.ts";
import { secondsBetween } from "./time-span.ts";
import type { StatesView } from "./view.ts";

const COLUMNS: readonly Column[] = [
  { head: "state" },
  { head: "local" },
  { head: "peer" },
  { head: "role" },
  { head: "since" },
  { head: "age", align: "right" },
];
const FLOW_COLUMN: Column = { head: "flow" };
const LONGEST_STATE = `FIN-WAIT-1${ASSUMED_MARK}`.length;

export const INVISIBLE_SOCKETS =
  "Listening sockets, and connections that sent nothing in the capture, are invisible and not listed.";

/** `closewait states` for people: the sockets of one moment, as `ss -tan` on their hosts would have listed them. */
export function renderSocketsTable(table: SocketTable, view: StatesView): string {
  const paper = createPaper(view, table.at);
  const quiet = paper.detail === "quiet";
  const shown = closeWaitFirst(table.sockets).slice(0, view.rowCountMax);
  const answer = wrapWords(socketsHeadline(table, paper), paper.width).map(paper.ink.bold);
  const notes = [...(shown.some((socket) => socket.assumed) ? [ASSUMED_LEGEND] : []), INVISIBLE_SOCKETS];
  return joinSections([
    answer,
    [...socketRows(shown, table, paper), ...moreRows(shown.length, table.sockets.length, paper)],
    quiet ? [] : noteLines(notes, paper),
  ]);
}

/** What the reader came for is not to be hidden behind the limit. */
function closeWaitFirst(sockets: readonly Socket[]): Socket[] {
  const isOther = ({ state }: Socket) => Number(state !== "CLOSE-WAIT");
  return sockets.toSorted((a, b) => isOther(a) - isOther(b));
}

/** The id of the flow is shown where there is room; where there is little, two lines a socket. */
function socketRows(sockets: readonly Socket[], { at }: SocketTable, paper: Paper): string[] {
  if (sockets.length === 0) return [];
  const rows = sockets.map((socket) => row(socket, at, paper));
  const withFlow = renderGrid(
    [...COLUMNS, FLOW_COLUMN],
    rows.map((cells, index) => [...cells, sanitize(sockets[index]?.flow ?? "")]),
    paper,
  );
  const table = withFlow ?? (paper.detail === "verbose" ? null : renderGrid(COLUMNS, rows, paper));
  return table ?? sockets.flatMap((socket) => block(socket, at, paper));
}

function row(socket: Socket, at: string, paper: Paper): string[] {
  return [
    paintState(socket, paper),
    formatEndpoint(socket.local),
    formatEndpoint(socket.peer),
    socket.role,
    paper.clock.millis(socket.since),
    age(socket, at),
  ];
}

function block(socket: Socket, at: string, paper: Paper): string[] {
  const ends = [
    `${padEnd(paintState(socket, paper), LONGEST_STATE)}  ${formatEndpoint(socket.local)}`,
    `⇄ ${formatEndpoint(socket.peer)}`,
  ];
  const parts = [`    ${socket.role}`, `since ${paper.clock.millis(socket.since)}`, `age ${age(socket, at)}`];
  if (paper.detail === "verbose") parts.push(`flow ${sanitize(socket.flow)}`);
  return [...foldParts(ends, " ", paper.width, "    "), ...foldParts(parts, ", ", paper.width, "    ")];
}

function age({ since }: Socket, at: string): string {
  const seconds = secondsBetween(since, at);
  return seconds === null ? "?" : formatDuration(seconds);
}

function paintState({ state, assumed }: Socket, { ink }: Paper): string {
  const text = `${ssName(state)}${assumed ? ASSUMED_MARK : ""}`;
  if (state === "CLOSE-WAIT") return ink.red(text);
  return state === "TIME-WAIT" ? ink.dim(text) : text;
}

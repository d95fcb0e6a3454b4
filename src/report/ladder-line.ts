import type { Ladder, LadderLine } from "../analysis/ladder.ts";
import type { Side, StateName, Timestamp } from "../analysis/model.ts";
import { ARROW_EXTRA_WIDTH, renderArrow } from "./arrow.ts";
import { ladderLabel } from "./ladder-label.ts";
import type { Paper } from "./paper.ts";
import { sanitize } from "./sanitize.ts";
import { foldParts, padEnd, textWidth } from "./text-width.ts";
import { secondsBetween } from "./time-span.ts";

const ARROW_WIDTH_MIN = 24;
const GAP = "  ";

/** Where everything stands: time, frames, the client's state, the arrow, the server's state. */
export interface Rungs {
  readonly start: Timestamp;
  /** Frames of several captures: a number alone does not say which. */
  readonly namesCaptures: boolean;
  readonly widths: { readonly time: number; readonly frames: number; readonly client: number; readonly server: number };
  readonly arrowWidth: number;
}

export type Cells = readonly [time: string, frames: string, client: string, arrow: string, server: string];

/** As wide as the widest cell; the arrow is as wide as what is left allows. */
export function layOutRungs({ flow, lines }: Ladder, lastStates: Record<Side, string>, paper: Paper): Rungs {
  const start = lines[0]?.at ?? flow.firstAt;
  const namesCaptures = flow.captures.length > 1;
  const widest = (texts: readonly string[]) => Math.max(...texts.map(textWidth));
  const states = (side: Side) => [side, lastStates[side], ...lines.map((line): string => line.states[side])];
  const widths = {
    time: widest(["time", ...lines.map((line) => elapsed(start, line.at))]),
    frames: widest(["frame", ...lines.map((line) => framesOf(line, namesCaptures))]),
    client: widest(states("client")),
    server: widest(states("server")),
  };
  const room = Object.values(widths).reduce((left, width) => left - width - GAP.length, paper.width);
  const widestArrow = ARROW_EXTRA_WIDTH + widest(lines.map((line) => labelOf(line, paper).join(", ")));
  return { start, namesCaptures, widths, arrowWidth: Math.max(ARROW_WIDTH_MIN, Math.min(room, widestArrow)) };
}

export function joinCells([time, frames, client, arrow, server]: Cells, { widths, arrowWidth }: Rungs): string {
  const left = [time.padStart(widths.time), frames.padStart(widths.frames), padEnd(client, widths.client)];
  return [...left, padEnd(arrow, arrowWidth), padEnd(server, widths.server)].join(GAP).trimEnd();
}

/** The line itself; below it what did not fit on the arrow, and, unless there is room to the right, what it is evidence of. */
export function ladderLineText(line: LadderLine, before: LadderLine | null, rungs: Rungs, paper: Paper): string[] {
  const { ink } = paper;
  const { label, rest } = fitLabel(labelOf(line, paper), rungs.arrowWidth - ARROW_EXTRA_WIDTH);
  const arrow = renderArrow(line.from, label, rungs.arrowWidth);
  const text = joinCells(
    [
      elapsed(rungs.start, line.at),
      framesOf(line, rungs.namesCaptures),
      paintState(line.states.client, before?.states.client, paper),
      /[FR]/.test(line.flags) ? ink.yellow(arrow) : arrow,
      paintState(line.states.server, before?.states.server, paper),
    ],
    rungs,
  );
  const marks = line.marks.map((mark, index) => ink.bold(`${index === 0 ? "* " : ""}${sanitize(mark)}`));
  const beside = `${padEnd(text, rowWidth(rungs))}${GAP}${marks.join(", ")}`;
  if (rest.length === 0 && textWidth(beside) <= paper.width) return [beside.trimEnd()];
  return [text, ...[rest, marks].flatMap((parts) => below(parts, rungs, paper))];
}

function labelOf(line: LadderLine, { detail }: Paper): string[] {
  return ladderLabel(line, detail === "verbose");
}

/** As many parts as fit on the arrow; the first always does. */
function fitLabel(
  parts: readonly string[],
  width: number,
): { readonly label: string; readonly rest: readonly string[] } {
  let count = 1;
  while (count < parts.length && textWidth(parts.slice(0, count + 1).join(", ")) <= width) count += 1;
  return { label: parts.slice(0, count).join(", "), rest: parts.slice(count) };
}

/** Under the label of the arrow, or, where that is too far to the right, under the client's state. */
function below(parts: readonly string[], { widths }: Rungs, { width }: Paper): string[] {
  const [first, ...more] = parts;
  if (first === undefined) return [];
  const client = widths.time + widths.frames + 2 * GAP.length;
  const label = client + widths.client + GAP.length + "── ".length;
  const foldAt = (column: number) => {
    const indent = " ".repeat(column);
    return foldParts([indent + first, ...more], ", ", width, indent + GAP);
  };
  const lines = foldAt(label);
  return lines.every((line) => textWidth(line) <= width) ? lines : foldAt(client);
}

function rowWidth({ widths, arrowWidth }: Rungs): number {
  return Object.values(widths).reduce((sum, width) => sum + width + GAP.length, arrowWidth);
}

/** Seconds to the microsecond: what matters between a FIN and its acknowledgment. */
function elapsed(start: Timestamp, at: Timestamp): string {
  const seconds = secondsBetween(start, at);
  return seconds === null ? "?" : seconds.toFixed(6);
}

/** `7`, `7-19`, and with several captures `0:7`. */
function framesOf({ capture, frame, lastFrame }: LadderLine, namesCaptures: boolean): string {
  const frames = lastFrame === frame ? `${frame}` : `${frame}-${lastFrame}`;
  return namesCaptures ? `${capture}:${frames}` : frames;
}

/** A state that lasts is dim: the eye finds the changes. */
function paintState(state: StateName, before: StateName | undefined, { ink }: Paper): string {
  if (state === before) return ink.dim(state);
  return state === "CLOSE-WAIT" ? ink.red(state) : ink.bold(state);
}

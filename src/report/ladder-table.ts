import type { Ladder } from "../analysis/ladder.ts";
import type { Flow, Side } from "../analysis/model.ts";
import { countOf, formatCount } from "./count.ts";
import { formatEndpoint } from "./endpoint-text.ts";
import { REASON_MEANINGS } from "./flow-notes.ts";
import { ladderHeadline } from "./ladder-headline.ts";
import { joinCells, ladderLineText, layOutRungs, type Rungs } from "./ladder-line.ts";
import { noteLines } from "./notes.ts";
import { createPaper, type Paper } from "./paper.ts";
import { sanitize } from "./sanitize.ts";
import { joinSections } from "./sections.ts";
import { ASSUMED_LEGEND, ASSUMED_MARK } from "./state-text.ts";
import { foldParts, wrapWords } from "./text-width.ts";
import type { View } from "./view.ts";

/** `closewait show` for people: the client on the left, the server on the right, their states after each line. */
export function renderLadder(ladder: Ladder, view: View): string {
  const { flow } = ladder;
  const paper = createPaper(view, flow.firstAt);
  const lastStates = { client: lastState(flow, "client"), server: lastState(flow, "server") };
  const rungs = layOutRungs(ladder, lastStates, paper);
  return joinSections([
    [
      ...wrapWords(ladderHeadline(flow, paper), paper.width).map(paper.ink.bold),
      ...foldParts(endsOf(flow), " ", paper.width, ""),
      ...foldParts(aboutFlow(flow, rungs, paper), ", ", paper.width, ""),
    ],
    [
      paper.ink.dim(joinCells(["time", "frame", "client", "", "server"], rungs)),
      ...lines(ladder, rungs, paper),
      joinCells(["end", "", lastStates.client, "   of observation", lastStates.server], rungs),
    ],
    paper.detail === "quiet" ? [] : noteLines(notes(ladder, paper), paper),
  ]);
}

function endsOf({ client, server, roles }: Flow): string[] {
  const guessed = roles === "guessed" ? "?" : "";
  return [`${formatEndpoint(client)} (client${guessed})`, `→ ${formatEndpoint(server)} (server${guessed})`];
}

function aboutFlow(flow: Flow, { start }: Rungs, { clock, detail }: Paper): string[] {
  const { segments, payloadBytes, id } = flow;
  return [
    `${formatCount(segments.client)} / ${countOf(segments.server, "segment")}`,
    `${formatCount(payloadBytes.client)} / ${countOf(payloadBytes.server, "byte")}`,
    `time 0 is ${clock.exact(start)} ${clock.zone(start)}`,
    ...(detail === "verbose" ? [`flow ${sanitize(id)}`] : []),
  ];
}

function lines({ lines, leftOut }: Ladder, rungs: Rungs, paper: Paper): string[] {
  const texts = lines.map((line, index) => ladderLineText(line, lines[index - 1] ?? null, rungs, paper));
  if (leftOut === 0) return texts.flat();
  const gap = paper.ink.dim(`… ${countOf(leftOut, "line")} left out`);
  return texts.toSpliced(Math.ceil(texts.length / 2), 0, [gap]).flat();
}

/** At the end of observation, timers included. */
function lastState({ states, assumed }: Flow, side: Side): string {
  return `${states[side]}${assumed.includes(side) ? ASSUMED_MARK : ""}`;
}

function notes({ flow }: Ladder, { detail }: Paper): string[] {
  const numbers = detail === "verbose" ? "relative (absolute)" : "relative, -v shows absolute ones";
  return [
    `Time is in seconds; states are those after the line; sequence numbers are ${numbers}.`,
    ...(flow.captures.length > 1 ? ["A frame is written capture:frame; captures are counted from 0."] : []),
    ...(flow.assumed.length > 0 ? [ASSUMED_LEGEND] : []),
    ...(flow.roles === "guessed" ? ["Which end is the client is guessed: no handshake was captured."] : []),
    ...flow.reasons.map((reason) => `${sanitize(reason)}: ${REASON_MEANINGS[reason] ?? "see the documentation"}.`),
  ];
}

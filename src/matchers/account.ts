import type { Ladder } from "../analysis/ladder.ts";
import type { Analysis, Evidence, Finding, Flow, HalfCloseEnd, Side } from "../analysis/model.ts";
import { provenanceOf } from "../record/recordings.ts";
import { wasHalfClosed } from "../report/age.ts";
import { countOf, formatCount } from "../report/count.ts";
import { formatDuration } from "../report/duration.ts";
import { formatEndpoint } from "../report/endpoint-text.ts";
import { ladderHeadline } from "../report/ladder-headline.ts";
import { renderLadder } from "../report/ladder-table.ts";
import { createPaper, type Paper } from "../report/paper.ts";
import { sanitize } from "../report/sanitize.ts";
import { showHint } from "../report/show-hint.ts";
import type { View } from "../report/view.ts";
import type { Outcome } from "./outcome.ts";

/** Flows with all of their evidence, and in a line each, at most. */
export const DETAILED_COUNT_MAX = 3;
const LISTED_COUNT_MAX = 10;

const VIEW: View = { width: 100, colour: false, timeZone: "UTC", detail: "quiet" };

/** Why a test failed, for whoever has to act on it: what is the case, then flow by flow who holds what since when, and where to look. */
export function accountOf(
  outcome: Outcome,
  analysis: Analysis,
  isNot: boolean,
  ladders: ReadonlyMap<string, Ladder> = provenanceOf(analysis)?.ladders ?? new Map(),
): string {
  const expected = isNot ? outcome.opposite : outcome.claim;
  return [`expected ${expected}, but ${outcome.found}`, ...evidenceOf(outcome, analysis, ladders)].join("\n\n");
}

/** What shows it, in paragraphs. */
export function evidenceOf(
  { flows, findings = [] }: Outcome,
  analysis: Analysis,
  ladders: ReadonlyMap<string, Ladder> = new Map(),
): string[] {
  const detailed = flows.slice(0, DETAILED_COUNT_MAX);
  const listed = flows.slice(DETAILED_COUNT_MAX, LISTED_COUNT_MAX);
  const paper = createPaper(VIEW, flows[0]?.firstAt ?? null);
  const more = flows.length - detailed.length - listed.length;
  const patterns = findings.length > 0 ? findings : findingsOn(flows, analysis);
  const others = [
    ...listed.map((flow) => headlineOf(flow, paper)),
    ...(more > 0 ? [`… and ${formatCount(more)} more`] : []),
  ];
  return [
    ...detailed.map((flow) => flowText(flow, ladders.get(flow.id), analysis, paper)),
    ...(others.length > 0 ? [others.join("\n")] : []),
    ...patterns.slice(0, LISTED_COUNT_MAX).map(findingText),
    ...footer(analysis, flows),
  ];
}

/** The patterns that these flows are part of: what to look at next. */
function findingsOn(flows: readonly Flow[], { findings }: Analysis): readonly Finding[] {
  const ids = new Set(flows.map(({ id }) => id));
  return findings.filter((finding) => finding.flows.some((id) => ids.has(id)));
}

function flowText(flow: Flow, ladder: Ladder | undefined, analysis: Analysis, paper: Paper): string {
  const lines = ladder === undefined ? evidenceLines(flow, analysis, paper) : ladderLines(ladder);
  return [headlineOf(flow, paper), ...lines.map((line) => `  ${line}`.trimEnd())].join("\n");
}

/** `closer: 127.0.0.1:41234, holder: 127.0.0.1:8080 in CLOSE-WAIT for at least 1.5 s (stuck)`. */
function headlineOf(flow: Flow, paper: Paper): string {
  const { closer, holder } = flow;
  if (closer === null || holder === null || !wasHalfClosed(flow)) {
    return `client: ${formatEndpoint(flow.client)}, server: ${formatEndpoint(flow.server)}: ${ladderHeadline(flow, paper)}`;
  }
  const { seconds, status, atLeast } = flow.halfClose;
  const age = `${atLeast ? "for at least" : "for"} ${formatDuration(seconds)} (${status})`;
  const ends = `closer: ${formatEndpoint(flow[closer])}, holder: ${formatEndpoint(flow[holder])}`;
  return `${ends} (the ${holder}) ${status === "ended" ? "was " : ""}in CLOSE-WAIT ${age}`;
}

/** The table of `closewait show`, without what the headline says. */
function ladderLines(ladder: Ladder): string[] {
  const table = renderLadder(ladder, VIEW).split("\n\n").slice(1).join("\n\n");
  return table.trimEnd().split("\n");
}

/** What an analysis says of a flow: the frames to look at. */
function evidenceLines(flow: Flow, analysis: Analysis, paper: Paper): string[] {
  const row = ({ at, capture, frame }: Evidence, text: string) => {
    const file = analysis.captures.length > 1 ? ` of ${sanitize(analysis.captures[capture]?.path ?? "")}` : "";
    return `${paper.clock.millis(at)}  frame ${frame}${file}: ${text}`;
  };
  const { halfClose, closer, holder } = flow;
  if (halfClose === null)
    return [
      `last packet ${paper.clock.millis(flow.lastAt)}, client ${flow.states.client}, server ${flow.states.server}`,
    ];
  const { fin, finAck, end, bytesAfterFin, lastSignOfLifeAt } = halfClose;
  const times = fin.copies > 1 ? `, sent ${fin.copies} times` : "";
  return [
    row(fin, `FIN of the ${closer}${times}`),
    row(finAck, `the ${holder} acknowledges it: CLOSE-WAIT`),
    ...(end === null ? [] : [row(end, ENDED[end.by](end.sender))]),
    `${paper.clock.millis(lastSignOfLifeAt)}  last packet of the ${holder}, which sent ${countOf(bytesAfterFin, "byte")} after that FIN`,
  ];
}

const ENDED: Readonly<Record<HalfCloseEnd["by"], (sender: Side) => string>> = {
  fin: (sender) => `FIN of the ${sender}: closed`,
  reset: (sender) => `RST of the ${sender}`,
  reuse: () => "the port is used again",
};

function findingText({ kind, severity, summary, advice, flowCount }: Finding): string {
  const next = advice === "" ? [] : [`  Next: ${sanitize(advice)}`];
  return [`${sanitize(kind)} (${severity}, ${countOf(flowCount, "flow")})`, `  ${sanitize(summary)}`, ...next].join(
    "\n",
  );
}

/** Where to look further. */
function footer(analysis: Analysis, flows: readonly Flow[]): string[] {
  const provenance = provenanceOf(analysis);
  if (provenance === null)
    return flows.length === 0 ? [] : showHint(analysis, flows).map((hint) => hint.replaceAll("\u00a0", " "));
  const { file, dropped } = provenance;
  const lost =
    dropped > 0 ? [`The kernel dropped ${countOf(dropped, "packet")}: a missing FIN may be a missing packet.`] : [];
  return [[...lost, `Capture, kept: ${file.path}`].join("\n")];
}

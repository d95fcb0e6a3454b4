import { isTranslated } from "../compare/comparison.ts";
import type { ComparedFlow, Comparison, Discrepancy, LossTotal, PointName, PointView } from "../compare/model.ts";
import { clockLine, comparisonHeadline, FATES, pointLines } from "./comparison-headline.ts";
import { countOf, formatCount } from "./count.ts";
import { formatEndpoint } from "./endpoint-text.ts";
import { type Column, renderGrid } from "./grid.ts";
import { moreRows, noteLines } from "./notes.ts";
import { createPaper, type Paper } from "./paper.ts";
import { joinSections } from "./sections.ts";
import { foldParts, wrapWords } from "./text-width.ts";
import type { View } from "./view.ts";

/** How the text of `compare` is to look. */
export interface ComparisonView extends View {
  readonly rowCountMax: number;
}

const LOSS_COLUMNS: readonly Column[] = [
  { head: "segment" },
  { head: "of the" },
  { head: "way" },
  { head: "connections", align: "right" },
  { head: "never came", align: "right" },
  { head: "what became of it", wraps: true },
];

const FLOW_COLUMNS: readonly Column[] = [
  { head: "client" },
  { head: "server" },
  { head: "at A" },
  { head: "at B" },
  { head: "together" },
  { head: "seen at one point only", wraps: true },
];

/** `closewait compare` for people: what got lost between two capture points, and what that makes of each connection. */
export function renderComparison(comparison: Comparison, view: ComparisonView): string {
  const { points } = comparison;
  const paper = createPaper(view, points.a.until ?? points.b.until);
  const quiet = paper.detail === "quiet";
  const answer = wrapWords(comparisonHeadline(comparison), paper.width).map(paper.ink.bold);
  const about = quiet ? [] : [...pointLines(comparison, paper), ...wrapWords(clockLine(comparison), paper.width)];
  return joinSections([
    [...answer, ...about],
    lossesSection(comparison.losses, paper),
    flowsSection(comparison, paper, view.rowCountMax),
    quiet ? [] : noteLines(notes(comparison), paper),
  ]);
}

function lossesSection(losses: readonly LossTotal[], paper: Paper): string[] {
  if (losses.length === 0) return [];
  const rows = losses.map((loss) => [
    paintFate(loss.segment, loss, paper),
    loss.sender,
    way(loss.from),
    formatCount(loss.connections),
    formatCount(loss.never),
    FATES[loss.fate],
  ]);
  const table = renderGrid(LOSS_COLUMNS, rows, { ...paper, width: paper.width - 2 });
  const lines = table?.map((line) => `  ${line}`) ?? losses.flatMap((loss) => block(loss, paper));
  return [paper.ink.bold("Control segments that only one point saw"), ...lines];
}

function block(loss: LossTotal, paper: Paper): string[] {
  const { segment, sender, from, connections, never, fate } = loss;
  const count = `${countOf(connections, "connection")}, ${formatCount(never)} never came`;
  const parts = [`  ${paintFate(segment, loss, paper)} of the ${sender}`, way(from), count, FATES[fate]];
  return foldParts(parts, ", ", paper.width, "    ");
}

function paintFate(text: string, { fate, never }: LossTotal, { ink }: Paper): string {
  return fate !== "not-captured" && never > 0 ? ink.red(text) : text;
}

const way = (from: PointName): string => (from === "a" ? "A to B" : "B to A");

function flowsSection({ flows }: Comparison, paper: Paper, rowCountMax: number): string[] {
  const shown = flows.slice(0, rowCountMax);
  if (shown.length === 0) return [];
  const rows = shown.map((flow) => row(flow, paper));
  const table = renderGrid(FLOW_COLUMNS, rows, { ...paper, width: paper.width - 2 });
  const lines =
    table?.map((line) => `  ${line}`) ??
    rows.flatMap(([client = "", server = "", a = "", b = "", together = "", seen = ""]) => [
      ...foldParts([`  ${client}`, `→ ${server}`], " ", paper.width, "    "),
      ...foldParts([`    A ${a}`, `B ${b}`, `together ${together}`], ", ", paper.width, "      "),
      ...(seen === "" ? [] : wrapWords(`    ${seen}`, paper.width, "      ")),
    ]);
  return [paper.ink.bold("Connections"), ...lines, ...moreRows(shown.length, flows.length, paper, "  ")];
}

function row(flow: ComparedFlow, paper: Paper): string[] {
  const { a, b, verdict } = flow;
  const differ = a?.verdict !== b?.verdict;
  return [
    ends(flow, "client"),
    ends(flow, "server"),
    verdictOf(a),
    verdictOf(b),
    differ ? paper.ink.red(verdict) : verdict,
    flow.discrepancies.map((found) => describe(found)).join("; "),
  ];
}

const verdictOf = (view: PointView | null): string => view?.verdict ?? "not seen";

/** `10.0.0.1:40000`, and behind a slash what translation makes of it: `10.0.0.1:40000 / 192.0.2.1:61000`. */
function ends(flow: ComparedFlow, side: "client" | "server"): string {
  const texts = [flow.a, flow.b].flatMap((view) => (view === null ? [] : [formatEndpoint(view[side])]));
  return [...new Set(texts)].join(" / ");
}

/** `FIN of the server lost (B frame 12, 6 copies)`. */
export function describe({ segment, sender, fate, seenAt, evidence, copies, arrivedLater }: Discrepancy): string {
  const frame = `${seenAt.toUpperCase()} frame ${evidence.frame}`;
  const missing = Math.abs(copies.a - copies.b);
  const many = missing > 1 ? `, ${countOf(missing, "copy", "copies")}` : "";
  const end = segment === "ACK of FIN" ? `the ${sender}'s ACK of the FIN` : `${segment} of the ${sender}`;
  const verb = {
    lost: "lost",
    "not-captured": `not captured at ${other(seenAt)}`,
    inserted: `not seen at ${other(seenAt)}`,
    unknown: `not seen at ${other(seenAt)}`,
  };
  return `${end} ${verb[fate]} (${frame}${many}${arrivedLater ? ", came later" : ""})`;
}

const other = (point: PointName): string => (point === "a" ? "B" : "A");

function notes(comparison: Comparison): string[] {
  const { totals, clock, losses, flows, points } = comparison;
  const has = (fate: LossTotal["fate"]) => losses.some((loss) => loss.fate === fate);
  const dropped = [...points.a.captures, ...points.b.captures].some((capture) => (capture.dropped ?? 0) > 0);
  return [
    ...(totals.onlyA + totals.onlyB > 0 ? [seenOnce(comparison)] : []),
    ...(totals.outside > 0
      ? [`${countOf(totals.outside, "connection")} lie outside the time when both points were capturing.`]
      : []),
    ...(flows.some(isTranslated)
      ? ["A slash separates the address at A from the one at B: the connection was recognised by its numbers."]
      : []),
    ...(has("inserted")
      ? [
          "A RST that its sender's side never saw was sent by a device in between, such as a firewall or load balancer, or is missing from that capture.",
        ]
      : []),
    ...(dropped
      ? ["A capture dropped packets itself: what seems lost between the points may only be missing there."]
      : []),
    ...(clock === null ? ["No segment was seen at both points: their clocks are taken to be right."] : []),
    "What a point saw before its first packet is unknown; only what lies within both captures can be missing.",
  ];
}

function seenOnce({ totals: { onlyA, onlyB } }: Comparison): string {
  const parts = [
    ...(onlyA > 0 ? [`${formatCount(onlyA)} at A only`] : []),
    ...(onlyB > 0 ? [`${formatCount(onlyB)} at B only`] : []),
  ];
  const reason = "another path, a capture filter, or a device that ends connections and makes its own";
  return `${countOf(onlyA + onlyB, "connection")} seen at one point: ${parts.join(", ")} (${reason}); --all lists them.`;
}

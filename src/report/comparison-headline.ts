import { basename } from "node:path";
import type { Side } from "../analysis/model.ts";
import type { Comparison, ControlKind, Fate, LossTotal, PointName } from "../compare/model.ts";
import { countOf, formatCount } from "./count.ts";
import { formatDuration } from "./duration.ts";
import type { Paper } from "./paper.ts";
import { sanitize } from "./sanitize.ts";
import { glue, wrapWords } from "./text-width.ts";

/** What became of a segment that only one point saw. */
export const FATES: Readonly<Record<Fate, string>> = {
  lost: "dropped between the points",
  "not-captured": "only missing from one capture",
  inserted: "not seen at that end: sent in between, or missed there",
  unknown: "which point is nearer to its sender is not known",
};

/** `Of 128 connections seen at both points, 34 FINs of the servers, sent at B, never reached A.` */
export function comparisonHeadline({ totals, losses, points }: Comparison): string {
  if (points.a.flows === 0 || points.b.flows === 0) {
    const empty = points.a.flows === 0 ? (points.b.flows === 0 ? "either point" : "A") : "B";
    return `Nothing to compare: no connection was seen at ${empty}.`;
  }
  if (totals.both === 0) return `No connection was seen at both points (${seen(points.a.flows, points.b.flows)}).`;
  const between = losses.filter(({ fate }) => fate !== "not-captured");
  const sentences = [...never(between), ...later(between)];
  const [first, ...more] = sentences;
  const once = totals.onlyA + totals.onlyB;
  // A SYN that never came may be that of a connection which only one point saw.
  const mayBeOfOthers = once > 0 && between.some(({ segment, never }) => segment === "SYN" && never > 0);
  const others = mayBeOfOthers ? ` and ${formatCount(once)} at one` : "";
  const subject = `Of ${countOf(totals.both, "connection")} seen at both points${others}`;
  if (first === undefined) return `${subject}, none lost a SYN, a FIN, its ACK or a RST in between${differ(totals)}.`;
  return [`${subject}, ${first}${differ(totals)}.`, ...more.map((text) => `${text}.`)].join(" ");
}

const seen = (a: number, b: number): string => `${formatCount(a)} at A, ${formatCount(b)} at B`;

function differ({ verdictsDiffer }: Comparison["totals"]): string {
  return verdictsDiffer === 0 ? "" : `; the points alone would tell ${formatCount(verdictsDiffer)} differently`;
}

/** What never came is said with its direction, the commonest first. */
function never(losses: readonly LossTotal[]): string[] {
  const gone = losses.filter((loss) => loss.never > 0).sort((x, y) => y.never - x.never);
  if (gone.length === 0) return [];
  const parts = gone.map(({ segment, sender, fate, from, never }) => {
    const subject = named(never, segment, sender);
    if (fate === "inserted") return `${subject} came by at ${upper(otherOf(from))} and not at ${upper(from)}`;
    if (fate === "unknown") return `${subject} came by at ${upper(from)} only`;
    return `${subject}, sent at ${upper(from)}, never reached ${upper(otherOf(from))}`;
  });
  return [parts.join("; ")];
}

function later(losses: readonly LossTotal[]): string[] {
  const bySegment = new Map<ControlKind, number>();
  for (const { segment, connections, never } of losses) {
    if (connections > never) bySegment.set(segment, (bySegment.get(segment) ?? 0) + connections - never);
  }
  if (bySegment.size === 0) return [];
  const parts = [...bySegment].map(([segment, count]) => countOf(count, segment, plural(segment)));
  const isOne = [...bySegment.values()].reduce((sum, count) => sum + count, 0) === 1;
  return [`${listed(parts)} ${isOne ? "was" : "were"} lost in between and came when sent again`];
}

const listed = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;

const named = (count: number, segment: ControlKind, sender: Side): string =>
  `${countOf(count, segment, plural(segment))} of the ${sender}${count === 1 ? "" : "s"}`;

const plural = (segment: ControlKind): string => (segment === "ACK of FIN" ? "ACKs of FINs" : `${segment}s`);

const upper = (point: PointName): string => point.toUpperCase();
const otherOf = (point: PointName): PointName => (point === "a" ? "b" : "a");

/** Each point: files, period, flows. */
export function pointLines({ points }: Comparison, paper: Paper): string[] {
  return (["a", "b"] as const).flatMap((point) => {
    const { captures, from, until, flows } = points[point];
    const [only] = captures;
    const name =
      captures.length === 1 && only !== undefined ? sanitize(basename(only.path)) : countOf(captures.length, "capture");
    const packets = captures.reduce((sum, capture) => sum + capture.packets, 0);
    const period =
      from === null || until === null
        ? ""
        : `${paper.clock.dateTime(from)} to ${paper.clock.time(until)} ${paper.clock.zone(until)}, `;
    const text = `${upper(point)}: ${name}: ${period}${countOf(packets, "packet")}, ${countOf(flows, "flow")}.`;
    return wrapWords(text, paper.width, "   ");
  });
}

/** `B's clock is 1.2 s ahead of A's (± 5 ms, half the round trip between the points; 42 segments).` */
export function clockLine({ clock }: Comparison): string {
  if (clock === null) return "The clocks could not be compared.";
  const { offsetSeconds, uncertaintySeconds, driftPpm, samples } = clock;
  const size = Math.abs(offsetSeconds);
  const unknown = uncertaintySeconds !== null && size <= uncertaintySeconds;
  const difference = glue(formatDuration(size));
  const stand = unknown
    ? `The clocks agree as far as can be told (B is ${difference} ${offsetSeconds < 0 ? "behind" : "ahead"}`
    : `B's clock is ${difference} ${offsetSeconds < 0 ? "behind" : "ahead of"} A's (`;
  const count = countOf(samples.a + samples.b, "segment");
  const doubt =
    uncertaintySeconds === null
      ? `${count} of one direction: the way between the points is part of it`
      : `± ${glue(formatDuration(uncertaintySeconds))}, half the round trip between the points; ${count}`;
  const drift = driftPpm === null ? "" : `, and gains ${Number(driftPpm.toPrecision(2))} µs a second`;
  return `${stand}${unknown ? ", " : ""}${doubt}${drift}).`;
}

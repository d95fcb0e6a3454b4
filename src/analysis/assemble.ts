import type { CaptureSummary } from "../capture/capture.ts";
import { linkTypeName } from "../capture/link-types.ts";
import { VERSION } from "../version.ts";
import type { SkipCounts } from "../wire/skip-reasons.ts";
import type { FlowsResult } from "./analyst.ts";
import { type Clock, toSeconds } from "./clock.ts";
import type { Analysis, CaptureProblem, CaptureReport, Totals } from "./model.ts";
import type { Observation } from "./observation.ts";
import type { AnalyzeOptions } from "./options.ts";

/** What the decoder counted. */
export interface DecodeCounts {
  readonly skipped: SkipCounts;
  readonly duplicates: number;
  /** TCP segments of each capture, duplicates not counted. */
  readonly segments: readonly number[];
}

export interface AnalysisParts {
  readonly clock: Clock;
  readonly observation: Observation;
  readonly captures: readonly CaptureSummary[];
  readonly counts: DecodeCounts;
  readonly flows: FlowsResult;
  readonly options: AnalyzeOptions;
}

/** Puts the parts together as the contract has them. */
export function assembleAnalysis(parts: AnalysisParts): Analysis {
  return {
    schemaVersion: 1,
    tool: { name: "closewait", version: VERSION },
    captures: parts.captures.map((capture, index) => captureReport(capture, index, parts)),
    totals: totalsOf(parts),
    options: optionsOf(parts.options),
    flows: parts.flows.flows,
    holders: parts.flows.holders,
    findings: [],
  };
}

function captureReport(capture: CaptureSummary, index: number, parts: AnalysisParts): CaptureReport {
  const { clock, observation, counts } = parts;
  const { firstAt, lastAt } = capture;
  const observedUntil = observation.endOfCapture(index);
  return {
    path: capture.path,
    format: capture.format,
    compression: capture.compression,
    linkTypes: capture.linkTypes,
    packets: capture.packets,
    tcpSegments: counts.segments[index] ?? 0,
    firstAt: firstAt === null ? null : clock.timestamp(firstAt),
    lastAt: lastAt === null ? null : clock.timestamp(lastAt),
    observedUntil: Number.isFinite(observedUntil) ? clock.timestamp(observedUntil) : null,
    durationSeconds: firstAt === null || lastAt === null ? 0 : toSeconds(lastAt - firstAt),
    cutShort: capture.cutShort,
    dropped: capture.dropped,
    problems: [
      ...capture.problems.map(({ kind, count, message }) => ({ kind, count, message })),
      ...unread(capture, counts),
    ],
  };
}

/** Link types whose frames could not be read. */
function unread(capture: CaptureSummary, { skipped }: DecodeCounts): CaptureProblem[] {
  return [...skipped.unknownLinkTypes]
    .map(([number, count]) => ({ name: linkTypeName(number), number, count }))
    .filter(({ name }) => capture.linkTypes.includes(name))
    .map(({ name, number, count }) => ({
      kind: "unknown-link-type",
      count,
      message: `link type ${name} (${number}) is not read: its packets were not looked at`,
    }));
}

function totalsOf({ captures, counts, flows }: AnalysisParts): Totals {
  const { byStatus, byVerdict, halfClosed } = flows.totals;
  const skipped = Object.entries(counts.skipped.byReason).filter(([, count]) => count > 0);
  return {
    packets: captures.reduce((sum, { packets }) => sum + packets, 0),
    tcpSegments: counts.segments.reduce((sum, segments) => sum + segments, 0),
    duplicates: counts.duplicates,
    skipped: Object.fromEntries(skipped),
    flows: flows.totals.flows,
    halfClosed,
    ...byStatus,
    undecided: byVerdict.undecided ?? 0,
    byVerdict,
  };
}

/** The options that shaped the result; functions and signals are not part of it. */
function optionsOf(options: AnalyzeOptions): Record<string, unknown> {
  const { minAgeSeconds, flows, until, from, to, selection, timeWaitSeconds, finTimeoutSeconds, reader } = options;
  const moment = (value: typeof until): string | null =>
    value === undefined
      ? null
      : value.kind === "end"
        ? "end"
        : `${value.kind === "relative" ? "+" : ""}${value.nanos}ns`;
  return {
    minAgeSeconds,
    flows,
    until: moment(until),
    from: moment(from),
    to: moment(to),
    selection,
    timeWaitSeconds,
    finTimeoutSeconds,
    reader,
  };
}

import type { CaptureSummary } from "../capture/capture.ts";
import { linkTypeName } from "../capture/link-types.ts";
import { VERSION } from "../version.ts";
import type { SkipCounts } from "../wire/skip-reasons.ts";
import type { FlowsResult } from "./analyst.ts";
import { toSeconds } from "./clock.ts";
import { hostNames } from "./host-names.ts";
import type { Analysis, CaptureAnnotations, CaptureProblem, CaptureReport, Finding, Totals } from "./model.ts";
import type { AnalyzeOptions } from "./options.ts";
import type { Reading } from "./reading.ts";

/** Puts the parts together as the contract has them. */
export function assembleAnalysis(reading: Reading, result: FlowsResult, findings: readonly Finding[] = []): Analysis {
  const names = hostNames(reading.captures, result);
  return {
    schemaVersion: 1,
    tool: { name: "closewait", version: VERSION },
    captures: captureReports(reading),
    ...(names && { names }),
    totals: totalsOf(reading, result),
    options: optionsOf(reading.options),
    flows: result.flows,
    holders: result.holders,
    findings,
  };
}

export const captureReports = (reading: Reading): CaptureReport[] =>
  reading.captures.map((capture, index) => captureReport(capture, index, reading));

function captureReport(capture: CaptureSummary, index: number, reading: Reading): CaptureReport {
  const { clock, observation, segments, decoder } = reading;
  const { firstAt, lastAt } = capture;
  const observedUntil = observation.endOfCapture(index);
  const annotations = annotationsOf(capture);
  return {
    path: capture.path,
    format: capture.format,
    compression: capture.compression,
    linkTypes: capture.linkTypes,
    packets: capture.packets,
    tcpSegments: segments[index] ?? 0,
    firstAt: firstAt === null ? null : clock.timestamp(firstAt),
    lastAt: lastAt === null ? null : clock.timestamp(lastAt),
    observedUntil: Number.isFinite(observedUntil) ? clock.timestamp(observedUntil) : null,
    durationSeconds: firstAt === null || lastAt === null ? 0 : toSeconds(lastAt - firstAt),
    cutShort: capture.cutShort,
    dropped: capture.dropped,
    problems: [
      ...capture.problems.map(({ kind, count, message }) => ({ kind, count, message })),
      ...unread(capture, decoder.skipped),
      ...(index === reading.captures.findIndex(({ packets }) => packets > 0) ? unseen(reading) : []),
    ],
    ...(annotations && { annotations }),
  };
}

function annotationsOf({ annotations }: CaptureSummary): CaptureAnnotations | null {
  if (annotations === null) return null;
  const { comments, commentsLeftOut, otherBlocks } = annotations;
  if (comments.length === 0 && otherBlocks.size === 0) return null;
  return { comments, commentsLeftOut, otherBlocks: Object.fromEntries(otherBlocks) };
}

/** Link types whose frames could not be read. */
function unread(capture: CaptureSummary, skipped: SkipCounts): CaptureProblem[] {
  return [...skipped.unknownLinkTypes]
    .map(([number, count]) => ({ name: linkTypeName(number), number, count }))
    .filter(({ name }) => capture.linkTypes.includes(name))
    .map(({ name, number, count }) => ({
      kind: "unknown-link-type",
      count,
      message: `link type ${name} (${number}) is not read: its packets were not looked at`,
    }));
}

const UNSEEN = {
  encrypted:
    "packets are encrypted (802.11, MACsec or PPP), and what they carry was not looked at: capture on one of the hosts, or decrypt first (802.11: airdecap-ng)",
  "fragment-incomplete":
    'fragments of TCP segments without the others, so these segments are missing: a capture filter by port passes first fragments only; add "or (ip[6:2] & 0x1fff != 0) or (ip6 proto 44)" to it',
} as const;

/** TCP that is there and could not be seen. It is counted over all captures; the first that has packets tells. */
function unseen({ captures, decoder: { skipped } }: Reading): CaptureProblem[] {
  const counts = { encrypted: skipped.byReason.encrypted, "fragment-incomplete": skipped.incompleteTcpFragments };
  const where = captures.length > 1 ? "all captures together: " : "";
  return (["encrypted", "fragment-incomplete"] as const)
    .filter((kind) => counts[kind] > 0)
    .map((kind) => ({ kind, count: counts[kind], message: where + UNSEEN[kind] }));
}

function totalsOf({ captures, segments, decoder }: Reading, flows: FlowsResult): Totals {
  const { byStatus, byVerdict, undecidedByReason, halfClosed } = flows.totals;
  const skipped = Object.entries(decoder.skipped.byReason).filter(([, count]) => count > 0);
  return {
    packets: captures.reduce((sum, { packets }) => sum + packets, 0),
    tcpSegments: segments.reduce((sum, count) => sum + count, 0),
    duplicates: decoder.duplicates,
    skipped: Object.fromEntries(skipped),
    flows: flows.totals.flows,
    halfClosed,
    ...byStatus,
    undecided: byVerdict.undecided ?? 0,
    undecidedByReason,
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

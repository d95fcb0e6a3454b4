import type { Analysis, Holder } from "../analysis/model.ts";
import { KINDS } from "../diagnosis/kinds.ts";
import { type HalfClosedFlow, halfClosedFlows, isAgeUnknown, isHalfClosed } from "./age.ts";
import { countOf, formatCount } from "./count.ts";
import { formatDuration } from "./duration.ts";
import { formatNamed } from "./endpoint-text.ts";
import type { Page } from "./page.ts";
import { glue } from "./text-width.ts";

export const AGE_UNKNOWN = "age unknown: no packet after the FIN's ACK; use --until";

/**
 * The first line is the answer: `34 connections are half-closed, all held by 10.0.0.2:8080 (server), the oldest for at
 * least 10 min 2 s, since 02:45:25 UTC.`
 */
export function headline(analysis: Analysis, page: Page): string {
  const { halfClosed } = analysis.totals;
  // Of what is undecided some may be half-closed.
  const proved = analysis.totals.undecided === 0 ? "" : " are proved";
  if (halfClosed === 0) return `No half-closed connections${proved}: ${whatThereWas(analysis)}.${cause(analysis)}`;
  const flows = halfClosedFlows(analysis);
  const known = flows.filter((flow) => !isAgeUnknown(flow, analysis.captures));
  const subject = halfClosed === 1 ? "1 connection is" : `${formatCount(halfClosed)} connections are`;
  const standing = `${subject} half-closed${inBrackets(qualifiers(analysis, flows.length - known.length))}`;
  return `${standing}${heldBy(analysis, page)}${sinceWhen(flows, known, page)}.${cause(analysis)}`;
}

/**
 * The findings follow; this says in the first sentence what they come down to. A cause is only what some of these half-closes are part of;
 * anything else was found besides. Remarks are neither.
 */
function cause({ findings, flows }: Analysis): string {
  const halfClosed = new Set(flows.filter(isHalfClosed).map(({ id }) => id));
  const weighty = findings.filter(({ severity, kind }) => severity !== "low" && Object.hasOwn(KINDS, kind));
  const explaining = weighty.find((finding) => finding.flows.some((id) => halfClosed.has(id)));
  const worst = explaining ?? weighty[0];
  if (worst === undefined) return "";
  const others = weighty.length - 1;
  const more = others === 0 ? "" : `, and ${countOf(others, "other finding")}`;
  const label = explaining === undefined ? "Also found" : "Likely cause";
  return ` ${label}: ${inMidSentence(KINDS[worst.kind].title)} (${worst.kind})${more}.`;
}

/** An acronym stays as it is. */
const inMidSentence = (title: string): string => title.replace(/^[A-Z](?![A-Z])/, (letter) => letter.toLowerCase());

function whatThereWas({ totals }: Analysis): string {
  if (totals.packets === 0) return "the capture holds no packets";
  if (totals.tcpSegments === 0) return `no TCP in ${countOf(totals.packets, "packet")}`;
  if (totals.flows === 0) return `no flow was selected from ${countOf(totals.tcpSegments, "TCP segment")}`;
  const parts = [countOf(totals.flows, "flow")];
  if (totals.ended > 0) parts.push(`${formatCount(totals.ended)} of them half-closed for a while and ended`);
  if (totals.undecided > 0) parts.push(`${formatCount(totals.undecided)} undecided`);
  if (parts.length === 1) parts.push("none of them ever was");
  return parts.join(", ");
}

/** What is special about some or all of the half-closes: `2 still sending, 3 younger than 1 s`. */
function qualifiers(analysis: Analysis, unknownCount: number): string[] {
  const { halfClosed, draining, recent } = analysis.totals;
  const { minAgeSeconds } = analysis.options;
  const young =
    typeof minAgeSeconds === "number" ? `younger than ${glue(formatDuration(minAgeSeconds))}` : "just begun";
  const kinds = [
    { count: draining, text: "still sending" },
    { count: Math.max(0, recent - unknownCount), text: young },
    { count: unknownCount === halfClosed ? 0 : unknownCount, text: "of unknown age" },
  ].filter((kind) => kind.count > 0);
  return kinds.map(({ count, text }) => {
    if (halfClosed === 1) return text;
    return count === halfClosed ? `all ${text}` : `${formatCount(count)} ${text}`;
  });
}

function inBrackets(parts: readonly string[]): string {
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

function heldBy(analysis: Analysis, page: Page): string {
  const nameOf = ({ endpoint, role }: Holder) => `${formatNamed(endpoint, page.names)} (${role})`;
  const { halfClosed } = analysis.totals;
  const holders = analysis.holders.filter((holder) => holder.halfClosed > 0);
  const [first, second] = holders.toSorted((a, b) => b.halfClosed - a.halfClosed);
  if (first === undefined) return "";
  if (second === undefined) return `, ${halfClosed === 1 ? "" : "all "}held by ${nameOf(first)}`;
  if (first.halfClosed > second.halfClosed) {
    const most = first.halfClosed * 2 > halfClosed ? "most" : "the most";
    const share = `${most} (${formatCount(first.halfClosed)}) by ${nameOf(first)}`;
    return `, held by ${countOf(holders.length, "endpoint")}, ${share}`;
  }
  if (holders.length === 2) return `, held by ${nameOf(first)} and ${nameOf(second)}`;
  return `, held by ${countOf(holders.length, "endpoint")}, among them ${nameOf(first)}`;
}

function sinceWhen(flows: readonly HalfClosedFlow[], known: readonly HalfClosedFlow[], page: Page): string {
  const oldest = (known.length > 0 ? known : flows).reduce<HalfClosedFlow | null>(
    (found, flow) => (found === null || flow.halfClose.seconds > found.halfClose.seconds ? flow : found),
    null,
  );
  if (oldest === null) return "";
  const { since, seconds } = oldest.halfClose;
  const moment = `since ${glue(`${page.clock.time(since)} ${page.clock.zone(since)}`)}`;
  const which = flows.length === 1 ? ", " : ", the oldest ";
  if (known.length === 0) return `${which}${moment}; ${AGE_UNKNOWN}`;
  return `${which}for at least ${glue(formatDuration(seconds))}, ${moment}`;
}

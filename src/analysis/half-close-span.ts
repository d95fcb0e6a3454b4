import { type EndIndex, peerOf } from "../tcp/conversation.ts";
import type { EndHistory, FinHistory, FlowHistory, Sighting } from "../tcp/history.ts";
import { NANOS_PER_SECOND } from "./clock.ts";
import type { HalfCloseStatus } from "./model.ts";

/** The time one end spent in CLOSE-WAIT, in relative nanoseconds and ends by number: every flow has its span, few are put into words. */
export interface HalfCloseSpan {
  readonly closer: EndIndex;
  readonly holder: EndIndex;
  readonly fin: FinHistory;
  readonly finAck: Sighting;
  readonly since: number;
  /** When it ended, or how far it was observed. */
  readonly until: number;
  readonly endedBy: "fin" | "reset" | "reuse" | null;
  /** The old socket had gone unseen when its 4-tuple was used again: it lasted at least until its last sign of life. */
  readonly vanished: boolean;
}

/**
 * From the closer's FIN, proved by its acknowledgment, to the holder's own FIN, a reset or the reuse of the 4-tuple. Null when no FIN was
 * acknowledged, and when both ends closed at once (they pass through CLOSING, not CLOSE-WAIT).
 */
export function halfCloseSpan(history: FlowHistory, observedUntil: number): HalfCloseSpan | null {
  const { closer } = history;
  if (closer === null) return null;
  const { fin } = history.ends[closer];
  if (fin === null || fin.ack === null) return null;
  const holder = peerOf(closer);
  const end = endOf(history, history.ends[holder], observedUntil);
  const since = fin.effectiveAt;
  const until = Math.max(since, end.until);
  return { closer, holder, fin, finAck: fin.ack, since, until, endedBy: end.endedBy, vanished: end.vanished };
}

/** Whatever came first: the holder's FIN, seen or inferred, a reset, or the SYN of the next incarnation. */
function endOf(
  { reset, reusedBy }: FlowHistory,
  holder: EndHistory,
  observedUntil: number,
): Pick<HalfCloseSpan, "until" | "endedBy" | "vanished"> {
  const finAt = holder.fin?.at ?? holder.finInferredAt;
  if (finAt !== null && (reset === null || finAt <= reset.at)) return { until: finAt, endedBy: "fin", vanished: false };
  if (reset !== null) return { until: reset.at, endedBy: reset.byReuse ? "reuse" : "reset", vanished: false };
  if (reusedBy !== null) return { until: holder.last.at, endedBy: "reuse", vanished: true };
  return { until: observedUntil, endedBy: null, vanished: false };
}

export function statusOf(
  history: FlowHistory,
  span: HalfCloseSpan,
  observedUntil: number,
  minAgeSeconds: number,
): HalfCloseStatus {
  if (span.endedBy !== null) return "ended";
  const minAge = minAgeSeconds * NANOS_PER_SECOND;
  if (span.until - span.since < minAge) return "recent";
  const { lastPayloadAt } = history.ends[span.holder];
  const sentLately = lastPayloadAt !== null && lastPayloadAt > span.since && observedUntil - lastPayloadAt < minAge;
  return sentLately ? "draining" : "stuck";
}

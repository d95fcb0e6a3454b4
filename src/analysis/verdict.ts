import type { FlowHistory } from "../tcp/history.ts";
import type { Reason, Verdict } from "./model.ts";

/** An unacknowledged FIN or an unanswered SYN is sent again within so long; whoever was silent for longer was not there. */
const RETRANSMITTED_WITHIN_NANOS = 3e9;

/** A segment that crossed the FIN on its way could not yet acknowledge it. */
const CROSSING_NANOS = 0.3e9;

export interface Judgement {
  readonly verdict: Verdict;
  readonly reasons: readonly Reason[];
}

/** What is seen of these is how they ended: packets that are missing change nothing. */
const OVER: readonly Verdict[] = ["closed", "reset", "refused"];

/**
 * What became of a flow, as far as was seen until `until` (relative nanoseconds), and why not more can be said. `lossUntil`: until then
 * packets of it may be missing from the captures, whatever its own numbers show.
 */
export function judge(history: FlowHistory, until: number, lossUntil: number): Judgement {
  if (history.toItself) return { verdict: history.ends[0].fin === null ? "established" : "closed", reasons: [] };
  const reasons: Reason[] = [];
  const verdict = verdictOf(history, until, reasons);
  if (!history.fromStart) note(reasons, "mid-stream");
  const [a, b] = history.ends;
  if (a.seen !== b.seen && verdict !== "unanswered" && verdict !== "opening") note(reasons, "one-way-capture");
  if (a.hasGaps || b.hasGaps) note(reasons, "capture-loss");
  // A flow that another one followed was over by then, whatever was lost.
  const isOpen = !OVER.includes(verdict) && history.supersededAt === null;
  if (isOpen && history.firstAt < lossUntil) note(reasons, "capture-loss");
  if (a.hasAnomalies || b.hasAnomalies) note(reasons, "sequence-anomaly");
  return { verdict, reasons };
}

function note(reasons: Reason[], reason: Reason): void {
  if (!reasons.includes(reason)) reasons.push(reason);
}

function verdictOf(history: FlowHistory, until: number, reasons: Reason[]): Verdict {
  const [a, b] = history.ends;
  const { reset } = history;
  const bothClosed = (a.fin !== null || a.finInferredAt !== null) && (b.fin !== null || b.finInferredAt !== null);
  if (reset !== null) {
    if (reset.refused) return "refused";
    // Rule 6: a RST after both FINs leaves the close orderly.
    return bothClosed ? "closed" : "reset";
  }
  if (history.reusedBy !== null) {
    note(reasons, "reused");
    return bothClosed ? "closed" : "undecided";
  }
  if (bothClosed) return bothFins(history, until, reasons);
  if (a.fin !== null || b.fin !== null) return oneFin(history, until, reasons);
  if (a.finInferredAt !== null || b.finInferredAt !== null) {
    // One end closed, and its FIN is not in the capture: the other may have answered unseen as well.
    note(reasons, "capture-loss");
    return "undecided";
  }
  return noFin(history, until, reasons);
}

function bothFins(history: FlowHistory, until: number, reasons: Reason[]): Verdict {
  for (const fin of [history.ends[0].fin, history.ends[1].fin]) {
    if (fin === null || fin.ack !== null) continue;
    if (until - fin.at <= RETRANSMITTED_WITHIN_NANOS && history.supersededAt === null) return "closing";
    if (fin.copies > 1) return "fin-unacked";
    if (history.ends.every(({ seen }) => seen)) note(reasons, "ack-not-captured");
  }
  return "closed";
}

function oneFin(history: FlowHistory, until: number, reasons: Reason[]): Verdict {
  const closer = history.ends[0].fin !== null ? 0 : 1;
  const [me, peer] = closer === 0 ? history.ends : [history.ends[1], history.ends[0]];
  const { fin } = me;
  if (fin === null) return "undecided";
  if (fin.ack !== null) {
    // Rule 25: the holder's FIN may wait behind the closer's zero window.
    if (me.zeroWindowAt !== null && peer.lastProbeAt !== null && peer.lastProbeAt >= me.zeroWindowAt) {
      note(reasons, "closer-not-reading");
      return "undecided";
    }
    return "half-closed";
  }
  // Rule 3: what the silence after an unacknowledged FIN means depends on who was silent.
  const spokeAfter = peer.seen && peer.last.at > fin.at + CROSSING_NANOS;
  if (fin.copies > 1 && peer.seen) return "fin-unacked";
  if (spokeAfter || fin.payloadAckedOnly) return "fin-unacked";
  if (until - fin.at <= RETRANSMITTED_WITHIN_NANOS) return peer.seen ? "closing" : "undecided";
  if (peer.seen || fin.copies === 1) note(reasons, "ack-not-captured");
  return "undecided";
}

function noFin(history: FlowHistory, until: number, reasons: Reason[]): Verdict {
  const [a, b] = history.ends;
  if (history.fromStart && history.establishedAt === null) {
    const opener = history.ends[history.opener ?? 0];
    const peer = history.ends[history.opener === 1 ? 0 : 1];
    if (peer.syn === null && peer.payloadBytes === 0 && opener.syn !== null && opener.spokeAt === null) {
      if (history.blocked) note(reasons, "blocked-by-half-closed");
      const silent = until - opener.syn.lastAt > RETRANSMITTED_WITHIN_NANOS;
      return silent || opener.syn.copies > 1 || history.supersededAt !== null ? "unanswered" : "opening";
    }
    if (a.seen && b.seen) return history.synAckRepeated ? "opening" : openingOrEstablished(history);
  }
  return a.seen && b.seen ? "established" : "undecided";
}

/** Without the third ACK in the capture, payload of both ends shows that it came. */
function openingOrEstablished(history: FlowHistory): Verdict {
  const [a, b] = history.ends;
  return a.payloadBytes > 0 && b.payloadBytes > 0 ? "established" : "opening";
}

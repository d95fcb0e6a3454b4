import type { EndIndex } from "./conversation.ts";
import type { EndHistory, FlowHistory, Sighting } from "./history.ts";
import { after, type State, type StateEvent } from "./states.ts";

/** How long the kernels in the capture keep what no packet ends, in nanoseconds. */
export interface Timers {
  /** TIME-WAIT: 2 MSL. Linux: 60 s. */
  readonly timeWaitNanos: number;
  /** FIN-WAIT-2 of a socket that no process holds any more. Linux: tcp_fin_timeout, 60 s. */
  readonly finTimeoutNanos: number;
}

/** From `at` on, one end is in `state`. */
export interface StateSpan {
  readonly at: number;
  readonly state: State;
  /** The record that shows the change, if one does. */
  readonly evidence: Sighting | null;
  /** A timer decided, not a packet. */
  readonly assumed: boolean;
}

interface TimedEvent {
  readonly at: number;
  readonly event: StateEvent;
  readonly evidence: Sighting | null;
}

/** Every state of both ends of a flow, in order of time, with hindsight: CLOSE-WAIT begins with the FIN that a later ACK proves received. */
export function timelineOf(history: FlowHistory, timers: Timers): readonly [StateSpan[], StateSpan[]] {
  return [endTimeline(history, 0, timers), endTimeline(history, 1, timers)];
}

/** The state of an end at a moment; CLOSED before its first span. */
export function spanAt(spans: readonly StateSpan[], at: number): StateSpan {
  return (
    spans.findLast((span) => span.at <= at) ?? {
      at: Number.NEGATIVE_INFINITY,
      state: "CLOSED",
      evidence: null,
      assumed: false,
    }
  );
}

/** A connection to itself is one socket, which sends and receives every segment: it opens and closes simultaneously (RFC 9293 figures 7, 13). */
function selfEvents({ syn, fin, last }: EndHistory): TimedEvent[] {
  const events: TimedEvent[] = [];
  if (syn !== null) events.push({ at: syn.at, event: "snd SYN", evidence: syn });
  if (syn?.withAck) events.push({ at: syn.lastAt, event: "rcv SYN-ACK", evidence: syn });
  if (fin !== null) {
    events.push({ at: fin.at, event: "snd FIN", evidence: fin }, { at: fin.at, event: "rcv FIN", evidence: fin });
    if (last.at > fin.at) events.push({ at: last.at, event: "rcv ACK of FIN", evidence: last });
  }
  return events;
}

function endTimeline(history: FlowHistory, side: EndIndex, timers: Timers): StateSpan[] {
  const me = history.ends[side];
  const peer = history.ends[side === 0 ? 1 : 0];
  if (history.toItself && side === 1) return [];
  const events = history.toItself
    ? selfEvents(me)
    : [...openingEvents(history, side, me, peer), ...closingEvents(history, side, me, peer)];
  events.sort((a, b) => a.at - b.at);
  const spans: StateSpan[] = [];
  let state: State = "CLOSED";
  if (!history.fromStart) {
    state = "ESTABLISHED";
    spans.push({ at: history.firstAt, state, evidence: null, assumed: false });
  }
  for (const { at, event, evidence } of events) {
    expire(spans, history, side, timers, at);
    state = spans.at(-1)?.state ?? state;
    const next = after(state, event);
    const confirmed = event === "RST" && spans.at(-1)?.assumed === true;
    if (next !== state || confirmed) spans.push({ at, state: next, evidence, assumed: false });
  }
  expire(spans, history, side, timers, history.supersededAt ?? Number.POSITIVE_INFINITY);
  const { reopened } = history;
  if (reopened !== null && reopened.sender === side && spanAt(spans, reopened.at).state !== "CLOSED") {
    return [
      ...spans.filter(({ at }) => at < reopened.at),
      { at: reopened.at, state: "CLOSED", evidence: reopened, assumed: false },
    ];
  }
  if (history.supersededAt !== null && spans.at(-1)?.state !== "CLOSED") {
    spans.push({ at: history.supersededAt, state: "CLOSED", evidence: null, assumed: false });
  }
  return spans;
}

function openingEvents(history: FlowHistory, side: EndIndex, me: EndHistory, peer: EndHistory): TimedEvent[] {
  if (!history.fromStart) return [];
  const events: TimedEvent[] = [];
  const note = (event: StateEvent, evidence: Sighting | null, at = evidence?.at) => {
    if (at !== undefined) events.push({ at, event, evidence });
  };
  if (history.opener === side) {
    note("snd SYN", me.syn ?? peer.syn);
    if (history.openerAnswered || history.synAckRepeated) {
      // The SYN-ACK may have been captured before the SYN it answers, or not at all.
      const at = peer.syn?.at ?? me.spokeAt ?? me.syn?.lastAt ?? me.firstAt;
      note("rcv SYN-ACK", peer.syn, Math.max(at, me.syn?.at ?? at));
    }
    return events;
  }
  if (me.syn?.withAck) note("rcv SYN, snd SYN-ACK", me.syn);
  else if (me.syn)
    note("snd SYN", me.syn); // simultaneous open
  else if (me.seen ? history.reset?.sender !== side : history.openerAnswered) {
    note("rcv SYN, snd SYN-ACK", null, me.seen ? me.firstAt : (peer.spokeAt ?? peer.last.at));
  }
  const establishedAt = history.establishedAt ?? (me.syn === null ? peer.spokeAt : null);
  if (establishedAt !== null && !history.queueFull) {
    events.push({ at: establishedAt, event: "rcv ACK of SYN", evidence: null });
  }
  return events;
}

function closingEvents(history: FlowHistory, side: EndIndex, me: EndHistory, peer: EndHistory): TimedEvent[] {
  const events: TimedEvent[] = [];
  if (me.fin !== null) {
    events.push({ at: me.fin.at, event: "snd FIN", evidence: me.fin });
    if (me.fin.ackArrivedAt !== null) {
      const at = Math.max(me.fin.ackArrivedAt, me.fin.at);
      events.push({ at, event: "rcv ACK of FIN", evidence: me.fin.ack });
    }
  } else if (me.finInferredAt !== null) {
    events.push({ at: me.finInferredAt, event: "snd FIN", evidence: null });
    events.push({ at: me.finInferredAt, event: "rcv ACK of FIN", evidence: null });
  }
  if (peer.fin?.ack) {
    // When both closed at once, each had sent its FIN before it received the other's.
    const notBefore = history.simultaneousClose && me.fin !== null ? me.fin.at : Number.NEGATIVE_INFINITY;
    events.push({ at: Math.max(peer.fin.effectiveAt, notBefore), event: "rcv FIN", evidence: peer.fin });
  }
  if (!peer.fin && peer.finInferredAt !== null)
    events.push({ at: peer.finInferredAt, event: "rcv FIN", evidence: null });
  const { reset } = history;
  // A reset after unanswered probes went into a dead path: its receiver does not know of it.
  if (reset !== null && (reset.sender === side || !reset.afterUnansweredProbes)) {
    events.push({ at: reset.at, event: "RST", evidence: reset });
  }
  return events;
}

/** Ends the last state by its timer, if that runs out before `until`. */
function expire(spans: StateSpan[], history: FlowHistory, side: EndIndex, timers: Timers, until: number): void {
  const last = spans.at(-1);
  if (last === undefined) return;
  const at = expiryOf(last, history, side, timers);
  if (at !== null && at < until)
    spans.push({ at, state: after(last.state, "time-out"), evidence: null, assumed: true });
}

function expiryOf(span: StateSpan, history: FlowHistory, side: EndIndex, timers: Timers): number | null {
  const me = history.ends[side];
  const peer = history.ends[side === 0 ? 1 : 0];
  if (span.state === "TIME-WAIT") {
    // Restarted by a retransmitted FIN (RFC 9293 §3.10.7.4).
    return Math.max(span.at, peer.fin?.lastCopyAt ?? span.at) + timers.timeWaitNanos;
  }
  if (span.state === "FIN-WAIT-2" && isOrphan(me, peer, span.at)) return span.at + timers.finTimeoutNanos;
  return null;
}

/** Whoever probes, answers a probe, or acknowledges data, after its FIN was acknowledged still has a process behind it, and no timer. */
function isOrphan(me: EndHistory, peer: EndHistory, finAckedAt: number): boolean {
  const probed = me.lastProbeAt !== null && me.lastProbeAt > finAckedAt;
  const answeredProbe = peer.lastProbeAt !== null && peer.lastProbeAt > finAckedAt && me.aliveAt >= peer.lastProbeAt;
  const tookData = peer.bytesAfterPeerFin > 0 && peer.lastNewByteAt !== null && me.aliveAt >= peer.lastNewByteAt;
  return !probed && !answeredProbe && !(tookData && peer.lastNewByteAt > finAckedAt);
}

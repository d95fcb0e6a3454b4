import { type Control, FLAGS_SHIFT, HAS_TIMESTAMPS } from "../transcript/entries.ts";
import { ACK, FIN } from "../wire/segment-batch.ts";
import { advance, isAfter } from "../wire/sequence-number.ts";
import {
  ACK_DSACKED,
  ACK_SENT,
  ACK_TIMESTAMPED,
  ANOMALOUS,
  type End,
  FIN_ACK_ARRIVED,
  FIN_ACKED,
  FIN_ACKNOWLEDGES,
  FIN_BEYOND_HOLE,
  FIN_HAS_TIMESTAMPS,
  FIN_MOVED,
  FIN_SENT,
  FIN_WITH_PAYLOAD,
  SND_MAX_KNOWN,
  SOLID_PAYLOAD_SENT,
} from "./conversation.ts";
import { coverFin, has, observeControl, speak } from "./observe.ts";

/** A segment with FIN: the first, another copy, or an anomaly (rules 1, 2, 4, 5). */
export function receiveFin(me: End, peer: End, fin: Control, flags: number): void {
  const position = advance(fin.seq, fin.length);
  if (!has(me, FIN_SENT)) firstFin(me, peer, fin, position);
  else if (position === me.finSeq) copyOfFin(me, fin);
  else if (!has(me, FIN_ACKED) && isAfter(position, me.finSeq)) {
    // A FIN at another position: as long as none is acknowledged, the later one may be the true one.
    me.bits |= FIN_MOVED | ANOMALOUS;
    me.finCopies = 0;
    firstFin(me, peer, fin, position);
  } else me.bits |= ANOMALOUS;
  speak(me, fin.at);
  observeControl(me, peer, fin, flags & (ACK | FIN), position === me.finSeq ? 1 : 0);
  // Rule 2: record order is not sequence order, the acknowledgment may have been captured first.
  if (!has(me, FIN_ACKED) && has(peer, ACK_SENT) && peer.ack === advance(me.finSeq, 1)) {
    const { bits, ackAt, ackFrame, ackCapture, ackSeq, ackTsecr } = peer;
    const timestamped = (bits & ACK_TIMESTAMPED) !== 0;
    coverFin(me, ackAt, ackFrame, ackCapture, ackSeq, ackTsecr, timestamped, (bits & ACK_DSACKED) !== 0);
  }
}

function firstFin(me: End, peer: End, fin: Control, position: number): void {
  me.bits |= FIN_SENT;
  if (has(me, SND_MAX_KNOWN) && isAfter(fin.seq, me.sndMax)) me.bits |= FIN_BEYOND_HOLE;
  me.bits = fin.length > 0 ? me.bits | FIN_WITH_PAYLOAD : me.bits & ~FIN_WITH_PAYLOAD;
  me.finSeq = position;
  if (((fin.what >>> FLAGS_SHIFT) & ACK) !== 0) {
    me.bits |= FIN_ACKNOWLEDGES;
    me.finAckNumber = fin.ack;
  }
  me.finAt = fin.at;
  me.finFrame = fin.frame;
  me.finCapture = fin.capture;
  me.idleSinceAt = Math.max(lastPayloadAt(me), lastPayloadAt(peer));
  me.finCopies = fin.copies;
  me.finCopyAt = fin.lastAt;
  me.finLatestAt = fin.at;
  me.finPreviousAt = fin.at;
  if ((fin.what & HAS_TIMESTAMPS) !== 0) {
    me.bits |= FIN_HAS_TIMESTAMPS;
    me.finTsval = fin.tsval;
    me.finLatestTsval = fin.tsval;
    me.finPreviousTsval = fin.tsval;
  }
}

const lastPayloadAt = (end: End): number =>
  has(end, SOLID_PAYLOAD_SENT) ? end.lastPayloadAt : Number.NEGATIVE_INFINITY;

/** Rule 4: copies never change the closer. One after the covering ACK proves that this ACK was lost. */
function copyOfFin(me: End, fin: Control): void {
  me.finCopies += fin.copies;
  me.finCopyAt = Math.max(me.finCopyAt, fin.lastAt);
  if (has(me, FIN_ACKED)) {
    me.bits &= ~FIN_ACK_ARRIVED;
    return;
  }
  me.finPreviousAt = me.finLatestAt;
  me.finPreviousTsval = me.finLatestTsval;
  me.finLatestAt = fin.lastAt;
  me.finLatestTsval = fin.tsval;
}

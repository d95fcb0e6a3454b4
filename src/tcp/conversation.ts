import { type Cursor, cursorClass, layout, Pool } from "../transcript/layout.ts";

/**
 * What replay knows of one incarnation of a connection: two independent halves, one per sender, and what belongs to both. State belongs
 * to an end, not to a connection: each half holds what that end sent, and what its peer proved to have received.
 *
 * The records have a fixed size and lie in pools, so a folded flow costs the same whatever its transcript was.
 */

/** Bits of an end's `bits`. */
export const SEGMENTS_SEEN = 1 << 0;
export const SYN_SENT = 1 << 1;
export const SYN_ACK_SENT = 1 << 2;
export const FIN_SENT = 1 << 3;
/** The peer acknowledged the FIN: `finAck…` say when and where. */
export const FIN_ACKED = 1 << 4;
/** …and again after the last copy of the FIN, so that this end knows it. */
export const FIN_ACK_ARRIVED = 1 << 5;
export const DATA_SENT = 1 << 6;
export const BARE_SENT = 1 << 7;
export const ACK_SENT = 1 << 8;
/** `sndMax` is known from captured payload, SYN or FIN, never from a bare segment (rule 15). */
export const SND_MAX_KNOWN = 1 << 9;
export const ASKED = 1 << 10;
export const ASKED_LATER = 1 << 11;
export const ZERO_WINDOW = 1 << 12;
/** The FIN was captured beyond a hole in the sequence. */
export const FIN_BEYOND_HOLE = 1 << 13;
/** Payload was sent again after the FIN and before its acknowledgment: `refillAt`. */
export const REFILLED = 1 << 14;
export const FIN_HAS_TIMESTAMPS = 1 << 15;
export const ACK_TIMESTAMPED = 1 << 16;
export const ACK_DSACKED = 1 << 17;
export const FIN_ACK_TIMESTAMPED = 1 << 18;
export const FIN_ACK_DSACKED = 1 << 19;
/** The last segment carried payload that was more than a probe. */
export const LAST_WAS_PAYLOAD = 1 << 20;
export const SOLID_PAYLOAD_SENT = 1 << 21;
/** The FIN itself acknowledged the peer's FIN. */
export const FIN_COVERS_FIN = 1 << 22;
/** A second position was claimed for the FIN. */
export const FIN_MOVED = 1 << 23;
/** Sequence or acknowledgment numbers that fit nothing. */
export const ANOMALOUS = 1 << 24;

/** The first copy of the FIN carried payload. */
export const FIN_WITH_PAYLOAD = 1 << 25;

/** The first copy of the FIN carried an acknowledgment: `finAckNumber`. */
export const FIN_ACKNOWLEDGES = 1 << 26;

/** It sent something other than SYNs and RSTs. */
export const SPOKE = 1 << 27;

export const END = layout({
  firstAt: "f64",
  lastAt: "f64",
  /** First segment other than a SYN or RST: its SYN had been answered. */
  spokeAt: "f64",
  /** Last segment other than a RST, which a host may send without a socket. */
  aliveAt: "f64",
  payloadBytes: "f64",
  /** Payload that was under way when the connection was reset. */
  tailBytes: "f64",
  /** dataEnd minus the lowest sequence number with payload, unwrapped. */
  dataRange: "f64",
  /** When the last new octet was sent. */
  dataEndAt: "f64",
  lastPayloadAt: "f64",
  synAt: "f64",
  lastSynAt: "f64",
  finAt: "f64",
  /** Copies of the FIN sent before it was acknowledged: the last but one, and the last. */
  finPreviousAt: "f64",
  finLatestAt: "f64",
  /** Last copy of all. */
  finCopyAt: "f64",
  /** Last payload of either end before the FIN. */
  idleSinceAt: "f64",
  finAckAt: "f64",
  finAckArrivedAt: "f64",
  /** Payload sent again before the acknowledgment of the FIN: the last of it, and when it reached the highest octet. */
  refillAt: "f64",
  refillEndAt: "f64",
  ackAt: "f64",
  /** When an empty segment first stood at `bareSeq`. */
  bareAt: "f64",
  askAt: "f64",
  askLaterAt: "f64",
  zeroAt: "f64",
  probeAt: "f64",
  bits: "i32",
  segments: "i32",
  /** Bit n: seen in a capture whose number is n modulo 32. */
  captures: "i32",
  captureLow: "i32",
  captureHigh: "i32",
  isn: "i32",
  synFrame: "i32",
  synCapture: "i32",
  synCopies: "i32",
  /** Lowest sequence number captured from this end (rule 7). */
  seqLow: "i32",
  /** Next sequence number after all that was captured of SYN, payload and FIN. */
  sndMax: "i32",
  dataEnd: "i32",
  bareSeq: "i32",
  finSeq: "i32",
  finFrame: "i32",
  finCapture: "i32",
  finCopies: "i32",
  finTsval: "i32",
  finPreviousTsval: "i32",
  finLatestTsval: "i32",
  /** Acknowledgment number that the first copy of the FIN carried. */
  finAckNumber: "i32",
  finAckFrame: "i32",
  finAckCapture: "i32",
  finAckTsecr: "i32",
  /** Sequence number of the acknowledgment: where its sender stood. */
  finAckSeq: "i32",
  ack: "i32",
  ackSeq: "i32",
  ackFrame: "i32",
  ackCapture: "i32",
  ackTsecr: "i32",
  window: "i32",
  windowMax: "i32",
  /** Window scale shift + 1; 0 when no SYN with the option was seen. */
  scale: "i32",
  askSeq: "i32",
  askFrame: "i32",
  askCapture: "i32",
  askLaterSeq: "i32",
  askLaterFrame: "i32",
  askLaterCapture: "i32",
  lastFrame: "i32",
  lastCapture: "i32",
  /** Runs that ended in a probe (rule 11). */
  probes: "i32",
});

/** Bits of a conversation's `bits`. */
export const OPENER_KNOWN = 1 << 0;
export const OPENER_IS_B = 1 << 1;
/** The passive opener has proof of the third ACK since its last SYN-ACK. */
export const ESTABLISHED_BOTH = 1 << 2;
export const RESET = 1 << 3;
export const RESET_BY_B = 1 << 4;
export const RESET_HAD_ACK = 1 << 5;
export const REFUSED = 1 << 6;
/** A reset that would meet a challenge ACK (RFC 5961 §3.2): it stands only while its receiver stays silent. */
export const RESET_TENTATIVE = 1 << 7;
export const RESET_ANSWERED = 1 << 8;
/** A SYN of another incarnation came while this one had not ended: the pending… fields describe it (rule 8). */
export const PENDING = 1 << 9;
export const PENDING_FROM_B = 1 << 10;
/** The receiver of the pending SYN answered with the old incarnation's numbers. */
export const CHALLENGED = 1 << 11;
/** The reset came from the new incarnation: it answered a challenge ACK. */
export const RESET_BY_REUSE = 1 << 12;
/** A SYN-ACK was sent again after a valid third ACK (rule 13). */
export const SYN_ACK_REPEATED = 1 << 13;
/** The flow began with a SYN or SYN-ACK. */
export const FROM_START = 1 << 14;
/** The segment that the reset answers carried payload. */
export const RESET_ANSWERED_PAYLOAD = 1 << 15;
/** The sender of the reset had probed, and nothing came back. */
export const RESET_AFTER_PROBES = 1 << 16;
/** The pending SYN was taken up by the peer, so this incarnation had ended unseen. */
export const REUSED = 1 << 17;
/** This SYN met a half-closed incarnation of its 4-tuple, whose end answered with the old numbers. */
export const BLOCKED = 1 << 18;

export const CONVERSATION = layout({
  /** Record number of the first segment. */
  order: "f64",
  /** When the passive opener received the third ACK. */
  establishedAt: "f64",
  resetAt: "f64",
  answeredAt: "f64",
  pendingAt: "f64",
  pendingLastAt: "f64",
  pendingOrder: "f64",
  challengeAt: "f64",
  bits: "i32",
  resetFrame: "i32",
  resetCapture: "i32",
  answeredFrame: "i32",
  answeredCapture: "i32",
  pendingSeq: "i32",
  pendingLength: "i32",
  pendingFrame: "i32",
  pendingCapture: "i32",
  pendingCopies: "i32",
  pendingScale: "i32",
  pendingWindow: "i32",
  challengeAck: "i32",
  challengeFrame: "i32",
  challengeCapture: "i32",
});

export type End = Cursor<typeof END.fields>;
export type Conversation = Cursor<typeof CONVERSATION.fields>;

/** 0: endpoint A of the key, 1: endpoint B. */
export type EndIndex = 0 | 1;
export const peerOf = (end: EndIndex): EndIndex => (end === 0 ? 1 : 0);

const EndCursor = cursorClass(END);
const ConversationCursor = cursorClass(CONVERSATION);

/** Whose conversation it was, and what came after: written when it is over, in front of it. */
export const HEAD = layout({
  /** Record number of the 4-tuple's first segment: what outcomes are sorted by. */
  order: "f64",
  /** When the next incarnation's SYN came; NaN when none did. */
  supersededAt: "f64",
  ipv6: "i32",
  addressA: "i32",
  addressB: "i32",
  portA: "i32",
  portB: "i32",
  tunnel: "i32",
  word0: "i32",
  word1: "i32",
  word2: "i32",
  word3: "i32",
  word4: "i32",
  word5: "i32",
  word6: "i32",
  word7: "i32",
});

/** A record of the pool of conversations: the head, both ends and what they share. */
export const RECORD_WORDS = HEAD.words + CONVERSATION.words + 2 * END.words;

/** One conversation of a pool. */
export class ConversationView {
  readonly shared: Conversation;
  readonly ends: readonly [End, End];

  constructor(pool: Pool) {
    const first = HEAD.words + CONVERSATION.words;
    this.shared = new ConversationCursor(pool, HEAD.words);
    this.ends = [new EndCursor(pool, first), new EndCursor(pool, first + END.words)];
  }

  moveTo(index: number): void {
    this.shared.moveTo(index);
    this.ends[0].moveTo(index);
    this.ends[1].moveTo(index);
  }
}

/** The conversation in hand, which is being replayed, and the memory of all that were laid down. */
export class Conversations extends ConversationView {
  readonly pool: Pool;

  constructor() {
    const pool = new Pool(RECORD_WORDS);
    super(pool);
    this.pool = pool;
  }

  /** Index of the one in hand. */
  get inHand(): number {
    return this.shared.index;
  }

  /** Takes an empty conversation in hand, and lays down the one that was. */
  begin(): void {
    const index = this.pool.allocate();
    this.pool.clear(index);
    this.moveTo(index);
  }
}

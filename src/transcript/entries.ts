import { type Cursor, cursorClass, layout, Pool } from "./layout.ts";

/**
 * The transcript of a flow: a short list of entries in capture order. A *control* entry stands for one segment with SYN, FIN or RST;
 * between control entries one *run* per direction sums up all other segments. A run is an entry that is still being added to.
 *
 * Runs hold facts that need no context (counts, extremes, and when they were first reached). Whether a segment was a probe, a
 * retransmission or a challenge ACK depends on what came before, and is for replay to say. Every field joins: two runs, one after the
 * other, have the run of their union, so the transcript of a capture cut anywhere is its parts' transcripts joined.
 */

/** Bits of `what`, in every entry. */
export const CONTROL_ENTRY = 1 << 0;
export const SENT_BY_B = 1 << 1;

/** Further bits of a control entry's `what`; the segment's TCP flags stand above FLAGS_SHIFT. */
export const HAS_TIMESTAMPS = 1 << 2;
export const HAS_DSACK = 1 << 3;
/** It stands for more than one segment: the fields beside it are set. */
export const HAS_COPIES = 1 << 4;
export const FLAGS_SHIFT = 8;

/** Further bits of a run's `what`. */
export const HAS_PAYLOAD = 1 << 4;
export const HAS_BARE = 1 << 5;
export const HAS_ACK = 1 << 6;
/** Payload since the other direction's last payload: the ask* fields are set. */
export const HAS_ASK = 1 << 7;
/** The window has been zero since `zeroAt`. */
export const HAS_ZERO = 1 << 8;
export const ACK_HAS_TIMESTAMPS = 1 << 9;
export const ACK_HAS_DSACK = 1 << 10;
/** Payload that is more than single octets without PSH, which may be keep-alive probes: the lastPayload* fields are set. */
export const HAS_SOLID_PAYLOAD = 1 << 11;
/** One segment without payload, or one octet without PSH, stood one below the others (rule 11 calls it a probe): the probe* fields are set. */
export const HAS_PROBE = 1 << 12;
/** The run's payload began with an octet without PSH, a probe if it was sent before: the octet* fields are set. */
export const HAS_OCTET = 1 << 13;
/** The run began with empty segments at one number, and went on at another that does not say what they were: the start* fields are set. */
export const HAS_START = 1 << 2;
/** The run's payload ends with an octet without PSH behind other payload, a probe if it stands at a FIN: beforeEndAt is set. */
export const HAS_BEFORE = 1 << 3;
/** The highest empty segment stands above the run's payload, or above other empty ones: bareAt is set. */
export const HAS_BARE_AT = 1 << 14;
/** The number of the run's capture stands above. */
export const CAPTURE_SHIFT = 15;

/** No entry, no run, no state. */
export const NONE = -1;

/** 64 octets, one cache line. */
export const CONTROL = layout({
  at: "f64",
  order: "f64",
  next: "i32",
  what: "i32",
  capture: "i32",
  frame: "i32",
  seq: "i32",
  ack: "i32",
  length: "i32",
  window: "i32",
  /** Window scale shift + 1; 0 when the option was absent. */
  scale: "i32",
  tsval: "i32",
  tsecr: "i32",
});

/** Adjacent identical segments add up in one entry: few do, so it lies in the plane beside. See HAS_COPIES. */
export const CONTROL_BESIDE = layout({
  /** Of the last one. */
  copyAt: "f64",
  copyFrame: "i32",
  copyCount: "i32",
});

/** 128 octets, two cache lines that lie side by side. */
export const RUN = layout({
  firstAt: "f64",
  lastAt: "f64",
  payloadBytes: "f64",
  /** dataEnd minus the lowest sequence number with payload, unwrapped. */
  dataRange: "f64",
  dataEndAt: "f64",
  ackAt: "f64",
  lastPayloadAt: "f64",
  askAt: "f64",
  what: "i32",
  segments: "i32",
  lastFrame: "i32",
  /** Lowest sequence number of any segment. */
  seqLow: "i32",
  /** Highest end of a segment with payload; dataEndAt: when it was first reached. */
  dataEnd: "i32",
  /** Highest acknowledgment number; ackAt: when it was first reached; and what that segment carried. */
  ack: "i32",
  ackFrame: "i32",
  ackSeq: "i32",
  ackTsecr: "i32",
  /** As in the header, unscaled: the last window in the lower half, the largest in the upper. */
  windows: "i32",
  /** Highest sequence number of an empty segment. */
  bareSeq: "i32",
  lastPayloadFrame: "i32",
  /** First payload since the other direction's last payload. */
  askSeq: "i32",
  askFrame: "i32",
  next: "i32",
  firstFrame: "i32",
});

/** What few runs have: it lies in the plane beside them. */
export const RUN_BESIDE = layout({
  /** See HAS_ZERO. */
  zeroAt: "f64",
  /** The last probe, see HAS_PROBE. */
  probeAt: "f64",
  /** See HAS_OCTET; octetAt: its last copy before other payload. */
  octetAt: "f64",
  /** See HAS_START; startAt: the last segment before the others. */
  startAt: "f64",
  /** See HAS_BEFORE; dataEndAt without that octet. */
  beforeEndAt: "f64",
  /** When an empty segment first stood at bareSeq, see HAS_BARE_AT. */
  bareAt: "f64",
  probeSeq: "i32",
  octetSeq: "i32",
  startSeq: "i32",
});

export type Run = Cursor<typeof RUN.fields & typeof RUN_BESIDE.fields>;

const RunCursor = cursorClass(RUN, RUN_BESIDE);

export class Control extends cursorClass(CONTROL, CONTROL_BESIDE) {
  /** Segments this entry stands for. */
  get copies(): number {
    return (this.what & HAS_COPIES) === 0 ? 1 : this.copyCount;
  }

  get lastAt(): number {
    return (this.what & HAS_COPIES) === 0 ? this.at : this.copyAt;
  }

  get lastFrame(): number {
    return (this.what & HAS_COPIES) === 0 ? this.frame : this.copyFrame;
  }
}

/** An entry is named by its index in the pool of its kind: controls as 2i, runs as 2i + 1. */
export const controlEntry = (index: number): number => index * 2;
export const runEntry = (index: number): number => index * 2 + 1;
export const isRunEntry = (entry: number): boolean => (entry & 1) === 1;
export const entryIndex = (entry: number): number => entry >> 1;

/** The memory of all transcripts of one flow table. */
export class EntryPools {
  readonly controls = new Pool(CONTROL.words, CONTROL_BESIDE.words);
  readonly runs = new Pool(RUN.words, RUN_BESIDE.words);
}

/** Walks one flow's entries, first to last. One cursor serves all flows. */
export class EntryCursor {
  readonly control: Control;
  readonly run: Run;
  /** Whether the current entry is `control`; else it is `run`. */
  isControl = false;
  #first = NONE;
  #next = NONE;

  constructor(pools: EntryPools) {
    this.control = new Control(pools.controls);
    this.run = new RunCursor(pools.runs);
  }

  /** Sets out from an entry; `next()` steps onto it. */
  from(first: number): this {
    this.#first = first;
    this.#next = first;
    return this;
  }

  /** Back to before the first entry. */
  rewind(): void {
    this.#next = this.#first;
  }

  next(): boolean {
    const entry = this.#next;
    if (entry === NONE) return false;
    this.isControl = !isRunEntry(entry);
    if (this.isControl) this.#next = this.control.moveTo(entryIndex(entry)).next;
    else this.#next = this.run.moveTo(entryIndex(entry)).next;
    return true;
  }
}

import type { CaptureAnnotations } from "./annotations.ts";

/** Nanoseconds relative to the base time of the whole input (exact within ±104 days; see `CaptureSet.baseNanos`). */
export type RelativeNanos = number;

/**
 * The record a reader stands on. One object per reader, overwritten by each `next()`: nothing is allocated per packet,
 * and whoever needs a value later copies it.
 */
export interface CaptureRecord {
  /** The captured octets are `view[offset … offset + capturedLength)`. Valid until the next `next()` or `push()`. */
  view: DataView;
  offset: number;
  capturedLength: number;
  /** Length on the wire; not less than `capturedLength` except in broken files. */
  originalLength: number;
  time: RelativeNanos;
  /** LINKTYPE_ number of the interface the record was captured on. */
  linkType: number;
  /** Counts the records of this capture from 1, as Wireshark does. */
  frame: number;
}

/** A record before the first one was read. */
export function emptyRecord(): CaptureRecord {
  const view = new DataView(new ArrayBuffer(0));
  return { view, offset: 0, capturedLength: 0, originalLength: 0, time: 0, linkType: 0, frame: 0 };
}

/** Where frames go in batches: all of one batch lie in one view. */
export interface FrameSink {
  view: DataView;
  readonly rows: number;
  readonly isFull: boolean;
  /** Of the times appended. */
  readonly earliest: RelativeNanos;
  readonly latest: RelativeNanos;
  append(offset: number, capturedLength: number, originalLength: number, time: RelativeNanos, linkType: number): void;
}

/** Something wrong or remarkable in the data: counted and reported, never thrown. */
export interface Problem {
  readonly kind: string;
  count: number;
  message: string;
}

export type CaptureFormat = "pcap" | "pcapng";

/**
 * Turns pushed bytes of any chunking into records. Does no I/O.
 *
 * `next()` and `finish()` throw a CloseWaitError if the very first header is not that of a readable capture; from then on
 * nothing throws, and what goes wrong is in `problems`.
 */
export interface RecordReader {
  readonly format: CaptureFormat;
  readonly record: CaptureRecord;
  /** Time of the first record in nanoseconds since the epoch; null until a record with a time was read. */
  readonly firstNanos: bigint | null;
  /** LINKTYPE_ numbers of all interfaces declared so far. */
  readonly linkTypes: ReadonlySet<number>;
  /** Whether an interface declared so far counts time in units of less than a microsecond. */
  readonly isNanosecond: boolean;
  /** Packets dropped before the capture file, by the interfaces' own counters; null when the file says nothing. */
  readonly dropped: number | null;
  /** Latest end of observation the file itself states (pcapng isb_endtime); null when it says nothing. */
  readonly endNanos: bigint | null;
  readonly problems: readonly Problem[];
  /** What the file holds beside packets; null: the format has no room for it. */
  readonly annotations: CaptureAnnotations | null;
  /** True once the input ended inside a header, block or record. */
  readonly cutShort: boolean;
  /** Whether the octets of the record may be gone after the next `next()`, not only after the next `push()`. */
  readonly isPassing: boolean;
  /** True once no further record can come, whatever is pushed: the input is finished, or broken beyond this point. */
  readonly over: boolean;
  /** All `time`s are relative to this moment from now on (before: to the first record). Set before the second `next()`. */
  rebase(baseNanos: bigint): void;
  /** Hands over bytes. They must stay unchanged until `next()` has returned false. */
  push(chunk: Uint8Array): void;
  /** Steps to the next record; false when more bytes are needed, or the capture is over. */
  next(): boolean;
  /**
   * Appends the next records to a batch, as long as each can be read in the simplest way, lies in the batch's view and is not later than
   * `latest`: what `next()` would step through one by one. Readers without such a way leave everything to `next()`.
   */
  fill?(sink: FrameSink, latest: RelativeNanos): void;
  /** What is pushed next is the start of another capture of the same format; its frames count on. What was not read is lost. */
  restart?(): void;
  /** No more bytes will come. To be called when `next()` has returned false. */
  finish(): void;
}

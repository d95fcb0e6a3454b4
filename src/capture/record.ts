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

/** Something wrong or remarkable in the data: counted and reported, never thrown. */
export interface Problem {
  readonly kind: string;
  count: number;
  message: string;
}

/** Turns pushed bytes of any chunking into records. Does no I/O. */
export interface RecordReader {
  readonly format: "pcap" | "pcapng";
  readonly record: CaptureRecord;
  /** Time of the first record in nanoseconds since the epoch; null until a record was read. */
  readonly firstNanos: bigint | null;
  /** LINKTYPE_ numbers of all interfaces declared so far. */
  readonly linkTypes: ReadonlySet<number>;
  /** Packets dropped before the capture file, by the interfaces' own counters; null when the file says nothing. */
  readonly dropped: number | null;
  /** Latest end of observation the file itself states (pcapng isb_endtime); null when it says nothing. */
  readonly endNanos: bigint | null;
  readonly problems: readonly Problem[];
  /** True once the input ended inside a header, block or record. */
  readonly cutShort: boolean;
  /** All `time`s are relative to this moment from now on. Set before the second `next()`. */
  rebase(baseNanos: bigint): void;
  /** Hands over bytes. They must stay unchanged until `next()` has returned false. */
  push(chunk: Uint8Array): void;
  /** Steps to the next record; false when more bytes are needed, or the capture is over. */
  next(): boolean;
  /** No more bytes will come. */
  finish(): void;
}

/** Where a capture is written to. What is written lies in order; a header may be patched later. */
export interface ByteSink {
  write(octets: Uint8Array): void;
  patch(at: number, octets: Uint8Array): void;
}

/** A record on its way into a capture. */
export interface OutputRecord {
  readonly octets: Uint8Array;
  readonly originalLength: number;
  /** Nanoseconds since the epoch. */
  readonly nanos: bigint;
  readonly linkType: number;
  /** Number of the source capture. */
  readonly capture: number;
  readonly comments: readonly string[];
}

export interface CaptureWriter {
  /** Records whose time the format cannot hold: they were given the nearest one it can. */
  readonly unfitTimes: number;
  write(record: OutputRecord): void;
  /** Completes the capture. */
  finish(): void;
}

/** What a capture keeps of the one its records come from. */
export interface Origin {
  /** Its name; null when that is nobody's business. */
  readonly name: string | null;
  /** Times are written in nanoseconds; otherwise microseconds. */
  readonly isNanosecond: boolean;
  /** Packets lost in it; null when it says nothing. */
  readonly dropped: number | null;
  /** How far it was observed, nanoseconds since the epoch. */
  readonly observedUntil: bigint | null;
}

/** Rows of one batch: the columns together stay in the second-level cache. */
export const BATCH_ROWS = 512;

/** TCP header flags (RFC 9293 §3.1) as they stand in the `flags` column. */
export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
export const URG = 0x20;
export const ECE = 0x40;
export const CWR = 0x80;

/** Bits of the `traits` column. */
export const FROM_B = 0x01; // sent by the endpoint with the higher address and port
export const IPV6 = 0x02;
export const TIMESTAMPS = 0x04; // tsval and tsecr were there (RFC 7323 §3)
export const DSACK = 0x08; // the first SACK block lies below the acknowledgment number (RFC 2883)
export const SACK_PERMITTED = 0x10;
export const WINDOW_SCALE = 0x20; // a window scale option was there; its shift count is traits >>> SCALE_SHIFT
export const SCALE_SHIFT = 8;

/**
 * Segments on their way from the decoder to the flow table: one typed array per field, one row per segment, reused for ever.
 * The columns may lie on shared memory, which is where the pipeline is cut for threads.
 *
 * Endpoints are ordered: A is the one with the lower address, or with the lower port when the addresses are equal, so both directions
 * of a connection carry the same key; `traits & FROM_B` tells the direction. Self-connections (equal address and port) are all "from A".
 */
export class SegmentBatch {
  rows = 0;
  /** Rows that were in the batch before it was cleared. */
  #cleared = 0;
  /** Capture time, nanoseconds relative to the base time. */
  readonly time: Float64Array;
  /** Number of the record in the whole input, from 1: the order of capture (times may step backwards). */
  readonly order: Float64Array;
  readonly capture: Int32Array;
  /** Number of the frame in its capture, unsigned. */
  readonly frame: Int32Array;
  /** Seeded hash of the key. */
  readonly hash: Int32Array;
  /** IPv4 addresses, or two seeded 32-bit hashes of the IPv6 addresses, whose words are then in `words`. */
  readonly addressA: Int32Array;
  readonly addressB: Int32Array;
  /** portA << 16 | portB. */
  readonly ports: Int32Array;
  /** Identifier of the innermost tunnel that has one (VNI, GRE key, …), mixed to 32 bits with its kind; otherwise 0. Part of the key. */
  readonly tunnel: Int32Array;
  readonly seq: Int32Array;
  readonly ack: Int32Array;
  /** Payload octets on the wire, from the IP header: never from what was captured. */
  readonly length: Int32Array;
  readonly tsval: Int32Array;
  readonly tsecr: Int32Array;
  /** As in the header, not scaled. */
  readonly window: Uint16Array;
  readonly flags: Uint16Array;
  readonly traits: Uint16Array;
  /** Maximum segment size option of a SYN; 0 when absent. */
  readonly mss: Uint16Array;
  /** IPv4 identification; 0 for IPv6. */
  readonly identification: Uint16Array;
  /** Eight words per row: IPv6 address A, then B. Written only for rows with the IPV6 trait. */
  readonly words: Int32Array;

  constructor(buffer: ArrayBufferLike = new ArrayBuffer(SegmentBatch.octets)) {
    let offset = 0;
    const column = <T>(Column: new (b: ArrayBufferLike, o: number, n: number) => T, octets: number, perRow = 1): T => {
      const made = new Column(buffer, offset, BATCH_ROWS * perRow);
      offset += BATCH_ROWS * perRow * octets;
      return made;
    };
    this.time = column(Float64Array, 8);
    this.order = column(Float64Array, 8);
    this.capture = column(Int32Array, 4);
    this.frame = column(Int32Array, 4);
    this.hash = column(Int32Array, 4);
    this.addressA = column(Int32Array, 4);
    this.addressB = column(Int32Array, 4);
    this.ports = column(Int32Array, 4);
    this.tunnel = column(Int32Array, 4);
    this.seq = column(Int32Array, 4);
    this.ack = column(Int32Array, 4);
    this.length = column(Int32Array, 4);
    this.tsval = column(Int32Array, 4);
    this.tsecr = column(Int32Array, 4);
    this.words = column(Int32Array, 4, 8);
    this.window = column(Uint16Array, 2);
    this.flags = column(Uint16Array, 2);
    this.traits = column(Uint16Array, 2);
    this.mss = column(Uint16Array, 2);
    this.identification = column(Uint16Array, 2);
  }

  /** Rows that were ever in the batch. */
  get taken(): number {
    return this.#cleared + this.rows;
  }

  clear(): void {
    this.#cleared += this.rows;
    this.rows = 0;
  }

  /** Moves a row down over another one. */
  move(from: number, to: number): void {
    this.time[to] = this.time[from] as number;
    this.capture[to] = this.capture[from] as number;
    this.frame[to] = this.frame[from] as number;
    this.order[to] = this.order[from] as number;
    this.hash[to] = this.hash[from] as number;
    this.addressA[to] = this.addressA[from] as number;
    this.addressB[to] = this.addressB[from] as number;
    this.ports[to] = this.ports[from] as number;
    this.tunnel[to] = this.tunnel[from] as number;
    this.seq[to] = this.seq[from] as number;
    this.ack[to] = this.ack[from] as number;
    this.length[to] = this.length[from] as number;
    this.tsval[to] = this.tsval[from] as number;
    this.tsecr[to] = this.tsecr[from] as number;
    this.window[to] = this.window[from] as number;
    this.flags[to] = this.flags[from] as number;
    this.traits[to] = this.traits[from] as number;
    this.mss[to] = this.mss[from] as number;
    this.identification[to] = this.identification[from] as number;
    if (((this.traits[from] as number) & IPV6) !== 0) this.words.copyWithin(to * 8, from * 8, from * 8 + 8);
  }

  /** Size of the memory all columns of one batch need. */
  static readonly octets = BATCH_ROWS * (2 * 8 + 12 * 4 + 8 * 4 + 5 * 2);
}

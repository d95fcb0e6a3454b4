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

  constructor(buffer: ArrayBufferLike = new ArrayBuffer(SegmentBatch.octets), begin = 0) {
    let offset = begin;
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

  /** Moves a row down over another one. */
  move(from: number, to: number): void {
    this.copyRow(this, from, to);
  }

  /** Copies a row of another batch. */
  copyRow(batch: SegmentBatch, from: number, to: number): void {
    this.time[to] = batch.time[from] as number;
    this.order[to] = batch.order[from] as number;
    this.capture[to] = batch.capture[from] as number;
    this.frame[to] = batch.frame[from] as number;
    this.hash[to] = batch.hash[from] as number;
    this.addressA[to] = batch.addressA[from] as number;
    this.addressB[to] = batch.addressB[from] as number;
    this.ports[to] = batch.ports[from] as number;
    this.tunnel[to] = batch.tunnel[from] as number;
    this.seq[to] = batch.seq[from] as number;
    this.ack[to] = batch.ack[from] as number;
    this.length[to] = batch.length[from] as number;
    this.tsval[to] = batch.tsval[from] as number;
    this.tsecr[to] = batch.tsecr[from] as number;
    this.window[to] = batch.window[from] as number;
    this.flags[to] = batch.flags[from] as number;
    this.traits[to] = batch.traits[from] as number;
    this.mss[to] = batch.mss[from] as number;
    this.identification[to] = batch.identification[from] as number;
    if (((batch.traits[from] as number) & IPV6) === 0) return;
    for (let word = 0; word < 8; word++) this.words[to * 8 + word] = batch.words[from * 8 + word] as number;
  }

  /** Takes over the rows of another batch whose flows belong to shard `shard` of `count`: the hash decides, by bits the flow index does not use. */
  takeShare(batch: SegmentBatch, shard: number, count: number): void {
    const { hash, rows } = batch;
    let row = 0;
    for (let from = 0; from < rows; from++) {
      if (((hash[from] as number) >>> 22) % count === shard) this.copyRow(batch, from, row++);
    }
    this.rows = row;
  }

  /** Size of the memory all columns of one batch need. */
  static readonly octets = BATCH_ROWS * (2 * 8 + 12 * 4 + 8 * 4 + 6 * 2);
}

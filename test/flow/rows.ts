import { ACK, BATCH_ROWS, FROM_B, IPV6, SegmentBatch } from "../../src/wire/segment-batch.ts";

/** A segment as the decoder leaves it in a batch. */
export interface Row {
  readonly seconds: number;
  readonly flags?: number;
  readonly fromB?: boolean;
  readonly seq?: number;
  readonly ack?: number;
  readonly length?: number;
  /** Of endpoint A: tells flows apart. */
  readonly port?: number;
  /** Hash of the key; by default one that all flows share. */
  readonly hash?: number;
  readonly tunnel?: number;
  /** Last word of address A: an IPv6 row. The hashes of the addresses are the same for all. */
  readonly ipv6?: number;
}

/** Rows in batches, records numbered from `first`. */
export function batchesOf(rows: readonly Row[], first = 0): SegmentBatch[] {
  const batches: SegmentBatch[] = [];
  for (const [number, row] of rows.entries()) {
    if (number % BATCH_ROWS === 0) batches.push(new SegmentBatch());
    write(batches.at(-1) as SegmentBatch, row, first + number);
  }
  return batches;
}

function write(batch: SegmentBatch, given: Row, number: number): void {
  const { seconds, flags = ACK, fromB = false, seq = 1, ack = 1, length = 0 } = given;
  const { port = 40000, hash = 5, tunnel = 0, ipv6 = null } = given;
  const row = batch.rows++;
  batch.time[row] = seconds * 1e9;
  batch.frame[row] = number + 1;
  batch.order[row] = number;
  batch.hash[row] = hash;
  batch.addressA[row] = 0x0a00_0001;
  batch.addressB[row] = 0x0a00_0002;
  batch.ports[row] = (port << 16) | 80;
  batch.tunnel[row] = tunnel;
  batch.seq[row] = seq;
  batch.ack[row] = ack;
  batch.length[row] = length;
  batch.window[row] = 500;
  batch.flags[row] = flags;
  batch.traits[row] = (fromB ? FROM_B : 0) | (ipv6 === null ? 0 : IPV6);
  if (ipv6 !== null) batch.words.set([0x2001_0db8, 0, 0, ipv6, 0x2001_0db8, 0, 0, 2], row * 8);
}

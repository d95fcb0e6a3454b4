import { formatIpv4, formatIpv6 } from "../../src/wire/addresses.ts";
import type { Frame } from "../../src/wire/dissection.ts";
import { FrameDecoder } from "../../src/wire/frame-decoder.ts";
import {
  BATCH_ROWS,
  DSACK,
  FROM_B,
  IPV6,
  SACK_PERMITTED,
  SCALE_SHIFT,
  SegmentBatch,
  TIMESTAMPS,
  WINDOW_SCALE,
} from "../../src/wire/segment-batch.ts";
import type { SkipReason } from "../../src/wire/skip-reasons.ts";

/** A row of a batch in the words of a test. */
export interface DecodedSegment {
  readonly from: string;
  readonly to: string;
  readonly seq: number;
  readonly ack: number;
  readonly length: number;
  readonly flags: string;
  readonly window: number;
  readonly timestamps?: readonly [tsval: number, tsecr: number];
  readonly mss?: number;
  readonly scale?: number;
  readonly sackPermitted?: true;
  readonly dsack?: true;
}

export const SEED = 20_261_120;

/** Octets as a frame; `linkType` 1 is Ethernet. The octets around them in memory are noise that nobody may read. */
export function frame(octets: Uint8Array, given: Partial<Omit<Frame, "view" | "offset">> = {}): Frame {
  const AROUND = 64;
  const memory = new Uint8Array(AROUND + octets.length + AROUND).fill(0x45);
  memory.set(octets, AROUND);
  return {
    view: new DataView(memory.buffer),
    offset: AROUND,
    capturedLength: octets.length,
    originalLength: octets.length,
    linkType: 1,
    time: 0,
    ...given,
  };
}

/** What one frame gives: its segment, or the reason why it has none. */
export function decodeOne(f: Frame): DecodedSegment | SkipReason {
  const decoder = new FrameDecoder({ seed: SEED });
  const batch = new SegmentBatch();
  if (decoder.decodeOne(f, 1, 0, batch)) return segmentAt(batch, 0);
  const reasons = Object.entries(decoder.skipped.byReason).filter(([, count]) => count > 0);
  const [reason] = reasons[0] ?? [];
  if (reasons.length !== 1 || decoder.skipped.total !== 1) throw new Error(`${reasons.length} reasons for one frame`);
  return reason as SkipReason;
}

/** Decodes frames, flushing as a pipeline does; rows in order with the numbers of their frames from 1. */
export function decodeAll(frames: Iterable<Frame>, decoder = new FrameDecoder({ seed: SEED })) {
  const batch = new SegmentBatch();
  const segments: { frame: number; segment: DecodedSegment }[] = [];
  let number = 0;
  for (const f of frames) {
    number++;
    if (batch.rows === BATCH_ROWS) batch.rows = 0;
    if (decoder.decodeOne(f, number, number, batch)) {
      segments.push({ frame: number, segment: segmentAt(batch, batch.rows - 1) });
    }
  }
  return { segments, duplicates: decoder.duplicates, skipped: decoder.skipped };
}

export function segmentAt(batch: SegmentBatch, row: number): DecodedSegment {
  const traits = batch.traits[row] ?? 0;
  const ports = batch.ports[row] ?? 0;
  const [a, b] = addressesAt(batch, row);
  const endpoints = [`${a} ${ports >>> 16}`, `${b} ${ports & 0xffff}`] as const;
  const [from, to] = traits & FROM_B ? [endpoints[1], endpoints[0]] : endpoints;
  const mss = batch.mss[row] ?? 0;
  return {
    from,
    to,
    seq: (batch.seq[row] ?? 0) >>> 0,
    ack: (batch.ack[row] ?? 0) >>> 0,
    length: batch.length[row] ?? 0,
    flags: flagLetters(batch.flags[row] ?? 0),
    window: batch.window[row] ?? 0,
    ...(traits & TIMESTAMPS && { timestamps: [(batch.tsval[row] ?? 0) >>> 0, (batch.tsecr[row] ?? 0) >>> 0] as const }),
    ...(mss > 0 && { mss }),
    ...(traits & WINDOW_SCALE && { scale: traits >>> SCALE_SHIFT }),
    ...(traits & SACK_PERMITTED && { sackPermitted: true as const }),
    ...(traits & DSACK && { dsack: true as const }),
  };
}

function addressesAt(batch: SegmentBatch, row: number): [string, string] {
  if (!((batch.traits[row] ?? 0) & IPV6)) {
    return [formatIpv4(batch.addressA[row] ?? 0), formatIpv4(batch.addressB[row] ?? 0)];
  }
  const [a0 = 0, a1 = 0, a2 = 0, a3 = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0] = batch.words.subarray(row * 8, row * 8 + 8);
  return [formatIpv6(a0, a1, a2, a3), formatIpv6(b0, b1, b2, b3)];
}

/** tcpdump's letters. */
function flagLetters(flags: number): string {
  return [..."FSRP.UEW"].filter((_, bit) => flags & (1 << bit)).join("");
}

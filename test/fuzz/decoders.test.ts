/** All decoders, on any stack of headers, damaged: nothing throws, nothing outside the frame is read, every frame is counted once. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Frame } from "../../src/wire/dissection.ts";
import { FrameBatch } from "../../src/wire/frame-batch.ts";
import { FrameDecoder } from "../../src/wire/frame-decoder.ts";
import { HeaderWalk } from "../../src/wire/header-walk.ts";
import { BATCH_ROWS, SegmentBatch } from "../../src/wire/segment-batch.ts";
import { frameOf } from "../build/frames.ts";
import { SEED, segmentAt } from "../wire/decoded.ts";
import { damaged } from "./damage.ts";
import { runs } from "./fuzzing.ts";
import { nested, randomFrame, randomSegment } from "./random-frames.ts";

/** Memory that ends where the captured octets end: reading a single octet more throws. */
const exact = (octets: Uint8Array, linkType: number, originalLength: number, time = 0): Frame => ({
  view: new DataView(Uint8Array.from(octets).buffer),
  offset: 0,
  capturedLength: octets.length,
  originalLength,
  linkType,
  time,
});

const wireLength = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat({ max: 0xffff_ffff }));

describe("any stack of headers on any link type", () => {
  const decoder = new FrameDecoder({ seed: SEED });
  const batch = new SegmentBatch();
  const walk = new HeaderWalk();
  const counted = () => decoder.skipped.total + decoder.duplicates;
  /** Far enough apart that none is a copy of another. */
  let time = 0;

  function expectToBeCounted(octets: Uint8Array, linkType: number, longer: number): void {
    time += 1e10;
    const frame = exact(octets, linkType, longer === 0 ? octets.length : longer, time);
    batch.rows = 0;
    const before = counted();
    const decoded = decoder.decodeOne(frame, 1, 0, batch);
    expect(Number(decoded) + counted() - before).toBe(1);
    if (decoded) expect(batch.length[0]).toBeGreaterThanOrEqual(0);
    const headers = walk.headersOf(frame);
    for (const { at } of headers) expect(at).toBeGreaterThanOrEqual(0);
  }

  it("whole", () => {
    fc.assert(
      fc.property(randomFrame, ({ octets, linkType }) => expectToBeCounted(octets, linkType, 0)),
      runs(1_200),
    );
  });

  it("damaged", () => {
    const frames = randomFrame.chain(({ linkType, octets }) =>
      fc.tuple(fc.constant(linkType), damaged(fc.constant(octets)), wireLength),
    );
    fc.assert(
      fc.property(frames, ([linkType, { octets }, longer]) => expectToBeCounted(octets, linkType, longer)),
      runs(2_500),
    );
  });

  it("damaged, and taken for another link type", () => {
    const frames = fc
      .tuple(randomFrame, randomFrame)
      .chain(([{ octets }, { linkType }]) => fc.tuple(fc.constant(linkType), damaged(fc.constant(octets)), wireLength));
    fc.assert(
      fc.property(frames, ([linkType, { octets }, longer]) => expectToBeCounted(octets, linkType, longer)),
      runs(800),
    );
  });

  it("nested without end", () => {
    for (const depth of [10, 100, 1000]) {
      const before = decoder.skipped.byReason["nesting-too-deep"];
      expectToBeCounted(nested(depth), 1, 0);
      expect(decoder.skipped.byReason["nesting-too-deep"] - before).toBe(depth < 32 ? 0 : 1);
    }
  });
});

describe("what is read without walking is what walking reads", () => {
  const plain = randomSegment.filter(({ from }) => !from.ip.includes(":")).map((segment) => frameOf(segment));

  it("damaged segments on Ethernet", () => {
    fc.assert(
      fc.property(fc.array(damaged(plain, 3), { minLength: 1, maxLength: 20 }), (drawn) => {
        const frames = drawn.map(({ octets }) => octets);
        expect(rowsOf(frames, true)).toEqual(rowsOf(frames, false));
      }),
      runs(500),
    );
  });

  /** A frame that lies before `from` makes the decoder look at each frame of the batch. */
  function rowsOf(octets: readonly Uint8Array[], walking: boolean): unknown {
    const whole = Buffer.concat([new Uint8Array(16), ...octets]);
    const frames = new FrameBatch();
    frames.view = new DataView(Uint8Array.from(whole).buffer);
    if (walking) frames.append(0, 16, 16, -1, 1);
    let at = 16;
    for (const [number, { length }] of octets.entries()) {
      frames.append(at, length, length, number * 1e10, 1);
      at += length;
    }
    const decoder = new FrameDecoder({ seed: SEED, from: walking ? 0 : Number.NEGATIVE_INFINITY });
    const batch = new SegmentBatch();
    for (let next = 0; next < frames.rows; ) next = decoder.decode(frames, next, batch);
    const rows = Array.from({ length: batch.rows }, (_, row) => ({
      segment: segmentAt(batch, row),
      hash: batch.hash[row],
      id: batch.identification[row],
      time: batch.time[row],
    }));
    expect(batch.rows).toBeLessThanOrEqual(BATCH_ROWS);
    return { rows, skipped: decoder.skipped.byReason, duplicates: decoder.duplicates };
  }
});

import { describe, expect, it } from "vitest";
import { EpochClock } from "../../src/flow/epoch-clock.ts";
import { ACK, BATCH_ROWS, FIN, SegmentBatch, SYN } from "../../src/wire/segment-batch.ts";

/** A full batch that begins at a second and has these flags in every row. */
function batchAt(seconds: number, flags: number): SegmentBatch {
  const batch = new SegmentBatch();
  batch.rows = BATCH_ROWS;
  for (let row = 0; row < BATCH_ROWS; row++) {
    batch.time[row] = seconds * 1e9 + row;
    batch.flags[row] = flags;
  }
  return batch;
}

/** Numbers of the batches that end an epoch. */
function endsOf(flags: number, count: number): number[] {
  const clock = new EpochClock();
  return Array.from({ length: count }, (_, number) => number).filter((number) => clock.note(batchAt(number, flags)));
}

describe("an epoch ends", () => {
  it("with 4096 FINs and RSTs", () => expect(endsOf(FIN | ACK, 16)).toEqual([7, 15]));
  it("with 16,384 SYNs", () => expect(endsOf(SYN, 64)).toEqual([31, 63]));
  it("never for segments that neither open nor close", () => expect(endsOf(ACK, 64)).toEqual([]));
});

describe("capture time", () => {
  it("has come as far as every batch of the epoch did", () => {
    const clock = new EpochClock();
    clock.note(batchAt(10, FIN | ACK));
    clock.note(batchAt(20, FIN | ACK));
    expect(clock.now).toBe(10e9 + BATCH_ROWS - 1);
  });

  it("is not moved by a record from the far future", () => {
    const clock = new EpochClock();
    clock.note(batchAt(10, FIN | ACK));
    const batch = batchAt(20, FIN | ACK);
    batch.time[7] = 1e18;
    clock.note(batch);
    expect(clock.now).toBe(10e9 + BATCH_ROWS - 1);
  });

  it("goes on with the next epoch", () => {
    const clock = new EpochClock();
    for (let second = 0; second < 9; second++) clock.note(batchAt(second, FIN | ACK));
    expect(clock.now).toBe(8e9 + BATCH_ROWS - 1);
  });
});

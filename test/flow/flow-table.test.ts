import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FlowTable } from "../../src/flow/flow-table.ts";
import { historyOf } from "../../src/tcp/historian.ts";
import type { FlowHistory } from "../../src/tcp/history.ts";
import { DECIDED_NANOS, Replay } from "../../src/tcp/replay.ts";
import { ACK, BATCH_ROWS, FIN, PSH, RST, SYN } from "../../src/wire/segment-batch.ts";
import { batchesOf, type Row } from "./rows.ts";

interface Outcome {
  readonly table: FlowTable;
  /** In the order of their first records. */
  readonly histories: readonly FlowHistory[];
}

function outcomeOf(rows: readonly Row[]): Outcome {
  const histories: FlowHistory[] = [];
  const replay = new Replay((...outcome) => histories.push(historyOf(...outcome)), DECIDED_NANOS);
  const table = new FlowTable(replay, BATCH_ROWS);
  for (const batch of batchesOf(rows)) table.update(batch);
  Array.from(table.finish());
  return { table, histories: histories.sort((a, b) => a.order - b.order) };
}

const segmentsOf = ({ histories }: Outcome): number[] => histories.map(({ ends: [a, b] }) => a.segments + b.segments);

/** Closed by both ends, the last acknowledgment at `seconds`. */
const closedAt = (seconds: number): Row[] => [
  { seconds, flags: FIN | ACK, seq: 100, ack: 500 },
  { seconds, flags: FIN | ACK, fromB: true, seq: 500, ack: 101 },
  { seconds, flags: ACK, seq: 101, ack: 501 },
];

describe("a flow is its whole key", () => {
  it("ports, tunnel and kind of address tell flows of one hash apart", () => {
    const kinds: Omit<Row, "seconds">[] = [{}, { port: 40001 }, { tunnel: 7 }, { ipv6: 1 }];
    const outcome = outcomeOf([...kinds, ...kinds, ...kinds].map((kind, seconds) => ({ ...kind, seconds })));
    expect(segmentsOf(outcome)).toEqual([3, 3, 3, 3]);
  });

  it("IPv6 addresses are compared by their words, whatever their hashes", () => {
    const outcome = outcomeOf([1, 2, 1, 2, 1].map((ipv6, seconds) => ({ ipv6, seconds })));
    expect(segmentsOf(outcome)).toEqual([3, 2]);
    expect(outcome.histories.map(({ ends }) => ends[0].ip)).toEqual(["2001:db8::1", "2001:db8::2"]);
  });

  it("keeps thousands of flows apart while it grows, also ones that differ in their addresses' words alone", () => {
    const rows = Array.from({ length: 3 * 5000 }, (_, number) => {
      const flow = number % 5000;
      return { seconds: number / 1e4, hash: Math.imul(flow >> 1, 0x9e3779b1), ipv6: flow };
    });
    const outcome = outcomeOf(rows);
    expect(segmentsOf(outcome)).toEqual(new Array(5000).fill(3));
    expect(outcome.histories.map(({ order }) => order)).toEqual(rows.slice(0, 5000).map((_, flow) => flow));
  });

  it("is empty when it has handed out all flows", () => {
    const { table } = outcomeOf([{ seconds: 0 }, { seconds: 1, port: 9 }]);
    expect(table.live).toBe(0);
    expect(table.pools.runs.live + table.pools.controls.live).toBe(0);
  });
});

it("copies of a FIN with payload are payload to the last, also those that are only counted", () => {
  const copies = [0, 0.6, 1.8, 4.2, 9].map((seconds) => ({ seconds, flags: FIN | ACK, seq: 1, ack: 1, length: 100 }));
  const [history] = outcomeOf(copies).histories;
  expect(history?.ends[0]).toMatchObject({ segments: 5, payloadBytes: 500, lastPayloadAt: 9e9 });
});

it("payload of a time before the first record has its own time", () => {
  const [history] = outcomeOf([{ seconds: -5, flags: PSH | ACK, seq: 1, ack: 1, length: 100 }]).histories;
  expect(history?.ends[0].lastPayloadAt).toBe(-5e9);
});

describe("after a flow is over", () => {
  it("tails within a minute open no other", () => {
    const outcome = outcomeOf([
      ...closedAt(0),
      { seconds: 10, seq: 101, ack: 501 },
      { seconds: 65, seq: 101, ack: 501 },
    ]);
    expect(segmentsOf(outcome)).toEqual([3]);
    expect(outcome.table.tails).toBe(2);
  });

  it("what comes later is another flow", () => {
    const outcome = outcomeOf([...closedAt(0), { seconds: 61, seq: 101, ack: 501 }]);
    expect(segmentsOf(outcome)).toEqual([3, 1]);
  });

  it("a SYN opens the next at once", () => {
    const outcome = outcomeOf([...closedAt(0), { seconds: 10, flags: SYN, seq: 7000 }]);
    expect(segmentsOf(outcome)).toEqual([3, 1]);
    expect(outcome.table.tails).toBe(0);
  });
});

describe("when it is swept never shows in a result", () => {
  const flags = fc.constantFrom(SYN, SYN | ACK, ACK, ACK, ACK | PSH, FIN | ACK, FIN | ACK, RST, RST | ACK);
  const octets = fc.integer({ min: 0, max: 3 });
  /** Time goes on by seconds or minutes, or steps back a little: the table allows for five seconds. */
  const pause = fc.constantFrom(0, 0, 0.001, 0.5, 2, 5, 59, 70, 250, -1, -4);
  const row = fc.record({ flags, fromB: fc.boolean(), seq: octets, ack: octets, length: octets, port: octets, pause });

  it("for any segments", () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 60 }), fc.integer({ min: 1, max: 6 }), (steps, batchRows) => {
        let seconds = 0;
        let latest = 0;
        const rows = steps.map(({ pause, ...rest }) => {
          seconds = Math.max(latest - 4, seconds + pause);
          latest = Math.max(latest, seconds);
          return { ...rest, seconds };
        });
        expect(inSmallBatches(rows, batchRows, "swept")).toEqual(inSmallBatches(rows, batchRows, "unswept"));
      }),
      { numRuns: 1000 },
    );
  });

  function inSmallBatches(rows: readonly Row[], batchRows: number, how: "swept" | "unswept") {
    const histories: FlowHistory[] = [];
    const replay = new Replay((...outcome) => histories.push(historyOf(...outcome)), DECIDED_NANOS);
    const table = new FlowTable(replay, BATCH_ROWS);
    let latest = Number.NEGATIVE_INFINITY;
    for (let from = 0; from < rows.length; from += batchRows) {
      const some = rows.slice(from, from + batchRows);
      if (how === "swept") table.sweep(latest);
      for (const batch of batchesOf(some, from)) table.update(batch);
      latest = Math.max(latest, ...some.map(({ seconds }) => seconds * 1e9));
    }
    Array.from(table.finish());
    return { tails: table.tails, histories: histories.sort((a, b) => a.order - b.order) };
  }
});

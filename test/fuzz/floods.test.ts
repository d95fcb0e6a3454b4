/** Traffic that was made to exhaust: what it costs is bounded, in octets for each flow, and in work that grows as the input does. */

import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { FlowIndex } from "../../src/flow/flow-index.ts";
import { analyzeCaptures, listSockets } from "../../src/questions.ts";
import { SeededHash } from "../../src/wire/seeded-hash.ts";
import type { TestSegment } from "../build/frames.ts";
import { expectLinear, type Fields, FLAG, flood, leastOf, memoryAfter } from "./floods.ts";
import { flooded, sampleOf } from "./fuzzing.ts";

const MEGABYTE = 1e6;

const end = (ip: string, port: number) => ({ ip, port });
const SYN: TestSegment = {
  at: 0n,
  from: end("10.0.0.1", 40_000),
  to: end("10.1.0.1", 80),
  flags: "S",
  seq: 1,
  ack: 0,
  length: 0,
};
const SYN_V6: TestSegment = { ...SYN, from: end("2001:db8::1", 40_000), to: end("2001:db8:1::1", 80) };
const [CLIENT, SERVER] = [0x0a00_0001, 0x0a01_0001];

/** Numbers without a pattern, the same in each run. */
const scattered = (index: number) => Math.imul(index + 1, 0x9e3779b1) >>> 0;

/** Of an analysis behind its last record, before it makes its result. */
const memoryOf = (
  segment: TestSegment,
  count: number,
  set: (fields: Fields, index: number) => void,
  limit = Number.POSITIVE_INFINITY,
) => leastOf(limit, () => memoryAfter(flood(segment, count, set), (stream) => analyzeCaptures([stream])));

// What is loaded, compiled and set up once is no memory of a flow.
beforeAll(async () => {
  await memoryOf(SYN, 5_000, (fields, index) => {
    fields.source = scattered(index);
  });
});

function answer(fields: Fields): void {
  fields.source = SERVER;
  fields.destination = CLIENT;
  fields.sourcePort = 80;
  fields.destinationPort = 40_000;
}

describe("memory for each flow", () => {
  const anySource = (fields: Fields, index: number) => {
    fields.source = scattered(index);
    fields.sourcePort = index & 0xffff;
    fields.seq = scattered(index + 7);
  };

  it.each([
    ["a SYN from an IPv4 address of its own", SYN, 700],
    ["a SYN from an IPv6 address of its own", SYN_V6, 800],
  ])("%s", async (_, segment, octetsMax) => {
    const count = flooded(20_000);
    const limit = count * octetsMax;
    expect(await memoryOf(segment, count, anySource, limit)).toBeLessThan(limit);
  });

  it("a half-closed connection", async () => {
    const FLAGS = [FLAG.SYN, FLAG.SYN | FLAG.ACK, FLAG.ACK, FLAG.FIN | FLAG.ACK, FLAG.ACK];
    const connections = flooded(16_000);
    const limit = connections * 1500;
    const setFields = (fields: Fields, index: number) => {
      const [flow, step] = [Math.floor(index / FLAGS.length), index % FLAGS.length];
      const isAnswer = step === 1 || step === 4;
      if (isAnswer) answer(fields);
      const address = CLIENT + (flow >>> 14);
      const port = 1024 + (flow & 0x3fff);
      if (isAnswer) [fields.destination, fields.destinationPort] = [address, port];
      else [fields.source, fields.sourcePort] = [address, port];
      fields.flags = FLAGS[step] as number;
      fields.seq = (isAnswer ? [0, 500, 0, 0, 501] : [100, 0, 101, 101])[step] as number;
      fields.ack = (isAnswer ? [0, 101, 0, 0, 102] : [0, 0, 501, 501])[step] as number;
    };
    expect(await memoryOf(SYN, connections * FLAGS.length, setFields, limit)).toBeLessThan(limit);
  });
});

/** What can be sent on one 4-tuple without end. */
const STORMS: [name: string, set: (fields: Fields, index: number) => void][] = [
  ["the same SYN", () => {}],
  [
    "SYNs with other numbers",
    (fields, index) => {
      fields.seq = scattered(index);
    },
  ],
  [
    "RSTs",
    (fields, index) => {
      fields.flags = FLAG.RST;
      fields.seq = scattered(index);
    },
  ],
  [
    "FINs at other places",
    (fields, index) => {
      fields.flags = FLAG.FIN | FLAG.ACK;
      fields.seq = scattered(index);
    },
  ],
  [
    "anything, both ways",
    (fields, index) => {
      const number = scattered(index);
      if ((number & 0x100) !== 0) answer(fields);
      fields.flags = number & 0x17;
      fields.seq = number & 7;
      fields.ack = scattered(index + 5) & 7;
    },
  ],
];

describe("memory of segments on one 4-tuple does not grow with them", () => {
  // Histories are handed over some ten thousand at a time, and a diagnosis keeps as many cases.
  it.each(STORMS)("%s", async (_, set) => {
    expect(await memoryOf(SYN, flooded(100_000), set)).toBeLessThan(250 * MEGABYTE);
  });
});

describe("what is not known to have been opened does not pile up", () => {
  it("RSTs to anybody, as they come back from an attack", async () => {
    const octets = await memoryOf(SYN, flooded(40_000), (fields, index) => {
      fields.flags = FLAG.RST;
      fields.source = scattered(index);
      fields.seq = scattered(index);
      fields.seconds = 1_700_000_000 + (index >>> 7);
    });
    expect(octets).toBeLessThan(250 * MEGABYTE);
  });
});

describe("eight times as much takes about eight times as long", () => {
  it.each(STORMS.slice(2))("%s", async (_, set) => {
    await expectLinear((count) => analyzeCaptures([flood(SYN, count, set)]), 1_000);
  });

  it("SYNs from anywhere, with times that step back", async () => {
    const run = (count: number) =>
      analyzeCaptures([
        flood(SYN, count, (fields, index) => {
          fields.source = scattered(index);
          fields.seconds = index % 3 === 0 ? 0xffff_ffff : scattered(index + 9);
        }),
      ]);
    await expectLinear(run, 1_000);
  });
});

describe("looking at the sockets again and again", () => {
  it("takes as long as there are sockets and moments, not as long as both multiplied", async () => {
    // Connections that are reset after a millisecond, one a second, and a look at each second.
    const run = (count: number) =>
      listSockets(
        [
          flood(SYN, 2 * count, (fields, index) => {
            fields.sourcePort = 1024 + (index >>> 1);
            fields.seconds = 1_700_000_000 + (index >>> 1);
            fields.nanos = (index & 1) * 1e6;
            if ((index & 1) === 0) return;
            answer(fields);
            fields.destinationPort = 1024 + (index >>> 1);
            fields.flags = FLAG.RST | FLAG.ACK;
            fields.ack = 2;
          }),
        ],
        { everySeconds: 1 },
      );
    expect(await run(100)).toHaveLength(101);
    await expectLinear(run, 500);
  });
});

describe("keys that were chosen to collide lie as close to their places as any", () => {
  const FLOWS = 20_000;
  const KEYS: [name: string, key: (index: number) => readonly [a: number, b: number, ports: number]][] = [
    ["neighbouring ports", (index) => [CLIENT, SERVER, (index << 16) | 80]],
    ["neighbouring addresses", (index) => [CLIENT + index, SERVER, (40_000 << 16) | 80]],
    ["addresses 256 apart", (index) => [index << 8, SERVER, (40_000 << 16) | 80]],
    ["addresses 65,536 apart", (index) => [index << 16, SERVER + (index >>> 16), (40_000 << 16) | 80]],
    ["both ends moving alike", (index) => [CLIENT + index, SERVER + index, (40_000 << 16) | 80]],
    ["address up, port down", (index) => [CLIENT + index, SERVER, (((65_535 - index) & 0xffff) << 16) | 80]],
    ["one bit at a time", (index) => [1 << (index % 32), 1 << ((index >>> 5) % 32), index >>> 10]],
  ];

  it.each(KEYS)("%s", (_, key) => {
    for (const seed of sampleOf(fc.integer(), 5)) {
      const hash = new SeededHash(seed);
      const index = new FlowIndex(4096);
      index.reserve(FLOWS);
      for (let flow = 0; flow < FLOWS; flow++) {
        const [a, b, ports] = key(flow);
        index.insert(hash.of(a, b, ports, 0), flow);
      }
      const distances = distancesIn(index);
      expect(distances.reduce((sum, distance) => sum + distance, 0) / FLOWS).toBeLessThan(1);
      expect(Math.max(...distances)).toBeLessThan(100);
    }
  });

  /** How far each flow lies behind the place its hash names. */
  function distancesIn({ places, mask }: FlowIndex): number[] {
    const distances: number[] = [];
    for (let place = 0; place <= mask; place++) {
      if (places[place * 2 + 1] !== 0) distances.push((place - ((places[place * 2] as number) & mask)) & mask);
    }
    return distances;
  }
});

/** The fragment store, on datagrams cut anywhere and mixed in any order, and on fragments that fit nothing. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Frame } from "../../src/wire/dissection.ts";
import { PENDING_MAX } from "../../src/wire/fragment-store.ts";
import { FrameDecoder } from "../../src/wire/frame-decoder.ts";
import { SegmentBatch } from "../../src/wire/segment-batch.ts";
import { fragmentHeader, ipDatagram, PROTOCOL, withChecksum } from "../build/datagrams.ts";
import { linkFrame } from "../build/links.ts";
import { tcpOctets } from "../build/tcp.ts";
import { decodeAll, frame, SEED } from "../wire/decoded.ts";
import { flooded, runs } from "./fuzzing.ts";

const ENDS = { v4: ["10.0.0.1", "10.0.0.2"], v6: ["2001:db8::1", "2001:db8::2"] } as const;
type Version = keyof typeof ENDS;

interface Part {
  readonly version: Version;
  readonly id: number;
  readonly at: number;
  readonly more: boolean;
  readonly octets: Uint8Array;
}

function framed({ version, id, at, more, octets }: Part, time = 0): Frame {
  const [from, to] = ENDS[version];
  const v4 = { id, fragmentOffset: at, moreFragments: more };
  const v6 = { extensions: [fragmentHeader(at, more, id)] };
  const datagram = ipDatagram({ from, to, protocol: PROTOCOL.TCP, payload: octets }, v4, v6);
  return frame(linkFrame(version === "v4" ? 0x0800 : 0x86dd, datagram), { time });
}

const lengthOf = (id: number) => 200 + id;

/** A datagram whose segment has a length of its own, cut at some of the places where it may be cut. */
function partsOf(version: Version, id: number, cuts: readonly number[]): Part[] {
  const [from, to] = ENDS[version];
  const segment = {
    at: 0n,
    from: { ip: from, port: 40_000 + id },
    to: { ip: to, port: 80 },
    seq: id,
    ack: 1,
    flags: "P.",
    length: lengthOf(id),
  };
  const octets = withChecksum(PROTOCOL.TCP, from, to, tcpOctets(segment));
  const places = [0, ...new Set(cuts.map((cut) => 8 * (1 + (cut % 26))))].sort((a, b) => a - b);
  return places.map((at, index) => {
    const end = places[index + 1] ?? octets.length;
    return { version, id, at, more: end < octets.length, octets: octets.subarray(at, end) };
  });
}

describe("datagrams in fragments of any size, mixed in any order", () => {
  const datagrams = fc.uniqueArray(
    fc.record({
      version: fc.constantFrom<Version>("v4", "v6"),
      id: fc.nat({ max: 500 }),
      cuts: fc.array(fc.nat({ max: 25 }), { minLength: 1, maxLength: 8 }),
    }),
    { minLength: 1, maxLength: 12, selector: ({ id }) => id },
  );
  const mixed = datagrams.chain((drawn) => {
    const parts = drawn.flatMap(({ version, id, cuts }) => partsOf(version, id, cuts));
    return fc.record({
      ids: fc.constant(drawn.map(({ id }) => id)),
      parts: fc.shuffledSubarray(parts, { minLength: parts.length, maxLength: parts.length }),
    });
  });

  it("give each segment once, with its length", () => {
    fc.assert(
      fc.property(mixed, ({ ids, parts }) => {
        const { segments, skipped } = decodeAll(parts.map((part, index) => framed(part, index * 1e6)));
        expect(segments.map(({ segment }) => segment.length).sort()).toEqual(ids.map(lengthOf).sort());
        expect(skipped.byReason).toMatchObject({ fragment: parts.length - ids.length, "fragment-incomplete": 0 });
      }),
      runs(250),
    );
  });

  it("give each segment once although some fragments were captured twice", () => {
    const repeated = mixed.chain(({ ids, parts }) =>
      fc.subarray(parts).chain((again) => {
        const all = [...parts, ...again];
        return fc.record({
          ids: fc.constant(ids),
          parts: fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
        });
      }),
    );
    fc.assert(
      fc.property(repeated, ({ ids, parts }) => {
        // All at one moment: what was put together twice is a copy.
        const { segments, duplicates, skipped } = decodeAll(parts.map((part) => framed(part)));
        expect(segments.map(({ segment }) => segment.length).sort()).toEqual(ids.map(lengthOf).sort());
        expect(segments.length + duplicates + skipped.total).toBe(parts.length);
      }),
      runs(250),
    );
  });
});

describe("fragments that contradict each other", () => {
  const hostile = fc.record({
    version: fc.constantFrom<Version>("v4", "v6"),
    id: fc.nat({ max: 2 }),
    at: fc.oneof(fc.nat({ max: 6 }), fc.nat({ max: 0x1fff })).map((units) => units * 8),
    more: fc.boolean(),
    octets: fc.uint8Array({ maxLength: 80 }),
  });
  const delays = fc.oneof({ weight: 5, arbitrary: fc.nat({ max: 1e6 }) }, fc.integer({ min: -40e9, max: 40e9 }));

  it("are counted, each once, and nothing is read that was not captured", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(hostile, delays), { maxLength: 60 }), (drawn) => {
        let time = 0;
        const frames = drawn.map(([part, delay]) => {
          time += delay;
          return framed(part, time);
        });
        const { segments, duplicates, skipped } = decodeAll(frames);
        expect(segments.length + duplicates + skipped.total).toBe(frames.length);
        for (const count of Object.values(skipped.byReason)) expect(count).toBeGreaterThanOrEqual(0);
      }),
      runs(250),
    );
  });
});

describe("a flood of fragments", () => {
  const parts = (count: number): Frame[] =>
    Array.from({ length: count }, (_, index) =>
      framed({ version: "v4", id: index & 0xffff, at: 0, more: true, octets: new Uint8Array(24) }, index * 1e3),
    );

  it("pushes out what was waited for longest, and nothing else: the newest are still put together", () => {
    const count = flooded(20_000);
    const decoder = new FrameDecoder({ seed: SEED });
    const batch = new SegmentBatch();
    const decode = (f: Frame) => {
      batch.rows = 0;
      return decoder.decodeOne(f, 1, 1, batch);
    };
    for (const f of parts(count)) decode(f);
    expect(decoder.skipped.byReason).toMatchObject({ "fragment-incomplete": count, fragment: 0 });
    const rest = (id: number) =>
      framed({ version: "v4", id: id & 0xffff, at: 24, more: false, octets: new Uint8Array(8) }, count * 1e3);
    decode(rest(count - PENDING_MAX));
    expect(decoder.skipped.byReason.fragment).toBe(1);
    decode(rest(count - PENDING_MAX - 1));
    expect(decoder.skipped.byReason.fragment).toBe(1);
  });
});

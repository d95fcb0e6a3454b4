import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Frame } from "../../src/wire/dissection.ts";
import { DuplicateMemory, tagOf } from "../../src/wire/duplicates.ts";
import { IPV6, SegmentBatch } from "../../src/wire/segment-batch.ts";
import { type FrameOptions, frameOf, type TestSegment } from "../build/frames.ts";
import { decodeAll, frame } from "./decoded.ts";
import { DATA, DATA_V6 } from "./segments.ts";

const SECOND = 1e9;
const MILLISECOND = 1e6;

/** A segment captured at `time` nanoseconds. */
const captured = (segment: TestSegment, time = 0, options: FrameOptions = {}) =>
  frame(frameOf(segment, options), { time });

const PLAIN: TestSegment = { ...DATA, options: {} };
const UNNUMBERED: TestSegment = { ...DATA, ipId: 0 };
const TIMESTAMPS = { value: 0xf000_0001, echo: 7 };

describe("the second of two segments is a copy", () => {
  it.each<[string, TestSegment, Partial<TestSegment>, number]>([
    ["same identification at once", DATA, {}, 0],
    ["same identification after 1 s", DATA, {}, SECOND],
    ["same identification, stamped 1 s earlier", DATA, {}, -SECOND],
    ["another TTL", DATA, { ttl: 63 }, 10],
    ["identification 0 after 3 ms", UNNUMBERED, {}, 3 * MILLISECOND],
    ["IPv6 after 3 ms", DATA_V6, {}, 3 * MILLISECOND],
    ["no timestamps", PLAIN, {}, 10],
  ])("%s", (_name, first, change, time) => {
    expect(decodeAll([captured(first), captured({ ...first, ...change }, time)])).toMatchObject({
      duplicates: 1,
      segments: [{ frame: 1 }],
    });
  });

  it.each<[string, FrameOptions, FrameOptions]>([
    ["seen with and without a VLAN tag", {}, { vlan: [10] }],
    ["seen in two VLANs", { vlan: [11] }, { vlan: [10] }],
    [
      "seen on both ends of one tunnel, whatever its outer header",
      { vxlan: { vni: 7 } },
      { vxlan: { vni: 7, from: "172.16.9.9" } },
    ],
  ])("%s", (_name, first, second) => {
    expect(decodeAll([captured(DATA, 0, first), captured(DATA, 10, second)]).duplicates).toBe(1);
  });
});

describe("the second of two segments is not a copy", () => {
  it.each<[string, TestSegment, Partial<TestSegment>, number]>([
    ["another identification at once", DATA, { ipId: 4712 }, 0],
    ["identification 0 after another", DATA, { ipId: 0 }, 0],
    ["same identification after more than 1 s", DATA, {}, SECOND + 1],
    ["same identification, stamped more than 1 s earlier", DATA, {}, -SECOND - 1],
    ["identification 0 after more than 3 ms", UNNUMBERED, {}, 3 * MILLISECOND + 1],
    ["IPv6 after more than 3 ms", DATA_V6, {}, 3 * MILLISECOND + 1],
    ["another client", DATA, { from: { ...DATA.from, ip: "10.0.0.9" } }, 0],
    ["another server", DATA, { to: { ...DATA.to, ip: "10.0.0.9" } }, 0],
    ["another IPv6 address", DATA_V6, { to: { ...DATA_V6.to, ip: "2001:db8::9" } }, 0],
    ["another source port", DATA, { from: { ...DATA.from, port: 1 } }, 0],
    ["another destination port", DATA, { to: { ...DATA.to, port: 1 } }, 0],
    ["the other direction", DATA, { from: DATA.to, to: DATA.from }, 0],
    ["another sequence number", DATA, { seq: 1 }, 0],
    ["another acknowledgment number", DATA, { ack: 1 }, 0],
    ["other flags", DATA, { flags: "FP." }, 0],
    ["another length", DATA, { length: 99 }, 0],
    ["another window", DATA, { window: 0 }, 0],
    ["another TSval", DATA, { options: { timestamps: { ...TIMESTAMPS, value: 2 } } }, 0],
    ["another TSecr", DATA, { options: { timestamps: { ...TIMESTAMPS, echo: 2 } } }, 0],
    ["timestamps of zero against none", PLAIN, { options: { timestamps: { value: 0, echo: 0 } } }, 0],
  ])("%s", (_name, first, change, time) => {
    expect(decodeAll([captured(first), captured({ ...first, ...change }, time)])).toMatchObject({
      duplicates: 0,
      segments: [{ frame: 1 }, { frame: 2 }],
    });
  });

  it.each<[string, FrameOptions, FrameOptions]>([
    ["inside a tunnel and outside", {}, { vxlan: { vni: 7 } }],
    ["in two tunnels", { vxlan: { vni: 7 } }, { vxlan: { vni: 8 } }],
  ])("%s", (_name, first, second) => {
    expect(decodeAll([captured(DATA, 0, first), captured(DATA, 10, second)]).duplicates).toBe(0);
  });
});

describe("copies", () => {
  const burst = (count: number) => Array.from({ length: count }, (_, i) => ({ ...DATA, seq: i * 100, ipId: i + 1 }));

  it("are known in bursts: A B C A' B' C'", () => {
    const frames = [...burst(200), ...burst(200)].map((segment, index) => captured(segment, index * 1000));
    expect(decodeAll(frames)).toMatchObject({ duplicates: 200, segments: { length: 200 } });
  });

  it("are measured from the first: the third copy of 0.6 s each is a segment again", () => {
    const frames = [0, 0.6, 1.2].map((at) => captured(DATA, at * SECOND));
    expect(decodeAll(frames)).toMatchObject({ duplicates: 1, segments: [{ frame: 1 }, { frame: 3 }] });
  });

  it("change nothing but their count, whatever the frames and the delays", () => {
    const segment = fc.record({
      seq: fc.nat(5),
      ack: fc.nat(5),
      length: fc.nat(3),
      flags: fc.constantFrom(".", "P.", "F.", "S", "R"),
      ipId: fc.nat(3),
      v6: fc.boolean(),
      back: fc.boolean(),
      gap: fc.constantFrom(0, 1e3, 1e6, 1e9, 1e10),
    });
    const delays = fc.infiniteStream(fc.integer({ min: 0, max: 3e6 }));
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 40 }), delays, (drawn, delay) => {
        let time = 0;
        const all = drawn.map(({ v6, back, gap, ...fields }) => {
          time += gap;
          const { from, to } = v6 ? DATA_V6 : DATA;
          const ends = back ? { from: to, to: from } : { from, to };
          return frame(frameOf({ ...DATA, ...ends, ...fields }), { time });
        });
        const firsts = decodeAll(all).segments.map(({ frame: number }) => all[number - 1] as Frame);
        const twice = firsts
          .flatMap((first) => [first, { ...first, time: first.time + (delay.next().value ?? 0) }])
          .sort((a, b) => a.time - b.time);
        const [once, doubled] = [decodeAll(firsts), decodeAll(twice)];
        expect(once.duplicates).toBe(0);
        expect(doubled.duplicates).toBe(firsts.length);
        expect(doubled.segments.map(({ segment }) => segment)).toEqual(once.segments.map(({ segment }) => segment));
      }),
    );
  });
});

describe("segments with one tag are told apart by", () => {
  // What the tag adds for one more of each; taken off the flow's hash, which is free here, the tags are equal again.
  const PER_SEQ = 0x9e3779b1;
  const PER_ACK = 0x85ebca77;
  type Column =
    | "addressA"
    | "addressB"
    | "ports"
    | "tunnel"
    | "seq"
    | "ack"
    | "length"
    | "flags"
    | "window"
    | "tsval"
    | "tsecr";
  it.each<[Column, number]>([
    ["addressA", 0],
    ["addressB", 0],
    ["ports", 0],
    ["tunnel", 0],
    ["seq", -PER_SEQ],
    ["ack", -PER_ACK],
    ["length", 1],
    ["flags", 0],
    ["window", 0],
    ["tsval", 0],
    ["tsecr", 0],
  ])("%s", (column, hash) => {
    const batch = new SegmentBatch();
    batch[column][1] = 1;
    batch.hash[1] = hash;
    expect(tagOf(batch, 1, 0)).toBe(tagOf(batch, 0, 0));
    const memory = new DuplicateMemory();
    expect([0, 1, 0, 1].map((row) => memory.isCopy(batch, row, 0))).toEqual([false, false, true, true]);
  });

  it("IPv6 words, when both hashes of the addresses collide", () => {
    const batch = new SegmentBatch();
    batch.traits.fill(IPV6, 0, 9);
    for (let word = 0; word < 8; word++) batch.words[(word + 1) * 8 + word] = 1;
    const memory = new DuplicateMemory();
    for (let row = 1; row <= 8; row++) {
      memory.isCopy(batch, 0, 0);
      expect(memory.isCopy(batch, row, 0)).toBe(false);
    }
  });
});

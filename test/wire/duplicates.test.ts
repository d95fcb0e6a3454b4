import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Frame } from "../../src/wire/dissection.ts";
import { DuplicateMemory, tagOf } from "../../src/wire/duplicates.ts";
import { IPV6, SegmentBatch } from "../../src/wire/segment-batch.ts";
import { pcapngFile } from "../build/captures.ts";
import { conversation } from "../build/conversation.ts";
import { type Carried, erspanII, ethernet as ethernetFrame, gtp, ipInIp } from "../build/encapsulations.ts";
import { type FrameOptions, fragmentsOf, frameOf, type TestSegment } from "../build/frames.ts";
import { cooked2, nflog, wireless } from "../build/link-headers.ts";
import { analyzed } from "../laws/analyzing.ts";
import { decodeAll, frame } from "./decoded.ts";
import { ethernet, LINK } from "./linked.ts";
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

/** A datagram as it passes different points of a host or a network. */
describe("one datagram seen at several points is one segment", () => {
  const VERSIONS: [string, TestSegment][] = [
    ["IPv4", DATA],
    ["IPv6", DATA_V6],
  ];
  const carried = (segment: TestSegment): Carried => ({
    etherType: segment === DATA_V6 ? 0x86dd : 0x0800,
    octets: frameOf(segment, { link: "RAW" }),
  });
  const MICROSECOND = 1e3;
  /** Behind each other by a few microseconds, each on its own link type. */
  const seen = (...points: readonly (readonly [linkType: number, octets: Uint8Array])[]) =>
    decodeAll(points.map(([linkType, octets], index) => frame(octets, { linkType, time: index * 20 * MICROSECOND })));
  /** LINUX_SLL2 with the number of the interface, and whether the packet went out. */
  const onInterface = (segment: TestSegment, number: number, outgoing: boolean): [number, Uint8Array] => {
    const octets = cooked2(1, carried(segment).etherType, carried(segment).octets);
    octets.set([number], SLL2.INTERFACE + 3);
    octets.set([outgoing ? SLL2.OUTGOING : 0], SLL2.PACKET_TYPE);
    return [LINK.LINUX_SLL2, octets];
  };
  const SLL2 = { INTERFACE: 4, PACKET_TYPE: 10, OUTGOING: 4 } as const;
  const once = (copies: number) => ({ duplicates: copies, segments: [{ frame: 1 }] });

  it.each(VERSIONS)("on all interfaces of a router (-i any), %s", (_version, segment) => {
    const points = [onInterface(segment, 2, false), onInterface(segment, 9, false), onInterface(segment, 3, true)];
    expect(seen(...points)).toMatchObject(once(2));
  });

  it.each(VERSIONS)("on interfaces of different kinds, %s", (_version, segment) => {
    const datagram = carried(segment);
    const points: [number, Uint8Array][] = [
      [LINK.EN10MB, ethernet(datagram)],
      onInterface(segment, 2, true),
      [101, datagram.octets],
      [LINK.IEEE802_11, wireless(datagram)],
      [LINK.NFLOG, nflog(datagram)],
    ];
    expect(seen(...points)).toMatchObject(once(4));
  });

  it.each(VERSIONS)(
    "on a span port that mirrors both ports of a switch, in and out of VLANs, %s",
    (_version, segment) => {
      const points = [{}, { vlan: [10] }, { vlan: [10, 20] }, {}].map((options): [number, Uint8Array] => [
        LINK.EN10MB,
        frameOf(segment, options),
      ]);
      expect(seen(...points)).toMatchObject(once(3));
    },
  );

  it.each(VERSIONS)("before and behind routers, with less to live each time, %s", (_version, segment) => {
    const points = [64, 63, 62].map((ttl): [number, Uint8Array] => [LINK.EN10MB, frameOf({ ...segment, ttl })]);
    expect(seen(...points)).toMatchObject(once(2));
  });

  it.each(VERSIONS)(
    "mirrored by two ERSPAN sessions, and inside tunnels without a network of their own, %s",
    (_v, segment) => {
      const datagram = carried(segment);
      const tunnels = [
        datagram,
        erspanII(ethernetFrame(datagram), 1),
        erspanII(ethernetFrame(datagram), 2),
        ipInIp(datagram),
        gtp(datagram, { endpoint: 1 }),
        gtp(datagram, { endpoint: 2 }),
      ];
      const points = tunnels.map((tunnel): [number, Uint8Array] => [LINK.EN10MB, ethernet(tunnel)]);
      expect(seen(...points)).toMatchObject(once(5));
    },
  );

  it("whole, and in fragments behind a link with a smaller MTU", () => {
    const points = [frameOf(DATA), ...fragmentsOf(DATA, 64)].map((octets): [number, Uint8Array] => [1, octets]);
    expect(seen(...points)).toMatchObject(once(1));
  });

  it("but a retransmission at each point is one more, and NAT makes another segment", () => {
    const again = { ...DATA, ipId: 4712 };
    const points = [DATA, again].flatMap((segment) => [onInterface(segment, 2, false), onInterface(segment, 3, true)]);
    expect(seen(...points)).toMatchObject({ duplicates: 2, segments: [{ frame: 1 }, { frame: 3 }] });
    const translated = { ...DATA, ttl: 63, from: { ip: "192.0.2.1", port: 61_000 } };
    const router = [onInterface(DATA, 2, false), onInterface(translated, 3, true)];
    expect(seen(...router)).toMatchObject({ duplicates: 0, segments: [{ frame: 1 }, { frame: 2 }] });
  });

  it("and in a pcapng file with several interfaces it is counted once", async () => {
    const { segments } = conversation(`
      0.0  c > s  [S]    id 1
      0.1  s > c  [S.]   id 2
      0.2  c > s  [.]    id 3
      0.3  c > s  [F.]   id 4
      0.4  s > c  [.]    id 5
      0.6  c > s  [F.]   seq 1 ack 1 id 6
    `);
    const links = ["EN10MB", "LINUX_SLL2", "RAW"] as const;
    const frames = segments.flatMap((segment) =>
      links.map((link, index) => ({
        at: segment.at + BigInt(index * 20_000),
        octets: frameOf(segment, { link }),
        interface: index,
      })),
    );
    const file = pcapngFile(frames, { interfaces: links.map((linkType) => ({ linkType })) });
    const { totals, flows } = await analyzed([file]);
    expect(totals).toMatchObject({ packets: 18, tcpSegments: 6, duplicates: 12, flows: 1 });
    expect(flows[0]?.halfClose?.fin).toMatchObject({ frame: 10, copies: 2 });
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
    expect(tagAt(batch, 1)).toBe(tagAt(batch, 0));
    const memory = new DuplicateMemory();
    expect([0, 1, 0, 1].map((row) => isCopy(memory, batch, row))).toEqual([false, false, true, true]);
  });

  it("IPv6 words, when both hashes of the addresses collide", () => {
    const batch = new SegmentBatch();
    batch.traits.fill(IPV6, 0, 9);
    for (let word = 0; word < 8; word++) batch.words[(word + 1) * 8 + word] = 1;
    const memory = new DuplicateMemory();
    for (let row = 1; row <= 8; row++) {
      isCopy(memory, batch, 0);
      expect(isCopy(memory, batch, row)).toBe(false);
    }
  });
});

const tagAt = ({ hash, length, seq, ack }: SegmentBatch, row: number): number =>
  tagOf(hash[row] as number, 0, length[row] as number, seq[row] as number, ack[row] as number);

/** Shows the memory one row, in a batch of its own. */
function isCopy(memory: DuplicateMemory, from: SegmentBatch, row: number): boolean {
  const alone = new SegmentBatch();
  for (const [name, column] of Object.entries(from)) {
    if (!ArrayBuffer.isView(column)) continue;
    const [source, target] = [column, alone[name as keyof SegmentBatch]] as [Int32Array, Int32Array];
    const perRow = name === "words" ? 8 : 1;
    target.set(source.subarray(row * perRow, (row + 1) * perRow));
  }
  alone.rows = 1;
  return memory.dropCopies(alone, 0) === 1;
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Frame } from "../../src/wire/dissection.ts";
import { FrameDecoder } from "../../src/wire/frame-decoder.ts";
import { ETHER_TYPE } from "../../src/wire/header-numbers.ts";
import { LAYERS } from "../../src/wire/layers.ts";
import { SegmentBatch } from "../../src/wire/segment-batch.ts";
import {
  extensionHeader,
  type FrameOptions,
  frameOf,
  LINK_TYPES,
  type Link,
  type TestSegment,
} from "../build/frames.ts";
import { decodeAll, decodeOne, SEED } from "./decoded.ts";
import { ENCAPSULATIONS, onEthernet, V4, V6 } from "./encapsulated.ts";
import { LINK, LINKED } from "./linked.ts";
import { DATA, DATA_V6, SYN } from "./segments.ts";

const LINK_TYPES_READ = [...LAYERS.keys()].filter((number) => number < ETHER_TYPE);

/** Memory that ends where the captured octets end: reading a single octet more throws. */
const exact = (octets: Uint8Array, linkType: number, originalLength = octets.length) => ({
  view: new DataView(octets.slice().buffer),
  offset: 0,
  capturedLength: octets.length,
  originalLength,
  linkType,
  time: 0,
});

const HOP_BY_HOP = { ipv6: { extensions: [extensionHeader("HOP_BY_HOP")] } };
const VARIANTS: [string, FrameOptions][] = [
  ...(Object.keys(LINK_TYPES) as Link[]).map((link): [string, FrameOptions] => [link, { link }]),
  ["hop-by-hop options", HOP_BY_HOP],
  ["VLAN tags", { vlan: [1, 2] }],
  ["VXLAN", { vxlan: { vni: 1 } }],
  ["VXLAN over IPv6", { vxlan: { vni: 1, from: "::1", to: "::2" } }],
];
const SEGMENTS: [string, TestSegment][] = [
  ["IPv4", DATA],
  ["IPv6", DATA_V6],
  ["SYN", SYN],
];
const FRAMES: [name: string, linkType: number, octets: Uint8Array][] = [
  ...VARIANTS.flatMap(([variant, options]) =>
    SEGMENTS.map(([name, segment]): [string, number, Uint8Array] => [
      `${name}, ${variant}`,
      LINK_TYPES[options.link ?? "EN10MB"],
      frameOf(segment, options),
    ]),
  ),
  ...LINKED.map(([link, what, build]): [string, number, Uint8Array] => [`${link} ${what}`, LINK[link], build(V4)]),
  ...ENCAPSULATIONS.map(([name, build]): [string, number, Uint8Array] => [
    name,
    LINK_TYPES.EN10MB,
    onEthernet(build(V6)),
  ]),
];

describe("no octets throw, none outside the frame are read, and each frame is counted once", () => {
  const decoder = new FrameDecoder({ seed: SEED });
  const batch = new SegmentBatch();
  const counted = () => decoder.skipped.total + decoder.duplicates;
  const decodeAndCount = (frame: Frame) => {
    batch.rows = 0;
    const before = counted();
    const decoded = decoder.decodeOne(frame, 1, 0, batch);
    expect(Number(decoded) + counted() - before).toBe(1);
    if (decoded) expect(batch.length[0]).toBeGreaterThanOrEqual(0);
  };

  it("random octets", () => {
    const octets = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(
        octets,
        fc.constantFrom(...LINK_TYPES_READ),
        fc.nat(0xffff_ffff),
        (drawn, linkType, originalLength) => {
          decodeAndCount(exact(drawn, linkType, originalLength));
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it("valid frames with a few octets changed", () => {
    const changes = fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...FRAMES), changes, fc.nat(200), ([, linkType, octets], drawn, cut) => {
        const changed = octets.slice(0, Math.max(cut, octets.length - cut));
        for (const [at, value] of drawn) if (at < changed.length) changed[at] = value;
        decodeAndCount(exact(changed, linkType));
      }),
      { numRuns: 10_000 },
    );
  });
});

/** Until it is long enough, what is recognised by its looks is something else. */
const RECOGNISED: Readonly<Record<string, string>> = {
  "USER2 as Apple wrote it": "link-type-unknown",
  L2TPv3: "not-tcp",
  "L2TPv3 with a cookie": "not-tcp",
};

describe("every prefix of a frame gives the same segment, perhaps without options, or a reason", () => {
  it.each(FRAMES)("%s", (name, linkType, octets) => {
    const whole = decodeOne(exact(octets, linkType));
    if (typeof whole === "string") throw new Error(`the whole frame gave ${whole}`);
    // Far enough apart that none is taken for a copy.
    const prefixes = Array.from({ length: octets.length }, (_, length) => ({
      ...exact(octets.subarray(0, length), linkType, octets.length),
      time: length * 1e10,
    }));
    const { segments, skipped } = decodeAll(prefixes);
    for (const { segment } of segments) expect(whole).toMatchObject(segment);
    const reasons = Object.entries(skipped.byReason).flatMap(([reason, count]) => (count > 0 ? [reason] : []));
    const recognised = RECOGNISED[name];
    expect(new Set(reasons)).toEqual(new Set(["frame-cut-short", "flags-unseen", ...(recognised ? [recognised] : [])]));
  });
});

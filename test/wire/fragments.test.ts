/** Fragments of IPv4 (RFC 791) and IPv6 (RFC 8200 §4.5): one segment a datagram, at the frame that completes it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Frame } from "../../src/wire/dissection.ts";
import { COPIES_MAX, EXPIRY_NANOS, PENDING_MAX } from "../../src/wire/fragment-store.ts";
import { PARTS_MAX } from "../../src/wire/pending-datagram.ts";
import { fragmentHeader, ipDatagram, ipv4Datagram, PROTOCOL } from "../build/datagrams.ts";
import { type FrameOptions, fragmentsOf, frameOf, type TestSegment } from "../build/frames.ts";
import { linkFrame } from "../build/links.ts";
import { concat, u16 } from "../build/octets.ts";
import { decodeAll, frame } from "./decoded.ts";
import { DATA, DATA_DECODED, DATA_V6, DATA_V6_DECODED } from "./segments.ts";

const MILLISECOND = 1e6;
const FIN: TestSegment = { ...DATA, flags: "FP." };
const VERSIONS: [string, TestSegment, object][] = [
  ["IPv4", DATA, DATA_DECODED],
  ["IPv6", DATA_V6, DATA_V6_DECODED],
];

/** The fragments of a segment as frames, a millisecond after each other. */
const parts = (segment: TestSegment, octetsEach = 48, options: FrameOptions = {}): Frame[] =>
  fragmentsOf(segment, octetsEach, options).map((octets, index) => frame(octets, { time: index * MILLISECOND }));

/** What a list of frames gives: segments, and the frames that gave none. */
function outcomeOf(frames: readonly Frame[]) {
  const { segments, duplicates, skipped } = decodeAll(frames);
  const { fragment, "fragment-incomplete": incomplete } = skipped.byReason;
  expect(segments.length + duplicates + skipped.total).toBe(frames.length);
  return { segments, duplicates, fragment, incomplete };
}

const whole = (segment: object, number: number) => ({ segments: [{ frame: number, segment }] });

describe.each(VERSIONS)("a segment in fragments of %s", (_version, segment, decoded) => {
  const [first, second, last] = parts(segment) as [Frame, Frame, Frame];

  it.each<[string, Frame[]]>([
    ["in order", [first, second, last]],
    ["backwards", [last, second, first]],
    ["the last one first", [last, first, second]],
    ["the first one last", [second, last, first]],
  ])("has the length and flags of the whole: %s", (_order, frames) => {
    expect(outcomeOf(frames)).toEqual({ ...whole(decoded, 3), duplicates: 0, fragment: 2, incomplete: 0 });
  });

  it("is whole although its TCP header lies in three fragments", () => {
    const tiny = parts(segment, 8);
    expect(outcomeOf(tiny)).toMatchObject({ ...whole(decoded, tiny.length), fragment: tiny.length - 1 });
  });

  it("is whole however little of each frame was captured", () => {
    const ETHERNET_AND_IP = 14 + 20 + 40;
    const cut = parts(segment).map((f) => ({ ...f, capturedLength: Math.min(f.capturedLength, ETHERNET_AND_IP + 16) }));
    const { segments } = outcomeOf(cut);
    expect(segments).toMatchObject([{ segment: { length: DATA.length, flags: DATA.flags } }]);
  });

  it("captured twice is a segment and a copy, frame by frame or one after the other", () => {
    const copied = { duplicates: 1, fragment: 4, incomplete: 0 };
    expect(outcomeOf([first, first, second, second, last, last])).toEqual({ ...whole(decoded, 5), ...copied });
    expect(outcomeOf([first, second, last, first, second, last])).toEqual({ ...whole(decoded, 3), ...copied });
    expect(outcomeOf([first, last, first, last, second, second])).toEqual({ ...whole(decoded, 5), ...copied });
  });

  it("without its first, middle or last fragment is none", () => {
    for (const some of [[second, last], [first, last], [first, second], [first]]) {
      expect(outcomeOf(some)).toEqual({ segments: [], duplicates: 0, fragment: 0, incomplete: some.length });
    }
  });

  it("does not wait longer than 30 s of capture time, forwards or back", () => {
    for (const sign of [1, -1]) {
      const late = (nanos: number) => outcomeOf([first, second, { ...last, time: sign * nanos }]);
      expect(late(EXPIRY_NANOS).segments).toHaveLength(1);
      expect(late(EXPIRY_NANOS + 1)).toMatchObject({ segments: [], incomplete: 3 });
    }
  });

  it("belongs to the latest datagram of its identification", () => {
    const earlier = parts({ ...segment, flags: "F.", length: 300 })[0] as Frame;
    expect(outcomeOf([earlier, first, second, last])).toMatchObject({ ...whole(decoded, 4), incomplete: 1 });
  });

  it("is not mixed with another identification, address or tunnel", () => {
    const others = [
      parts({ ...segment, ipId: 1 })[2],
      parts({ ...segment, from: segment.to, to: segment.from })[2],
      parts(segment, 48, { vxlan: { vni: 7 } })[2],
    ] as Frame[];
    for (const other of others)
      expect(outcomeOf([first, second, other])).toMatchObject({ segments: [], incomplete: 3 });
  });

  it("is whole inside a tunnel, with fragments of the tunnel's own around it", () => {
    const inner = parts(segment, 48, { vxlan: { vni: 7 } });
    expect(outcomeOf(inner)).toMatchObject({ ...whole(decoded, 3), fragment: 2 });
    const fragmentedTwice = inner.flatMap((f, index) => outerFragments(f, index + 1));
    expect(outcomeOf(fragmentedTwice)).toMatchObject({ ...whole(decoded, 6), fragment: 5, incomplete: 0 });
  });
});

/** An Ethernet frame with an unfragmented IPv4 datagram, as frames of two fragments. */
function outerFragments({ view, offset, capturedLength, time }: Frame, id: number): Frame[] {
  const payload = new Uint8Array(view.buffer, offset + 14 + 20, capturedLength - 14 - 20);
  const fields = { from: "172.16.0.1", to: "172.16.0.2", protocol: PROTOCOL.UDP };
  return [0, 56].map((at) => {
    const part = at === 0 ? payload.subarray(0, 56) : payload.subarray(56);
    const v4 = { id, fragmentOffset: at, moreFragments: at === 0 };
    return frame(linkFrame(0x0800, ipv4Datagram({ ...fields, payload: part }, v4)), { time });
  });
}

describe("a FIN whose fragments did not all come", () => {
  // With its length its place is unknown; and if the network lost the rest, nobody received it.
  it("is no segment, and its repetition is one", () => {
    const [first] = parts({ ...FIN, ipId: 1 }) as [Frame];
    const again = parts({ ...FIN, ipId: 2 });
    expect(outcomeOf([first, ...again])).toMatchObject({
      ...whole({ ...DATA_DECODED, flags: "FP." }, 4),
      incomplete: 1,
    });
  });
});

describe("fragments that overlap", () => {
  const payload = fragmentsOf(DATA, 200).map((octets) => octets.subarray(34))[0] as Uint8Array;
  const tcp = { 4: payload, 6: payload };
  /** The octets of the TCP segment from `from` to `to`, perhaps others than they should be. */
  const part = (version: 4 | 6, from: number, to: number, changed = false): Frame => {
    const { from: a, to: b } = version === 4 ? DATA : DATA_V6;
    const octets = tcp[version].slice(from, to);
    if (changed) octets.fill(0xff);
    const fields = { from: a.ip, to: b.ip, protocol: PROTOCOL.TCP, payload: octets };
    const more = to < tcp[version].length;
    const v4 = { id: 9, fragmentOffset: from, moreFragments: more };
    const datagram = ipDatagram(fields, v4, { extensions: [fragmentHeader(from, more, 9)] });
    return frame(linkFrame(version === 4 ? 0x0800 : 0x86dd, datagram));
  };
  const END = payload.length;

  it("IPv4: the octets that came first stay", () => {
    const changed = part(4, 0, 32, true);
    expect(outcomeOf([part(4, 0, 48), changed, part(4, 40, END)])).toMatchObject(whole(DATA_DECODED, 3));
    expect(outcomeOf([part(4, 16, 48), part(4, 40, END), part(4, 0, 24)])).toMatchObject(whole(DATA_DECODED, 3));
  });

  it("IPv6: the datagram is given up, with all that still comes of it", () => {
    const frames = [part(6, 0, 48), part(6, 40, 64), part(6, 48, END), part(6, 0, 48), part(6, 48, END)];
    expect(outcomeOf(frames)).toMatchObject({ segments: [], incomplete: 5 });
  });

  it("behind the end of the datagram, or with two ends, are given up", () => {
    expect(outcomeOf([part(4, 80, END), part(4, END + 4, END + 12)]).segments).toEqual([]);
    const twoEnds = [part(4, 48, END), frameWith(40, 8, false), part(4, 0, 48)];
    expect(outcomeOf(twoEnds)).toMatchObject({ segments: [], incomplete: 3 });
  });

  it("never throw, and every frame is counted once, whatever they claim", () => {
    const fragment = fc.record({
      v6: fc.boolean(),
      at: fc.nat(40),
      units: fc.integer({ min: 0, max: 12 }),
      odd: fc.nat(7),
      more: fc.boolean(),
      cut: fc.nat(30),
    });
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 30 }), (drawn) => {
        const frames = drawn.map(({ v6, at, units, odd, more, cut }) => {
          const { from, to } = v6 ? DATA_V6 : DATA;
          const octets = new Uint8Array(units * 8 + odd).fill(0x50);
          const fields = { from: from.ip, to: to.ip, protocol: PROTOCOL.TCP, payload: octets };
          const v4 = { id: 9, fragmentOffset: at * 8, moreFragments: more };
          const whole = linkFrame(
            v6 ? 0x86dd : 0x0800,
            ipDatagram(fields, v4, { extensions: [fragmentHeader(at * 8, more, 9)] }),
          );
          return frame(whole.subarray(0, whole.length - cut), { originalLength: whole.length });
        });
        outcomeOf(frames);
      }),
      { numRuns: 500, seed: 20_261_120 },
    );
  });
});

/** A fragment of IPv4 with `octets` octets at `offset`. */
function frameWith(offset: number, octets: number, more: boolean, id = 9): Frame {
  const fields = { from: DATA.from.ip, to: DATA.to.ip, protocol: PROTOCOL.TCP, payload: new Uint8Array(octets) };
  return frame(linkFrame(0x0800, ipv4Datagram(fields, { id, fragmentOffset: offset, moreFragments: more })));
}

describe("memory is bounded", () => {
  it("by the datagrams that are waited for: the oldest gives way", () => {
    const [first, ...others] = parts(DATA) as [Frame, ...Frame[]];
    const flood = (count: number) => Array.from({ length: count }, (_, id) => frameWith(0, 8, true, 10_000 + id));
    expect(outcomeOf([first, ...flood(PENDING_MAX - 1), ...others]).segments).toHaveLength(1);
    expect(outcomeOf([first, ...flood(PENDING_MAX), ...others]).segments).toHaveLength(0);
  });

  it("by the parts of one, and by its copies", () => {
    const steps = (count: number) => Array.from({ length: count }, (_, step) => frameWith(8 * step + 8, 8, true));
    const closed = (count: number) => [...steps(count - 2), frameWith(8 * count - 8, 8, false), frameWith(0, 8, true)];
    expect(decodeAll(closed(PARTS_MAX)).skipped.byReason["fragment-incomplete"]).toBe(0);
    expect(decodeAll(closed(PARTS_MAX + 1)).skipped.byReason["fragment-incomplete"]).toBe(PARTS_MAX + 1);
    const [first, ...others] = parts(DATA) as [Frame, Frame, Frame];
    const copies = Array.from({ length: 2 * COPIES_MAX }, () => first);
    const { segments, duplicates, incomplete } = outcomeOf([...copies, ...others]);
    expect([segments.length, duplicates, incomplete]).toEqual([1, 0, 2 * COPIES_MAX - 1]);
  });

  it("and a fragment cannot lie behind the longest datagram", () => {
    const octets = concat(frameBytes(frameWith(0xfff8, 64, false)));
    expect(decodeAll([frame(octets)]).skipped.byReason["ip-header-malformed"]).toBe(1);
  });
});

const frameBytes = ({ view, offset, capturedLength }: Frame) => new Uint8Array(view.buffer, offset, capturedLength);

describe("no fragments", () => {
  it("a fragment header on a whole datagram (RFC 6946)", () => {
    const atomic = frameOf(DATA_V6, { ipv6: { extensions: [fragmentHeader(0, false, 9)] } });
    expect(outcomeOf([frame(atomic)])).toMatchObject(whole(DATA_V6_DECODED, 1));
  });

  it("of UDP: the last one is counted as what it carried", () => {
    const payload = concat(u16(53), u16(53), u16(40), u16(0), new Uint8Array(32));
    const frames = [0, 24].map((at) => {
      const part = payload.subarray(at, at + 24);
      const fields = { from: "10.0.0.1", to: "10.0.0.2", protocol: PROTOCOL.UDP, payload: part };
      return frame(linkFrame(0x0800, ipv4Datagram(fields, { id: 9, fragmentOffset: at, moreFragments: at === 0 })));
    });
    const { skipped } = decodeAll(frames);
    expect([skipped.byReason.fragment, skipped.byReason["not-tcp"]]).toEqual([1, 1]);
  });
});

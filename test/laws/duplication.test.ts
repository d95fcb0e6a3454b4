import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Analysis } from "../../src/analysis/model.ts";
import { type CaptureFrame, pcapFile } from "../build/captures.ts";
import { withEachFrameTwice } from "../build/transformations.ts";
import { analyzed, comparable, runs, untilAfter } from "./analyzing.ts";
import { randomConversation } from "./random-conversation.ts";
import { RECORDING_NAMES, recordingOf } from "./recordings.ts";

// Law 4: every frame seen twice, within the bounds of rule 16, changes only packet and duplicate counts; frames refer to first copies.

/** Without an IP identification (IPv6, or 0) a copy comes within 3 ms, with one within 1 s. */
const WITHOUT_ID_NANOS = 3_000_000;
const WITH_ID_NANOS = 1_000_000_000;
const EN10MB = 1;

interface Copying {
  readonly delayNanos: number;
  readonly burst: number;
  /** On the way it passed a router. */
  readonly hops: number;
}

/** Bursts stay short: with thousands of frames in between a copy may be forgotten. */
const copying = (nanosMax: number): fc.Arbitrary<Copying> =>
  fc.record({
    delayNanos: fc.oneof(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 0, max: nanosMax })),
    burst: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 5, max: 20 })),
    hops: fc.constantFrom(0, 1, 2),
  });

async function expectCopiesToChangeNothing(frames: readonly CaptureFrame[], linkType: number, how: Copying) {
  const until = untilAfter(frames, BigInt(WITH_ID_NANOS));
  const originals = new Map(frames.map((frame, index) => [frame.octets, index + 1]));
  const twice = withEachFrameTwice(frames, BigInt(how.delayNanos), how.burst);
  const seen = new Set<Uint8Array>();
  const numbers = twice.map(({ octets }) => {
    const isFirst = !seen.has(octets);
    seen.add(octets);
    return isFirst ? originals.get(octets) : undefined;
  });
  const routed = twice.map((frame, index) =>
    numbers[index] === undefined && linkType === EN10MB
      ? { ...frame, octets: afterHops(frame.octets, how.hops) }
      : frame,
  );
  const once = await analyzed([pcapFile(frames, { linkType, resolution: "ns" })], until);
  const doubled = await analyzed([pcapFile(routed, { linkType, resolution: "ns" })], until);

  const frame = (_: number, number: number) => numbers[number - 1] ?? Number.NaN;
  expect(withoutCounts(comparable(doubled, { frame }))).toEqual(withoutCounts(comparable(once)));
  // A recording may hold copies of its own: with every frame twice, all but the first of each are copies.
  expect(countsOf(doubled)).toEqual({
    packets: 2 * once.totals.packets,
    tcpSegments: once.totals.tcpSegments,
    duplicates: once.totals.tcpSegments + 2 * once.totals.duplicates,
  });
}

function countsOf({ totals: { packets, tcpSegments, duplicates } }: Analysis) {
  return { packets, tcpSegments, duplicates };
}

function withoutCounts(comparableAnalysis: unknown): unknown {
  const { totals, ...rest } = comparableAnalysis as { totals: Record<string, unknown> };
  const { packets: _p, duplicates: _d, skipped: _s, ...others } = totals;
  return { ...rest, totals: others };
}

const ETHER_TYPE_AT = 12;
const ETHER_TYPE_OCTETS = 2;
const TAG_OCTETS = 4;
/** First octets of the tags of 802.1Q (0x8100) and 802.1ad (0x88a8). */
const VLAN_TAGS = [0x81, 0x88];
const IPV4_TTL = 8;
const IPV6_HOP_LIMIT = 7;

function afterHops(octets: Uint8Array, hops: number): Uint8Array {
  const forwarded = octets.slice();
  let typeAt = ETHER_TYPE_AT;
  while (VLAN_TAGS.includes(octets[typeAt] ?? 0)) typeAt += TAG_OCTETS;
  const ipAt = typeAt + ETHER_TYPE_OCTETS;
  const at = ipAt + ((octets[ipAt] ?? 0) >>> 4 === 6 ? IPV6_HOP_LIMIT : IPV4_TTL);
  forwarded[at] = (forwarded[at] ?? 0) - hops;
  return forwarded;
}

describe("every frame seen twice changes only packet and duplicate counts", () => {
  it("when copies come within 3 ms", async () => {
    await fc.assert(
      fc.asyncProperty(randomConversation(), copying(WITHOUT_ID_NANOS), ({ conversation }, how) =>
        expectCopiesToChangeNothing(conversation.frames(), EN10MB, how),
      ),
      runs(150),
    );
  });

  it("when copies with an IP identification come within a second", async () => {
    await fc.assert(
      fc.asyncProperty(randomConversation({ withIds: true }), copying(WITH_ID_NANOS), ({ conversation }, how) =>
        expectCopiesToChangeNothing(conversation.frames(), EN10MB, how),
      ),
      runs(100),
    );
  });

  it.each(RECORDING_NAMES)("in %s", async (name) => {
    const { frames, linkType } = await recordingOf(name);
    await fc.assert(
      fc.asyncProperty(copying(WITHOUT_ID_NANOS), (how) => expectCopiesToChangeNothing(frames, linkType, how)),
      runs(3),
    );
  });
});

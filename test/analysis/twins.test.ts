/** One connection that was captured under two names, by a translator of addresses or inside and outside of a tunnel, counts once. */
import { describe, expect, it } from "vitest";
import type { Analysis } from "../../src/analysis/model.ts";
import { analyzeCaptures } from "../../src/questions.ts";
import { type CaptureFrame, pcapFile } from "../build/captures.ts";
import { conversation } from "../build/conversation.ts";
import type { FrameOptions } from "../build/frames.ts";

interface Names {
  readonly client: string;
  readonly server: string;
}

const INSIDE: Names = { client: "10.0.0.9:40000", server: "10.0.0.20:80" };
const OUTSIDE: Names = { client: "192.0.2.1:61000", server: "203.0.113.9:8080" };
const SIXTH: Names = { client: "[2001:db8::9]:40000", server: "[64:ff9b::a00:14]:80" };

/** A half-close of 60 s; both ends' numbers begin at `isn`. */
const STORY = (isn: number) => `
  --- isn c ${isn} s ${isn + 77_777}
  0.000  c > s  [S]
  0.001  s > c  [S.]
  0.002  c > s  [.]
  0.010  c > s  [P.]  length 100
  0.020  s > c  [P.]  length 500
  1.000  c > s  [F.]  seq 101  ack 501
  1.001  s > c  [.]   seq 501  ack 102
  61     --  other traffic
`;

const MICROSECOND = 1_000n;

function seenAs({ client, server }: Names, options: FrameOptions = {}, delay = 0n, isn = 1000): CaptureFrame[] {
  const frames = conversation(STORY(isn), { client, server }).frames(options);
  return frames.map((frame) => ({ ...frame, at: frame.at + delay }));
}

async function together(...views: readonly (readonly CaptureFrame[])[]): Promise<Analysis> {
  const frames = views.flat().sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
  return analyzeCaptures([pcapFile(frames, { resolution: "ns" })], { flows: "every" });
}

const addresses = (id: string | null): string | null => id?.split("@")[0] ?? null;
const linksOf = ({ flows }: Analysis) => flows.map(({ id, sameAs }) => [addresses(id), addresses(sameAs)]);
const nameOf = ({ client, server }: Names) => `${client}-${server}`;

const VXLAN: FrameOptions = { vxlan: { vni: 7 } };

const TWINS: [name: string, names: [Names, Names], views: [CaptureFrame[], CaptureFrame[]]][] = [
  [
    "a router that translates addresses and ports",
    [INSIDE, OUTSIDE],
    [seenAs(INSIDE), seenAs(OUTSIDE, {}, 20n * MICROSECOND)],
  ],
  ["one that translates IPv6 to IPv4", [SIXTH, INSIDE], [seenAs(SIXTH), seenAs(INSIDE, {}, 20n * MICROSECOND)]],
  [
    "the bridge in front of a VXLAN, and the wire behind it",
    [INSIDE, INSIDE],
    [seenAs(INSIDE), seenAs(INSIDE, VXLAN, 5n * MICROSECOND)],
  ],
  ["the same at the same nanosecond", [INSIDE, INSIDE], [seenAs(INSIDE), seenAs(INSIDE, VXLAN)]],
  [
    "a VXLAN in front of the bridge behind it",
    [INSIDE, INSIDE],
    [seenAs(INSIDE, VXLAN), seenAs(INSIDE, {}, 5n * MICROSECOND)],
  ],
  [
    "two tunnels, one behind the other",
    [INSIDE, INSIDE],
    [seenAs(INSIDE, VXLAN), seenAs(INSIDE, { vxlan: { vni: 8, from: "::1", to: "::2" } }, 90n * MICROSECOND)],
  ],
];

describe("is linked to the one that came first, and counts once", () => {
  it.each(TWINS)("%s", async (_, [first, second], views) => {
    const analysis = await together(...views);
    expect(linksOf(analysis)).toEqual([
      [nameOf(first), null],
      [nameOf(second), nameOf(first)],
    ]);
    const { totals, holders, flows } = analysis;
    expect(totals).toMatchObject({ flows: 1, halfClosed: 1, stuck: 1, byVerdict: { "half-closed": 1 } });
    expect(holders).toMatchObject([{ stuck: 1, flows: 1 }]);
    expect(flows.map(({ verdict, holder }) => [verdict, holder])).toEqual([
      ["half-closed", "server"],
      ["half-closed", "server"],
    ]);
  });

  it("three views of one connection", async () => {
    const views = [seenAs(INSIDE), seenAs(INSIDE, VXLAN, MICROSECOND), seenAs(OUTSIDE, {}, 30n * MICROSECOND)];
    const analysis = await together(...views);
    expect(linksOf(analysis).map(([, twin]) => twin)).toEqual([null, nameOf(INSIDE), nameOf(INSIDE)]);
    expect(analysis.totals).toMatchObject({ flows: 1, stuck: 1 });
  });
});

describe("is not taken for another connection", () => {
  const NOT_TWINS: [name: string, views: [CaptureFrame[], CaptureFrame[]]][] = [
    ["overlapping tenants in two tunnels", [seenAs(INSIDE, VXLAN), seenAs(INSIDE, { vxlan: { vni: 8 } }, 1n, 5000)]],
    ["a proxy, which has numbers of its own", [seenAs(INSIDE), seenAs(OUTSIDE, {}, 20n * MICROSECOND, 5000)]],
    ["equal numbers, seconds apart", [seenAs(INSIDE), seenAs(OUTSIDE, {}, 1_000_001n * MICROSECOND)]],
  ];

  it.each(NOT_TWINS)("%s", async (_, views) => {
    const analysis = await together(...views);
    expect(analysis.flows.map(({ sameAs }) => sameAs)).toEqual([null, null]);
    expect(analysis.totals).toMatchObject({ flows: 2, stuck: 2 });
  });
});

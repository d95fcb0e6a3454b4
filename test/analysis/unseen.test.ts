/** TCP that is in a capture and could not be looked at is a problem of the capture, which says what to do. */
import { describe, expect, it } from "vitest";
import { analyzeCaptures } from "../../src/questions.ts";
import { pcapFile } from "../build/captures.ts";
import { fragmentsOf, frameOf, type TestSegment } from "../build/frames.ts";
import { wireless } from "../build/link-headers.ts";

const SEGMENT: TestSegment = {
  at: 0n,
  from: { ip: "10.0.0.1", port: 40_000 },
  to: { ip: "10.0.0.2", port: 80 },
  flags: "P.",
  seq: 1,
  ack: 1,
  length: 100,
};
const V6: TestSegment = {
  ...SEGMENT,
  from: { ip: "2001:db8::1", port: 40_000 },
  to: { ip: "2001:db8::2", port: 80 },
};
const WIRELESS = 105;

const file = (frames: readonly Uint8Array[], linkType = 1) =>
  pcapFile(
    frames.map((octets, index) => ({ at: 1_700_000_000_000_000_000n + BigInt(index) * 1_000_000n, octets })),
    { linkType },
  );

async function problemsOf(...files: Uint8Array[]) {
  const { captures } = await analyzeCaptures(files);
  return captures.map(({ problems }) => problems.map(({ kind, count }) => [kind, count]));
}

describe("encrypted packets", () => {
  const datagram = { etherType: 0x0800, octets: frameOf(SEGMENT, { link: "RAW" }) };

  it("are counted", async () => {
    const frames = [
      wireless(datagram, { isProtected: true }),
      wireless(datagram),
      wireless(datagram, { isProtected: true }),
    ];
    expect(await problemsOf(file(frames, WIRELESS))).toEqual([[["encrypted", 2]]]);
  });

  it("are no problem where there are none", async () => {
    expect(await problemsOf(file([wireless(datagram)], WIRELESS))).toEqual([[]]);
  });
});

describe.each([
  ["IPv4", SEGMENT],
  ["IPv6", V6],
])("fragments of TCP over %s", (_, segment) => {
  const [first, ...others] = fragmentsOf(segment, 48) as [Uint8Array, ...Uint8Array[]];

  it("without the others are counted, as a filter by port leaves them", async () => {
    expect(await problemsOf(file([first]))).toEqual([[["fragment-incomplete", 1]]]);
    expect(await problemsOf(file(others))).toEqual([[["fragment-incomplete", others.length]]]);
  });

  it("are no problem when all came", async () => {
    expect(await problemsOf(file([...others, first]))).toEqual([[]]);
  });

  it("are told of once, by the first capture", async () => {
    const later = pcapFile([{ at: 1_800_000_000_000_000_000n, octets: first }]);
    expect(await problemsOf(file([first]), later)).toEqual([[["fragment-incomplete", 2]], []]);
    const { captures } = await analyzeCaptures([file([first]), later]);
    expect(captures[0]?.problems[0]?.message).toMatch(/^all captures together: fragments of TCP segments/);
  });
});

it("fragments of anything else are no problem", async () => {
  const [first] = fragmentsOf(SEGMENT, 48) as [Uint8Array];
  const PROTOCOL_AT = 14 + 9;
  expect(await problemsOf(file([first.with(PROTOCOL_AT, 17)]))).toEqual([[]]);
});

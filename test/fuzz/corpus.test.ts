/**
 * The smallest cases of what fuzzing found, and files that come close to each limit of the readers. What is found next belongs here: the octets of
 * the counterexample as hexadecimal digits, and what should come of them.
 */
import { describe, expect, it } from "vitest";
import { analyzeCaptures } from "../../src/questions.ts";
import { pcapFile } from "../build/captures.ts";
import { fragmentsOf, type TestSegment } from "../build/frames.ts";
import { decodeAll, frame } from "../wire/decoded.ts";

const octetsOf = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));

const PCAP = "d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000";
const SECTION = "0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000";
const INTERFACE = "01000000 14000000 0100 0000 00000000 14000000";
const PACKET = "06000000 20000000 00000000 240a0600 00000000 00000000 00000000 20000000";

/** kinds: of the problems that are told; code: of the error, where the file is no capture. */
const FILES: [name: string, hex: string, expected: { packets?: number; kinds?: string[]; code?: string }][] = [
  ["a pcap file without records", PCAP, { packets: 0, kinds: [] }],
  ["a record of no octets", `${PCAP} 00000000 00000000 00000000 00000000`, { packets: 1, kinds: [] }],
  ["a record of 4 GiB", `${PCAP} 00000000 00000000 ffffffff ffffffff`, { code: "corrupt" }],
  ["a record one octet short", `${PCAP} 00000000 00000000 01000000 01000000`, { packets: 0, kinds: ["cut-short"] }],
  ["two files joined", `${PCAP} ${PCAP}`, { packets: 0, kinds: ["appended-file"] }],
  ["a joined file of another version", `${PCAP} ${PCAP.replace("0200", "0300")}`, { code: "corrupt" }],
  ["half of a joined file's header", `${PCAP} ${PCAP.slice(0, 40)}`, { packets: 0, kinds: ["cut-short"] }],
  ["a pcap file of version 3", PCAP.replace("0200", "0300"), { code: "unsupported" }],
  ["a magic number and no more", "d4c3b2a1", { packets: 0, kinds: ["cut-short"] }],
  ["a section alone", SECTION, { packets: 0, kinds: [] }],
  ["a section of length 0", "0a0d0d0a 00000000 4d3c2b1a 0100 0000", { code: "corrupt" }],
  ["a section of no byte order", "0a0d0d0a 1c000000 00000000 0100 0000", { code: "corrupt" }],
  ["a packet before any interface", `${SECTION} ${PACKET}`, { packets: 0, kinds: ["unknown-interface"] }],
  [
    "a packet of an interface of the section before",
    `${SECTION} ${INTERFACE} ${SECTION} ${PACKET}`,
    { packets: 0, kinds: ["unknown-interface"] },
  ],
  ["a packet", `${SECTION} ${INTERFACE} ${PACKET}`, { packets: 1, kinds: [] }],
  [
    "a packet that is longer than its block",
    `${SECTION} ${INTERFACE} 06000000 20000000 00000000 240a0600 00000000 04000000 04000000 20000000`,
    { code: "corrupt" },
  ],
  [
    "a resolution of 10^-127 s, and the largest offset",
    `${SECTION} 01000000 28000000 0100 0000 00000000 0900 0100 7f000000 0e00 0800 ffffffffffffff7f 28000000 ${PACKET}`,
    { packets: 1, kinds: [] },
  ],
  [
    "an option that reaches into the next block",
    `${SECTION} 01000000 18000000 0100 0000 00000000 0900 0400 18000000 ${PACKET}`,
    { packets: 1, kinds: ["bad-option"] },
  ],
  ["a block of 4 GiB that nobody reads", `${SECTION} 07000000 fcffffff`, { packets: 0, kinds: ["cut-short"] }],
  ["an interface of 4 GiB", `${SECTION} 01000000 fcffffff`, { code: "corrupt" }],
];

describe("files", () => {
  it.each(FILES)("%s", async (_, hex, { packets, kinds, code }) => {
    const analysis = analyzeCaptures([octetsOf(hex)]);
    if (code !== undefined) {
      await expect(analysis).rejects.toMatchObject({ code });
      return;
    }
    const [capture] = (await analysis).captures;
    expect({ packets: capture?.packets, kinds: capture?.problems.map(({ kind }) => kind) }).toEqual({ packets, kinds });
  });

  it("thousands of files without records, joined in front of one that has some", async () => {
    // Each header was read inside of the one before it, until there was no stack left.
    const empty = pcapFile([]);
    const record = pcapFile([{ at: 1n, octets: new Uint8Array(60) }]);
    const [capture] = (await analyzeCaptures([Buffer.concat([...Array(5_000).fill(empty), record])])).captures;
    expect(capture).toMatchObject({ packets: 1, problems: [{ kind: "appended-file", count: 5_000 }] });
  });
});

describe("fragments", () => {
  const SEGMENT: TestSegment = {
    at: 0n,
    from: { ip: "10.0.0.1", port: 40_000 },
    to: { ip: "10.0.0.2", port: 80 },
    flags: "F.",
    seq: 1,
    ack: 1,
    length: 0,
  };

  it("of which one was captured twice, between the others, are still a segment", () => {
    // The rest went to the copy, which lacked what had come before it.
    const [a, b, c] = fragmentsOf(SEGMENT, 8).map((octets) => frame(octets)) as [
      typeof first,
      typeof first,
      typeof first,
    ];
    const { segments, duplicates } = decodeAll([b, a, a, c]);
    expect(segments.map(({ segment }) => segment.flags)).toEqual(["F."]);
    expect(duplicates).toBe(0);
  });

  const first = frame(new Uint8Array(0));
});

import { describe, expect, it } from "vitest";
import { PcapReader } from "../../src/capture/pcap-reader.ts";
import { type CaptureFrame, type PcapOptions, pcapFile } from "../build/captures.ts";
import { concat, u32 } from "../build/octets.ts";
import { readPcap, readRecords } from "./read-records.ts";

const START = 1_700_000_000_123_456_789n;
const FRAMES: readonly CaptureFrame[] = [
  { at: START, octets: Uint8Array.of(1, 2, 3) },
  { at: START + 2_000_000_001n, octets: Uint8Array.of(4), originalLength: 1500 },
  { at: START - 1_000n, octets: new Uint8Array(0) },
];

/** A little-endian file of one record, with chosen words in its headers. */
function oneRecord({
  snapLength = 262_144,
  linkType = 1,
  captured = 4,
  original = 4,
  minor = 4,
  major = 2,
}): Uint8Array {
  const words = [0xa1b2c3d4, (minor << 16) | major, 0, 0, snapLength, linkType, 1_700_000_000, 0, captured, original];
  return concat(...words.map((word) => u32(word >>> 0, "little")), [9, 9, 9, 9]);
}

describe("every byte order, resolution and layout", () => {
  const rows: readonly { name: string; options: PcapOptions; unit: bigint }[] = [
    { name: "little-endian, µs", options: {}, unit: 1000n },
    { name: "big-endian, µs", options: { endian: "big" }, unit: 1000n },
    { name: "little-endian, ns", options: { resolution: "ns" }, unit: 1n },
    { name: "big-endian, ns", options: { endian: "big", resolution: "ns" }, unit: 1n },
    { name: "little-endian, modified", options: { modified: true }, unit: 1000n },
    { name: "big-endian, modified", options: { endian: "big", modified: true }, unit: 1000n },
  ];

  it.each(rows)("$name", ({ options, unit }) => {
    const cut = (nanos: bigint) => nanos - (nanos % unit);
    const time = (nanos: bigint) => Number(cut(nanos) - cut(START));
    expect(readPcap(pcapFile(FRAMES, { ...options, linkType: "LINUX_SLL" }))).toEqual({
      records: [
        { frame: 1, time: 0, linkType: 113, originalLength: 3, octets: "010203" },
        { frame: 2, time: time(START + 2_000_000_001n), linkType: 113, originalLength: 1500, octets: "04" },
        { frame: 3, time: time(START - 1_000n), linkType: 113, originalLength: 0, octets: "" },
      ],
      firstNanos: cut(START),
      linkTypes: [113],
      dropped: null,
      endNanos: null,
      cutShort: false,
      problems: [],
      annotations: null,
    });
  });
});

describe("times relative to a base", () => {
  it("are set before the first record, or on it", () => {
    const file = pcapFile(FRAMES, { resolution: "ns" });
    const base = START - 5n;
    const before = new PcapReader("a.pcap");
    before.rebase(base);
    expect(readRecords(before, [file]).records.map(({ time }) => time)).toEqual([5, 2_000_000_006, -995]);

    const onFirst = new PcapReader("a.pcap");
    onFirst.push(file);
    expect(onFirst.next()).toBe(true);
    expect(onFirst.record.time).toBe(0);
    onFirst.rebase(base);
    expect(onFirst.record.time).toBe(5);
    expect(onFirst.next()).toBe(true);
    expect(onFirst.record.time).toBe(2_000_000_006);
  });

  it("are exact to the nanosecond 104 days away", () => {
    const reader = new PcapReader("a.pcap");
    const days = 104n * 86_400_000_000_000n;
    reader.rebase(START - days);
    const [first] = readRecords(reader, [pcapFile(FRAMES, { resolution: "ns" })]).records;
    expect(first?.time).toBe(Number(days));
  });
});

describe("header fields with a history", () => {
  it("upper bits of the link type (frame check sequence) are not part of it", () => {
    expect(readPcap(oneRecord({ linkType: 0x5400_0001 })).linkTypes).toEqual([1]);
  });

  it("lengths swapped by writers of version 2.3 and before", () => {
    const swapped = readPcap(oneRecord({ minor: 3, captured: 60, original: 4 })).records[0];
    expect(swapped).toMatchObject({ originalLength: 60, octets: "09090909" });
  });

  it("an original length below the captured one is left as it is from version 2.4 on", () => {
    expect(readPcap(oneRecord({ original: 2 })).records[0]).toMatchObject({ originalLength: 2, octets: "09090909" });
  });

  it("a second file behind the first (cat a.pcap b.pcap) is read on", () => {
    const reading = readPcap(concat(pcapFile(FRAMES), pcapFile(FRAMES)));
    expect(reading.records.map(({ frame }) => frame)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(reading.records[3]?.octets).toBe("010203");
    expect(reading.problems).toEqual([
      { kind: "appended-file", count: 1, message: "another file header at byte 76: read on as one capture" },
    ]);
  });
});

describe("lengths that cannot be", () => {
  it.each([
    { name: "above the standard", snapLength: 0, captured: 262_145, max: "262,144" },
    { name: "above the snapshot length", snapLength: 1_000_000, captured: 1_000_001, max: "1,000,000" },
    { name: "above all", snapLength: 0xffff_ffff, captured: 0xffff_fff0, max: "16,777,216" },
  ])("$name stop the capture there", ({ snapLength, captured, max }) => {
    const good = oneRecord({ snapLength });
    const file = concat(good, oneRecord({ captured }).subarray(24));
    const reading = readPcap(file);
    expect(reading.records).toHaveLength(1);
    expect(reading.cutShort).toBe(false);
    const found = captured.toLocaleString("en-US");
    const message = `record 2 at byte 44 declares ${found} captured octets (at most ${max} are plausible): analyzed up to there`;
    expect(reading.problems).toEqual([{ kind: "absurd-length", count: 1, message }]);
  });

  it("up to the snapshot length are read", () => {
    const octets = new Uint8Array(300_000);
    const file = pcapFile([{ at: START, octets }], { snaplen: 300_000 });
    expect(readPcap(file).records[0]?.octets).toHaveLength(600_000);
  });
});

describe("a file header that is none", () => {
  it("version 1.x is not read", () => {
    expect(() => readPcap(oneRecord({ major: 1 }))).toThrow(
      expect.objectContaining({
        code: "unsupported",
        file: "a.pcap",
        offset: 4,
        message: "a.pcap: expected pcap version 2.x, found 1.4 at byte 4; convert it with Wireshark's editcap",
      }),
    );
  });
});

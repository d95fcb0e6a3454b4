import { describe, expect, it } from "vitest";
import { PcapParserReader } from "../../src/capture/pcap-parser-reader.ts";
import { PcapReader } from "../../src/capture/pcap-reader.ts";
import { PcapngReader } from "../../src/capture/pcapng-reader.ts";
import type { RecordReader } from "../../src/capture/record.ts";
import { type CaptureFrame, pcapFile, pcapngFile } from "../build/captures.ts";
import { chunksOf, readRecords } from "./read-records.ts";

// Law 6: any prefix of a file never throws, and says "cut short" if and only if it ends inside a header, block or record.

const FRAMES: readonly CaptureFrame[] = [13, 0, 64].map((length, index) => ({
  at: 1_700_000_000_000_000_000n + BigInt(index),
  octets: new Uint8Array(length).fill(index),
}));

/** Where a pcap file may end in order. */
function pcapJoints(recordHeaderOctets: number): number[] {
  let end = 24;
  return [end, ...FRAMES.map(({ octets }) => (end += recordHeaderOctets + octets.length))];
}

/** Where a little-endian pcapng file may end in order: behind each block. */
function pcapngJoints(file: Uint8Array): number[] {
  const joints: number[] = [];
  for (let end = 0; end < file.length; joints.push(end)) end += Buffer.from(file).readUInt32LE(end + 4);
  return joints;
}

interface Row {
  readonly name: string;
  readonly file: Uint8Array;
  readonly joints: readonly number[];
  readonly open: () => RecordReader;
}

const plainPcap = pcapFile(FRAMES);
const pcapng = pcapngFile(FRAMES, {
  interfaces: [{ tsresol: 9, dropped: 1 }],
  nameResolution: [{ ip: "10.0.0.1", names: ["a.example"] }],
  unknownBlocks: true,
});

const ROWS: readonly Row[] = [
  { name: "pcap", file: plainPcap, joints: pcapJoints(16), open: () => new PcapReader("a") },
  {
    name: "modified pcap",
    file: pcapFile(FRAMES, { modified: true }),
    joints: pcapJoints(24),
    open: () => new PcapReader("a"),
  },
  { name: "pcap-parser", file: plainPcap, joints: pcapJoints(16), open: () => new PcapParserReader("a") },
  { name: "pcapng", file: pcapng, joints: pcapngJoints(pcapng), open: () => new PcapngReader("a") },
];

describe("a prefix never throws and knows whether it was cut short", () => {
  it.each(ROWS)("$name", ({ file, joints, open }) => {
    const whole = readRecords(open(), [file]).records;
    for (let length = 1; length <= file.length; length++) {
      const prefix = file.subarray(0, length);
      const reading = readRecords(open(), [prefix]);
      expect(reading.cutShort, `first ${length} octets`).toBe(!joints.includes(length));
      expect(reading.problems.map(({ kind }) => kind)).toEqual(reading.cutShort ? ["cut-short"] : []);
      expect(reading.records).toEqual(whole.slice(0, reading.records.length));
      expect(readRecords(open(), chunksOf(prefix, [1]))).toEqual(reading);
    }
  });
});

describe("the message says what was needed, what was there, and where", () => {
  const message = (file: Uint8Array, open: () => RecordReader) => readRecords(open(), [file]).problems[0]?.message;
  const openPcap = () => new PcapReader("a.pcap");
  const openPcapng = () => new PcapngReader("a.pcapng");

  it.each([
    [10, "ends inside the file header (needed 24 octets, had 10, at byte 0): analyzed up to there"],
    [30, "ends inside record 1 (needed 16 octets, had 6, at byte 24): analyzed up to there"],
    [50, "ends inside record 1 (needed 29 octets, had 26, at byte 24): analyzed up to there"],
    [100, "ends inside record 3 (needed 80 octets, had 31, at byte 69): analyzed up to there"],
  ])("pcap of %i octets", (length, expected) => {
    expect(message(plainPcap.subarray(0, length), openPcap)).toBe(expected);
  });

  it.each([
    [7, "ends inside the section header (needed 28 octets, had 7, at byte 0): analyzed up to there"],
    [20, "ends inside the section header (needed 28 octets, had 20, at byte 0): analyzed up to there"],
    [33, "ends inside block 2 (needed 12 octets, had 5, at byte 28): analyzed up to there"],
    [37, "ends inside block 2 (needed 16 octets, had 9, at byte 28): analyzed up to there"],
    [50, "ends inside block 3 (needed 12 octets, had 6, at byte 44): analyzed up to there"],
  ])("pcapng of %i octets", (length, expected) => {
    expect(message(pcapng.subarray(0, length), openPcapng)).toBe(expected);
  });
});

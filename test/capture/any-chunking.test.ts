import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PcapParserReader } from "../../src/capture/pcap-parser-reader.ts";
import { PcapReader } from "../../src/capture/pcap-reader.ts";
import { PcapngReader } from "../../src/capture/pcapng-reader.ts";
import type { RecordReader } from "../../src/capture/record.ts";
import { type CaptureFrame, pcapFile, pcapngFile } from "../build/captures.ts";
import { chunksOf, readRecords } from "./read-records.ts";

// Law 1: byte chunks of any sizes give the same records.

const START = 1_700_000_000_000_000_000n;

const frames: fc.Arbitrary<CaptureFrame[]> = fc.array(
  fc.record({
    at: fc.bigInt({ min: 0n, max: 10_000_000_000n }).map((nanos) => START + nanos),
    octets: fc.uint8Array({ maxLength: 90 }),
  }),
  { maxLength: 12 },
);

const chunkSizes = fc.oneof(
  fc.constant([1]),
  fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 8 }),
);

interface Format {
  readonly name: string;
  readonly write: (frames: readonly CaptureFrame[]) => Uint8Array;
  readonly open: () => RecordReader;
}

const openPcap = () => new PcapReader("a.pcap");
const openPcapng = () => new PcapngReader("a.pcapng");

const FORMATS: readonly Format[] = [
  { name: "pcap", write: (list) => pcapFile(list), open: openPcap },
  {
    name: "pcap, big-endian, ns",
    write: (list) => pcapFile(list, { endian: "big", resolution: "ns" }),
    open: openPcap,
  },
  { name: "pcap, modified", write: (list) => pcapFile(list, { modified: true }), open: openPcap },
  { name: "pcap through pcap-parser", write: (list) => pcapFile(list), open: () => new PcapParserReader("a.pcap") },
  { name: "pcapng", write: (list) => pcapngFile(list), open: openPcapng },
  {
    name: "pcapng with everything",
    write: (list) =>
      pcapngFile(list, {
        sections: ["big", "little", "big"],
        interfaces: [{ tsresol: 0x8a, tsoffset: -3n, dropped: 7, endTime: START }],
        nameResolution: [{ ip: "10.0.0.1", names: ["a.example", "b.example"] }],
        unknownBlocks: true,
      }),
    open: openPcapng,
  },
  { name: "pcapng, simple packets", write: (list) => pcapngFile(list, { simplePackets: true }), open: openPcapng },
];

describe("byte chunks of any sizes give the same records", () => {
  it.each(FORMATS)("$name", ({ write, open }) => {
    fc.assert(
      fc.property(frames, chunkSizes, (list, sizes) => {
        const file = write(list);
        const whole = readRecords(open(), [file]);
        expect(whole.records).toHaveLength(list.length);
        expect(readRecords(open(), chunksOf(file, sizes))).toEqual(whole);
      }),
    );
  });

  it.each(FORMATS)("$name, several chunks before the first record is asked for", ({ write, open }) => {
    fc.assert(
      fc.property(frames, chunkSizes, (list, sizes) => {
        const file = write(list);
        const reader = open();
        for (const chunk of chunksOf(file, sizes)) reader.push(chunk);
        expect(readRecords(reader, [])).toEqual(readRecords(open(), [file]));
      }),
    );
  });
});

describe("one octet at a time", () => {
  it("costs no more than linear time", () => {
    const large = pcapFile([{ at: START, octets: new Uint8Array(200_000) }]);
    const reader = openPcap();
    // Copying what has arrived with every octet would move 20 GB here.
    expect(readRecords(reader, chunksOf(large, [1])).records).toHaveLength(1);
  });
});

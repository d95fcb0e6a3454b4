import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PcapParserReader } from "../../src/capture/pcap-parser-reader.ts";
import { PcapReader } from "../../src/capture/pcap-reader.ts";
import { PcapngReader } from "../../src/capture/pcapng-reader.ts";
import type { RecordReader } from "../../src/capture/record.ts";
import { pcapFile, pcapngFile } from "../build/captures.ts";
import { chunksOf, readRecords } from "./read-records.ts";

// Behind a good file header nothing throws, whatever the octets are, and any chunking still gives the same records and problems.

const FRAMES = Array.from({ length: 6 }, (_, index) => ({
  at: 1_700_000_000_000_000_000n + BigInt(index),
  octets: new Uint8Array(20 * index).fill(index),
}));
const plain = pcapFile(FRAMES);
const blocks = pcapngFile(
  FRAMES.map((frame) => ({ ...frame, comment: "a comment" })),
  {
    interfaces: [{ tsresol: 9, dropped: 1, endTime: 1n }],
    nameResolution: [
      { ip: "10.0.0.1", names: ["a.example", "b.example"] },
      { ip: "2001:db8::1", names: ["c.example"] },
    ],
    unknownBlocks: true,
  },
);

interface Row {
  readonly name: string;
  readonly file: Uint8Array;
  readonly headerOctets: number;
  readonly open: () => RecordReader;
}

const ROWS: readonly Row[] = [
  { name: "pcap", file: plain, headerOctets: 24, open: () => new PcapReader("a") },
  { name: "pcap through pcap-parser", file: plain, headerOctets: 24, open: () => new PcapParserReader("a") },
  { name: "pcapng", file: blocks, headerOctets: 28, open: () => new PcapngReader("a") },
];

describe("octets that were damaged anywhere behind the file header", () => {
  it.each(ROWS)("$name", ({ file, headerOctets, open }) => {
    const damage = fc.record({
      at: fc.integer({ min: headerOctets, max: file.length - 1 }),
      octet: fc.integer({ min: 0, max: 255 }),
    });
    fc.assert(
      fc.property(fc.array(damage, { maxLength: 6 }), fc.integer({ min: 1, max: 64 }), (damages, size) => {
        const damaged = Uint8Array.from(file);
        for (const { at, octet } of damages) damaged[at] = octet;
        const whole = readRecords(open(), [damaged]);
        expect(readRecords(open(), chunksOf(damaged, [size]))).toEqual(whole);
      }),
      { numRuns: 1000 },
    );
  });
});

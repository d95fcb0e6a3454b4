/** Both readers, on files as their formats' grammars allow them and beyond, on damaged recordings, and cut at every octet. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PcapReader } from "../../src/capture/pcap-reader.ts";
import { PcapngReader } from "../../src/capture/pcapng-reader.ts";
import type { RecordReader } from "../../src/capture/record.ts";
import { CloseWaitError } from "../../src/errors.ts";
import { FrameBatch } from "../../src/wire/frame-batch.ts";
import { chunksOf, type Reading, readRecords } from "../capture/read-records.ts";
import { octetsOf, RECORDING_NAMES } from "../laws/recordings.ts";
import { damaged } from "./damage.ts";
import { type Octets, runs } from "./fuzzing.ts";
import { randomPcap, randomPcapng } from "./random-files.ts";

const READERS = {
  pcap: () => new PcapReader("a"),
  pcapng: () => new PcapngReader("a"),
} as const;
type Format = keyof typeof READERS;

const RANDOM: Readonly<Record<Format, fc.Arbitrary<Octets>>> = { pcap: randomPcap(), pcapng: randomPcapng() };

const formatOf = (name: string): Format => (name.includes(".pcapng") ? "pcapng" : "pcap");

/** What a reader makes of the chunks; null: it refused the first header, the only place where it may throw. */
function read(open: () => RecordReader, chunks: Iterable<Uint8Array>): Reading | null {
  const reader = open();
  try {
    return readRecords(reader, chunks);
  } catch (error) {
    if (!(error instanceof CloseWaitError)) throw error;
    expect(reader.record.frame).toBe(0);
    return null;
  }
}

function expectToBeRead(open: () => RecordReader, { octets }: Octets, sizes: readonly number[]): void {
  const whole = read(open, [octets]);
  expect(read(open, chunksOf(octets, sizes))).toEqual(whole);
  if (whole === null) return;
  let frame = 0;
  for (const record of whole.records) {
    expect(record.frame).toBeGreaterThan(frame);
    frame = record.frame;
    expect(Number.isFinite(record.time)).toBe(true);
    expect(record.octets.length / 2).toBeLessThanOrEqual(octets.length);
  }
  expect(frames(open, octets)).toEqual(whole.records.map(({ time, octets: hex, linkType }) => [time, hex, linkType]));
}

/** The same records through `fill()`, as the merge of captures takes them. */
function frames(open: () => RecordReader, octets: Uint8Array): unknown[] {
  const reader = open();
  const sink = new FrameBatch();
  const found: unknown[] = [];
  const take = () => {
    for (let row = 0; row < sink.rows; row++) {
      const at = sink.view.byteOffset + (sink.offset[row] as number);
      const hex = Buffer.from(sink.view.buffer as ArrayBuffer, at, sink.capturedLength[row]).toString("hex");
      found.push([sink.time[row], hex, sink.linkType[row]]);
    }
    sink.clear();
  };
  reader.push(octets);
  while (reader.next()) {
    const { record } = reader;
    sink.view = record.view;
    sink.append(record.offset, record.capturedLength, record.originalLength, record.time, record.linkType);
    take();
    reader.fill?.(sink, Number.POSITIVE_INFINITY);
    take();
  }
  return found;
}

const sizes = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 3 });

describe("no octets make a reader throw behind the first header, in chunks of any size", () => {
  it.each(["pcap", "pcapng"] as const)("random %s files", (format) => {
    fc.assert(
      fc.property(RANDOM[format], sizes, (file, some) => expectToBeRead(READERS[format], file, some)),
      runs(1_000),
    );
  });

  it.each(["pcap", "pcapng"] as const)("damaged %s files", (format) => {
    const files = damaged(RANDOM[format].map(({ octets }) => octets));
    fc.assert(
      fc.property(files, sizes, (file, some) => expectToBeRead(READERS[format], file, some)),
      runs(500),
    );
  });

  const small = RECORDING_NAMES.filter((name) => octetsOf(name).length < 15_000);
  it("damaged recordings", () => {
    const recording = fc
      .constantFrom(...small)
      .chain((name) => damaged(fc.constant(octetsOf(name))).map((file) => ({ name, file })));
    fc.assert(
      fc.property(recording, ({ name, file }) => expectToBeRead(READERS[formatOf(name)], file, [1000])),
      runs(80),
    );
  });
});

/** Octets in front of the first packet, and where each packet ends; of the little-endian files in `captures/`. */
function layoutOf(name: string, octets: Uint8Array): { readonly start: number; readonly ends: readonly number[] } {
  const view = new DataView(octets.buffer, octets.byteOffset);
  const ends: number[] = [];
  if (formatOf(name) === "pcap") {
    for (let at = 24; at < octets.length; ends.push(at)) at += 16 + view.getUint32(at + 8, true);
    return { start: 24, ends };
  }
  const PACKET = 6;
  let at = 0;
  while (view.getUint32(at, true) !== PACKET) at += view.getUint32(at + 4, true);
  const start = at;
  while (at < octets.length) {
    at += view.getUint32(at + 4, true);
    ends.push(at);
  }
  return { start, ends };
}

describe("a recording that is cut at any octet is cut short there, or ends with its last record", () => {
  // A reader keeps nothing of a record but its number: each record is cut behind the file's beginning, not behind all those before it.
  it.each(RECORDING_NAMES)("%s", (name) => {
    const octets = octetsOf(name);
    const open = READERS[formatOf(name)];
    const { start, ends } = layoutOf(name, octets);
    for (let length = 0; length < start; length++) {
      const reading = read(open, [octets.subarray(0, length)]);
      expect(reading?.records ?? []).toEqual([]);
    }
    const beginning = octets.subarray(0, start);
    let from = start;
    let wrong = 0;
    for (const end of ends) {
      for (let length = 0; length < end - from; length++) {
        const reader = open();
        reader.push(beginning);
        while (reader.next());
        reader.push(octets.subarray(from, from + length));
        const hasRecord = reader.next();
        reader.finish();
        if (hasRecord || reader.cutShort !== length > 0 || reader.problems.length !== Number(length > 0)) wrong++;
      }
      from = end;
    }
    expect({ wrong, end: from }).toEqual({ wrong: 0, end: octets.length });
  });
});

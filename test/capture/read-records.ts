import type { CaptureAnnotations } from "../../src/capture/annotations.ts";
import { PcapReader } from "../../src/capture/pcap-reader.ts";
import { PcapngReader } from "../../src/capture/pcapng-reader.ts";
import type { CaptureRecord, Problem, RecordReader } from "../../src/capture/record.ts";

/** A record as a value: readers reuse theirs. */
export interface RecordCopy {
  readonly frame: number;
  readonly time: number;
  readonly linkType: number;
  readonly originalLength: number;
  readonly octets: string;
}

/** All that a reader has to say about an input. */
export interface Reading {
  readonly records: readonly RecordCopy[];
  readonly firstNanos: bigint | null;
  readonly linkTypes: readonly number[];
  readonly dropped: number | null;
  readonly endNanos: bigint | null;
  readonly cutShort: boolean;
  readonly problems: readonly Problem[];
  readonly annotations: CaptureAnnotations | null;
}

export function copyOf({
  frame,
  time,
  linkType,
  originalLength,
  view,
  offset,
  capturedLength,
}: CaptureRecord): RecordCopy {
  const octets = Buffer.from(view.buffer as ArrayBuffer, view.byteOffset + offset, capturedLength).toString("hex");
  return { frame, time, linkType, originalLength, octets };
}

/** Pushes the chunks and steps through the records, as every user of a reader does. */
export function readRecords(reader: RecordReader, chunks: Iterable<Uint8Array>): Reading {
  const records: RecordCopy[] = [];
  const drain = () => {
    while (reader.next()) records.push(copyOf(reader.record));
  };
  for (const chunk of chunks) {
    // A copy that is wiped as soon as the reader is done with it: nothing may hold on to a chunk.
    const lent = Uint8Array.from(chunk);
    reader.push(lent);
    drain();
    lent.fill(0xee);
  }
  drain();
  reader.finish();
  drain();
  const { firstNanos, linkTypes, dropped, endNanos, cutShort, problems, annotations } = reader;
  return { records, firstNanos, linkTypes: [...linkTypes], dropped, endNanos, cutShort, problems, annotations };
}

export function readPcap(...chunks: Uint8Array[]): Reading {
  return readRecords(new PcapReader("a.pcap"), chunks);
}

export function readPcapng(...chunks: Uint8Array[]): Reading {
  return readRecords(new PcapngReader("a.pcapng"), chunks);
}

/** Cuts at the given sizes, over and over until nothing is left. */
export function* chunksOf(octets: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let offset = 0, turn = 0; offset < octets.length; turn++) {
    const size = sizes[turn % sizes.length] ?? octets.length;
    yield octets.subarray(offset, offset + size);
    offset += size;
  }
}

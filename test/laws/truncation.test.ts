import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Analysis } from "../../src/analysis/model.ts";
import { CloseWaitError } from "../../src/errors.ts";
import { type CaptureFrame, gzip, pcapFile, pcapngFile } from "../build/captures.ts";
import { analyzed, comparable, runs } from "./analyzing.ts";
import { randomConversation } from "./random-conversation.ts";
import { octetsOf, RECORDING_NAMES } from "./recordings.ts";

// Law 6: any prefix of a file never throws, and says "cut short" if and only if it ends inside a record.

const PCAP_HEADER_OCTETS = 24;
const RECORD_HEADER_OCTETS = 16;

interface Written {
  readonly octets: Uint8Array;
  /** Lengths of the prefixes that end where a record (or block) ends. */
  readonly ends: ReadonlySet<number>;
  /** Shorter prefixes may be refused. */
  readonly headerOctets: number;
}

const littleEndianPcap = (frames: readonly CaptureFrame[]): Written => pcap(pcapFile(frames), true);
const bigEndianPcap = (frames: readonly CaptureFrame[]): Written => pcap(pcapFile(frames, { endian: "big" }), false);
const writePcapng = (frames: readonly CaptureFrame[]): Written =>
  pcapng(pcapngFile(frames, { unknownBlocks: true, endTime: frames.at(-1)?.at ?? 0n, dropped: 0 }), true);

function pcap(octets: Uint8Array, littleEndian: boolean): Written {
  const view = new DataView(octets.buffer, octets.byteOffset);
  const ends = new Set<number>();
  for (let at = PCAP_HEADER_OCTETS; at <= octets.length; ) {
    ends.add(at);
    if (at === octets.length) break;
    at += RECORD_HEADER_OCTETS + view.getUint32(at + 8, littleEndian);
  }
  return { octets, ends, headerOctets: PCAP_HEADER_OCTETS };
}

function pcapng(octets: Uint8Array, littleEndian: boolean): Written {
  const view = new DataView(octets.buffer, octets.byteOffset);
  const ends = new Set<number>();
  for (let at = 0; at < octets.length; ) {
    at += view.getUint32(at + 4, littleEndian);
    ends.add(at);
  }
  return { octets, ends, headerOctets: Math.min(...ends) };
}

async function analysisOf(octets: Uint8Array): Promise<Analysis | CloseWaitError> {
  try {
    return await analyzed([octets]);
  } catch (error) {
    if (error instanceof CloseWaitError) return error;
    throw error;
  }
}

async function expectPrefixToBeRead({ octets, ends, headerOctets }: Written, length: number): Promise<void> {
  const analysis = await analysisOf(octets.slice(0, length));
  if (analysis instanceof CloseWaitError) {
    expect(length, analysis.message).toBeLessThan(headerOctets);
    return;
  }
  const [capture] = analysis.captures;
  expect(capture?.cutShort, `cut at ${length}`).toBe(!ends.has(length));
  expect(capture?.problems.map(({ kind }) => kind)).toEqual(ends.has(length) ? [] : ["cut-short"]);
  const whole = Math.max(0, ...[...ends].filter((end) => end <= length));
  if (whole < headerOctets) return;
  expect(comparable(analysis)).toEqual(comparable(await analyzed([octets.slice(0, whole)])));
}

async function expectCompressedPrefixToBeRead(octets: Uint8Array, length: number): Promise<void> {
  const analysis = await analysisOf(octets.slice(0, length));
  if (analysis instanceof CloseWaitError) expect(length, analysis.message).toBeLessThan(12);
  else expect(analysis.captures[0]?.cutShort, `cut at ${length}`).toBe(length < octets.length);
}

const FORMATS = { "little-endian pcap": littleEndianPcap, "big-endian pcap": bigEndianPcap, pcapng: writePcapng };

describe("any prefix of a file is analyzed, and is cut short if it ends inside a record", () => {
  it.each(Object.entries(FORMATS))("%s", async (_, write) => {
    await fc.assert(
      fc.asyncProperty(randomConversation(), fc.double({ min: 0, max: 1, noNaN: true }), ({ conversation }, part) => {
        const written = write(conversation.frames());
        return expectPrefixToBeRead(written, Math.round(part * written.octets.length));
      }),
      runs(120),
    );
  });

  it.each(Object.entries(FORMATS))("%s, every prefix of the first records", async (_, write) => {
    const [sample] = fc.sample(randomConversation({ flowsMax: 1 }), { numRuns: 1, seed: 7 });
    const written = write(sample?.conversation.frames().slice(0, 2) ?? []);
    for (let length = 0; length <= written.octets.length; length++) await expectPrefixToBeRead(written, length);
  });

  it("gzip, every prefix", async () => {
    const [sample] = fc.sample(randomConversation({ flowsMax: 1 }), { numRuns: 1, seed: 8 });
    const octets = new Uint8Array(gzip(pcapFile(sample?.conversation.frames() ?? [])));
    for (let length = 0; length <= octets.length; length++) await expectCompressedPrefixToBeRead(octets, length);
  });

  it.each(RECORDING_NAMES)("%s", async (name) => {
    const octets = octetsOf(name);
    const written = name.endsWith(".pcapng") ? pcapng(octets, true) : pcap(octets, true);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: octets.length }), (length) => expectPrefixToBeRead(written, length)),
      runs(8),
    );
  });
});

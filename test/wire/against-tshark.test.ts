/** An independent reading of every capture in captures/: same segments, same numbers, same flags, same options. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openCaptures } from "../../src/capture/capture-set.ts";
import { FrameDecoder } from "../../src/wire/frame-decoder.ts";
import { FIN, RST, SegmentBatch, SYN } from "../../src/wire/segment-batch.ts";
import { SEED, segmentAt } from "./decoded.ts";
import { hasTshark, tsharkColumns } from "./tshark.ts";

const CAPTURES = new URL("../../captures", import.meta.url).pathname;
const isCapture = (name: string) => /\.(pcap|pcapng)(\.gz)?\d*$/.test(name);
const files = existsSync(CAPTURES) ? readdirSync(CAPTURES).filter(isCapture) : [];
const reason = hasTshark ? "there are no captures" : "tshark is not installed";
const skipped = !hasTshark || files.length === 0;

describe("tshark and the decoder agree on", () => {
  it.skipIf(skipped).each(skipped ? [`every capture (skipped: ${reason})`] : files)("%s", async (name) => {
    const path = join(CAPTURES, name);
    const { segments, duplicates } = await decoded(path);
    const expected = readByTshark(path);
    for (const frame of duplicates) expected.delete(frame);
    expect(segments).toEqual(expected);
  });
});

/** One line per segment, by frame number. */
type Reading = Map<number, string>;

async function decoded(path: string): Promise<{ segments: Reading; duplicates: number[] }> {
  const decoder = new FrameDecoder({ seed: SEED });
  const batch = new SegmentBatch();
  const segments: Reading = new Map();
  const duplicates: number[] = [];
  const captures = await openCaptures([path]);
  for await (const turn of captures.turns()) {
    while (turn.next()) {
      const { record } = turn;
      batch.rows = 0;
      const before = decoder.duplicates;
      if (decoder.decodeOne(record, record.frame, record.frame, batch)) segments.set(record.frame, lineOf(batch));
      else if (decoder.duplicates > before) duplicates.push(record.frame);
    }
  }
  return { segments, duplicates };
}

function lineOf(batch: SegmentBatch): string {
  const { from, to, seq, ack, length, window, timestamps, mss, scale } = segmentAt(batch, 0);
  const [sourcePort, destinationPort] = [from, to].map((end) => end.split(" ")[1]);
  const [tsval, tsecr] = timestamps ?? [];
  const numbers = [sourcePort, destinationPort, seq, ack, length, batch.flags[0], window, tsval, tsecr, mss, scale];
  return numbers.map((number) => number ?? "").join();
}

const FIELDS = [
  "tcp.srcport",
  "tcp.dstport",
  "tcp.seq",
  "tcp.ack",
  "tcp.len",
  "tcp.flags",
  "tcp.window_size_value",
  "tcp.options.timestamp.tsval",
  "tcp.options.timestamp.tsecr",
  "tcp.options.mss_val",
  "tcp.options.wscale.shift",
];
const FLAGS = FIELDS.indexOf("tcp.flags");
const TSVAL = FIELDS.indexOf("tcp.options.timestamp.tsval");
const TSECR = FIELDS.indexOf("tcp.options.timestamp.tsecr");

function readByTshark(path: string): Reading {
  const reading: Reading = new Map();
  for (const [frame, ...fields] of tsharkColumns(path, FIELDS)) {
    const flags = Number(fields[FLAGS]) & 0xff;
    // Cut before the flags; neither side has more to say about it.
    if (fields[FLAGS] === "") continue;
    fields[FLAGS] = String(flags & (SYN | RST) ? flags & ~FIN : flags);
    // An option that was cut in the middle: tshark shows its first half.
    if (fields[TSECR] === "") fields[TSVAL] = "";
    reading.set(Number(frame), fields.join());
  }
  return reading;
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CaptureFrame, gzip, pcapFile, pcapngFile } from "../build/captures.ts";
import { analyzed, comparable, runs } from "./analyzing.ts";
import { randomConversation } from "./random-conversation.ts";
import { octetsOf, RECORDING_NAMES } from "./recordings.ts";

// Law 1: byte chunks of any sizes give the same result. (test/capture has the same for single records and their octets.)

const FORMATS: Readonly<Record<string, (frames: readonly CaptureFrame[]) => Uint8Array>> = {
  pcap: (frames) => pcapFile(frames),
  "big-endian pcap": (frames) => pcapFile(frames, { endian: "big", resolution: "ns" }),
  pcapng: (frames) => pcapngFile(frames, { unknownBlocks: true, sections: ["little", "big"], endTime: 2n ** 61n }),
  gzip: (frames) => gzip(pcapFile(frames)),
};

/** Used in turn; zero is a chunk without octets. */
const chunkSizes = fc.oneof(
  fc.constant([1]),
  fc.constant([7, 0, 1]),
  fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 6 }).filter((sizes) => sizes.some((size) => size > 0)),
  fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 4 }),
);

/** A stream that uses one buffer again and again, as the readers must expect. */
async function* chunked(octets: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(Math.max(...sizes));
  for (let at = 0, count = 0; at < octets.length; count++) {
    const size = sizes[count % sizes.length] as number;
    const part = octets.subarray(at, at + size);
    buffer.set(part);
    yield buffer.subarray(0, part.length);
    buffer.fill(0xa5);
    at += size;
  }
}

async function expectAnyChunksToGiveTheSame(octets: Uint8Array, sizes: readonly number[]): Promise<void> {
  const whole = await analyzed([octets]);
  const pieces = await analyzed([chunked(octets, sizes)]);
  expect(comparable(pieces)).toEqual(comparable(whole));
  expect(pieces.captures).toEqual(whole.captures.map((capture) => ({ ...capture, path: "(stream)" })));
}

describe("byte chunks of any sizes give the same result", () => {
  it.each(Object.entries(FORMATS))("of %s", async (_, write) => {
    await fc.assert(
      fc.asyncProperty(randomConversation(), chunkSizes, ({ conversation }, sizes) =>
        expectAnyChunksToGiveTheSame(write(conversation.frames()), sizes),
      ),
      runs(40),
    );
  });

  it.each(RECORDING_NAMES)("of %s", async (name) => {
    await fc.assert(
      fc.asyncProperty(chunkSizes, (sizes) => expectAnyChunksToGiveTheSame(octetsOf(name), sizes)),
      runs(3),
    );
  });
});

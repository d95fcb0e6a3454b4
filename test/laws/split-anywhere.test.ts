import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CaptureFrame, gzip, pcapFile, pcapngFile } from "../build/captures.ts";
import { analyzed, comparable, runs } from "./analyzing.ts";
import { randomConversation } from "./random-conversation.ts";
import { RECORDING_NAMES, recordingOf } from "./recordings.ts";

// Law 2: a capture cut into files at any record, analyzed together, equals the whole.

type Write = (frames: readonly CaptureFrame[], linkType: number) => Uint8Array;

const pcap: Write = (frames, linkType) => pcapFile(frames, { linkType, resolution: "ns" });
const FORMATS: readonly Write[] = [
  pcap,
  (frames, linkType) => pcapFile(frames, { linkType, resolution: "ns", endian: "big" }),
  (frames, linkType) => pcapngFile(frames, { linkType, tsresol: 9 }),
  (frames, linkType) => pcapngFile(frames, { linkType, tsresol: 9, endian: "big" }),
  (frames, linkType) => gzip(pcap(frames, linkType)),
];

interface Cuts {
  /** Numbers of records that begin a file. */
  readonly at: readonly number[];
  /** One format for all, or each file its own. */
  readonly formats: readonly number[];
}

const cuts: fc.Arbitrary<Cuts> = fc.record({
  at: fc.array(fc.integer({ min: 1, max: 45 }), { minLength: 1, maxLength: 5 }),
  formats: fc.oneof(
    fc.constant([0]),
    fc.constant([2]),
    fc.array(fc.nat({ max: FORMATS.length - 1 }), { minLength: 1, maxLength: 6 }),
  ),
});

async function expectPartsToEqualWhole(frames: readonly CaptureFrame[], linkType: number, { at, formats }: Cuts) {
  const starts = [0, ...placesToCut(frames, at)];
  const parts = starts.map((start, index) => frames.slice(start, starts[index + 1]));
  const files = parts.map((part, index) => writer(formats, index)(part, linkType));
  const whole = await analyzed([pcap(frames, linkType)]);
  const joined = await analyzed(files);

  const frame = (capture: number, number: number) => (starts[capture] as number) + number;
  const wholeFrames = { frameOfOneOf: recordAt(frames, (_, number) => number) };
  expect(comparable(joined, { frame, frameOfOneOf: recordAt(frames, frame) })).toEqual(comparable(whole, wholeFrames));
  expect(joined.captures.map(({ packets }) => packets)).toEqual(parts.map(({ length }) => length));
}

function writer(formats: readonly number[], file: number): Write {
  return FORMATS[formats[file % formats.length] as number] as Write;
}

/** Checks that a frame without its capture can be found by its time. */
function recordAt(frames: readonly CaptureFrame[], record: (capture: number, frame: number) => number) {
  return (captures: readonly number[], frame: number, at: string): string => {
    const isThere = captures.some((capture) => isoOf(frames[record(capture, frame) - 1]) === at);
    return isThere ? `a record of ${at}` : `frame ${frame} of captures ${captures} is not of ${at}`;
  };
}

function isoOf(frame: CaptureFrame | undefined): string | undefined {
  if (!frame) return undefined;
  const second = new Date(Number(frame.at / 1_000_000_000n) * 1000).toISOString().slice(0, -5);
  return `${second}.${String(frame.at % 1_000_000_000n).padStart(9, "0")}Z`;
}

/** Files are put in order by time, so a cut where time stands still or steps back would change the order of the records. */
function placesToCut(frames: readonly CaptureFrame[], wanted: readonly number[]): number[] {
  return [...new Set(wanted)]
    .sort((a, b) => a - b)
    .filter((place) => {
      const earlier = frames.slice(0, place);
      const begin = frames[place];
      return begin !== undefined && place > 0 && earlier.every(({ at }) => at <= begin.at);
    });
}

describe("a capture cut into files at any record, analyzed together, equals the whole", () => {
  it("for random conversations", async () => {
    await fc.assert(
      fc.asyncProperty(randomConversation(), cuts, async ({ conversation }, where) => {
        await expectPartsToEqualWhole(conversation.frames(), 1, where);
      }),
      runs(300),
    );
  });

  it("for a file per record", async () => {
    await fc.assert(
      fc.asyncProperty(randomConversation({ flowsMax: 2 }), async ({ conversation }) => {
        const frames = conversation.frames();
        await expectPartsToEqualWhole(frames, 1, { at: frames.map((_, index) => index), formats: [0] });
      }),
      runs(50),
    );
  });

  it.each(RECORDING_NAMES)("for %s", async (name) => {
    const { frames, linkType } = await recordingOf(name);
    await fc.assert(
      fc.asyncProperty(cuts, (where) => expectPartsToEqualWhole(frames, linkType, where)),
      runs(6),
    );
  });
});

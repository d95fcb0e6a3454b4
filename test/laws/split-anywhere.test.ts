import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CaptureFrame, gzip, pcapFile, pcapngFile } from "../build/captures.ts";
import { conversation } from "../build/conversation.ts";
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

async function expectPartsToEqualWhole(frames: readonly CaptureFrame[], linkType: number, cuts: Cuts) {
  await expectPartsToEqual(await whole(frames, linkType), frames, linkType, cuts);
}

/** What is told of the frames in one file. */
async function whole(frames: readonly CaptureFrame[], linkType: number): Promise<unknown> {
  return comparable(await analyzed([pcap(frames, linkType)]), {
    frameOfOneOf: recordAt(frames, (_, number) => number),
  });
}

async function expectPartsToEqual(
  expected: unknown,
  frames: readonly CaptureFrame[],
  linkType: number,
  { at, formats }: Cuts,
) {
  const starts = [0, ...placesToCut(frames, at)];
  const parts = starts.map((start, index) => frames.slice(start, starts[index + 1]));
  const files = parts.map((part, index) => writer(formats, index)(part, linkType));
  const joined = await analyzed(files);

  const frame = (capture: number, number: number) => (starts[capture] as number) + number;
  expect(comparable(joined, { frame, frameOfOneOf: recordAt(frames, frame) })).toEqual(expected);
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
  const isWanted = new Set(wanted);
  const places: number[] = [];
  let latest = 0n;
  for (const [place, { at }] of frames.entries()) {
    if (place > 0 && at >= latest && isWanted.has(place)) places.push(place);
    if (at > latest) latest = at;
  }
  return places;
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

  it.each(RECORDING_NAMES)("for several cuts of %s, and every one", async (name) => {
    const { frames, linkType } = await recordingOf(name);
    const expected = await whole(frames, linkType);
    await fc.assert(
      fc.asyncProperty(cuts, (where) => expectPartsToEqual(expected, frames, linkType, where)),
      runs(3),
    );
    for (const cut of placesToCut(
      frames,
      frames.map((_, index) => index),
    )) {
      await expectPartsToEqual(expected, frames, linkType, { at: [cut], formats: [0] });
    }
  });
});

/** What random conversations found, as short as it gets. */
const FOUND: readonly { readonly what: string; readonly at: readonly number[]; readonly text: string }[] = [
  {
    what: "a challenge ACK in another file than the RST that answers it",
    at: [7],
    text: `
      0.000  c > s  [S]
      +0.001  s > c  [S.]
      +0.001  c > s  [.]
      1.000  c > s  [F.]
      +0.040  s > c  [.]
      --- isn c 900000 s 700000
      70.00  c > s  [S]
      +0.001  s > c  [.]  seq =5001  ack =1002
      +0.001  c > s  [R]  seq =1002
      71.00  c > s  [S]
      +0.001  s > c  [S.]
      +0.001  c > s  [.]
    `,
  },
  {
    what: "a window probe within a second of payload",
    at: [7],
    text: `
      0.000  c > s  [S]
      +0.001  s > c  [S.]
      +0.001  c > s  [.]
      1.000  c > s  [F.]
      +0.040  s > c  [P.]  length 1000
      +0.001  c > s  [.]  win 0
      +0.001  -- other traffic
      +0.200  s > c  [.]  seq 1000
      +0.001  c > s  [.]  win 0
      20.00  -- other traffic
    `,
  },
  {
    what: "payload right after a keep-alive",
    at: [7],
    text: `
      0.000  c > s  [S]
      +0.001  s > c  [S.]
      +0.001  c > s  [.]
      1.000  c > s  [F.]
      +0.040  s > c  [.]
      60.00  s > c  [.]  seq 0
      +0.001  c > s  [.]
      +0.001  s > c  [P.]  length 10
      500.0  -- other traffic
    `,
  },
  {
    what: "a segment that fills the hole before the FIN, and more from that end",
    at: [6],
    text: `
      0.000  c > s  [S]
      +0.001  s > c  [S.]
      +0.001  c > s  [.]
      1.000  c > s  [F.]  seq 201
      +0.100  c > s  [P.]  seq 101:201
      +0.100  c > s  [P.]  seq 1:101
      +0.100  s > c  [.]
      +0.100  s > c  [P.]  length 10
      +0.100  c > s  [.]
      20.00  -- other traffic
    `,
  },
  {
    what: "a keep-alive at the ISN itself, behind the third ACK",
    at: [3],
    text: `
      0.000  c > s  [S]
      +0.001  s > c  [S.]
      +0.001  c > s  [.]
      +0.001  s > c  [P.]  length 1
      +0.200  c > s  [.]  seq 0
      20.00  -- other traffic
    `,
  },
  {
    what: "a keep-alive of one octet, and an empty segment behind it",
    at: [4],
    text: `
      0.000  c > s  [S]
      +0.001  s > c  [S.]
      +0.001  c > s  [.]
      +0.200  s > c  [.]  seq 0  length 1
      +0.001  s > c  [.]  seq 1
      +0.001  s > c  [F.]  seq 1
      +0.001  c > s  [.]
      20.00  -- other traffic
    `,
  },
  {
    what: "a keep-alive of one octet behind the FIN, after a hole was filled",
    at: [6],
    text: `
      0.000  c > s  [S]
      +0.001  s > c  [S.]
      +0.001  c > s  [.]
      1.000  c > s  [F.]  seq 2
      +0.001  c > s  [P.]  seq 1  length 1
      +0.001  s > c  [.]  ack 2
      +0.200  c > s  [.]  seq 2  length 1
      +0.001  s > c  [.]  ack 3
      20.00  -- other traffic
    `,
  },
  {
    what: "a third question, behind the answer to two on SYNs",
    at: [6],
    text: `
      0.000  s > c  [S.]  seq 0  ack 2
      0.900  c > s  [S]  seq 0  length 1
      +0.010  c > s  [S]  seq 0  length 1
      +0.001  c > s  [P.]  seq 2  ack 1  length 1
      +0.001  s > c  [P.]  seq 1  ack 3  length 1
      +0.001  c > s  [P.]  seq 3  ack 2  length 1
      +0.001  s > c  [.]  seq 2  ack 4
      +0.001  c > s  [F.]  seq 4
      +0.001  s > c  [.]  seq 2  ack 5
      20.00  -- other traffic
    `,
  },
  {
    what: "an empty segment that shows an unseen FIN, and a probe answered later",
    at: [7],
    text: `
      0.000  s > c  [P.]  seq 0  ack 1  length 1
      +0.001  c > s  [.]  seq 1  ack 2
      +0.200  c > s  [.]  seq 0  ack 2
      +0.001  s > c  [.]  seq 2  ack 1
      +2.000  c > s  [.]  seq 0  ack 2
      +0.001  s > c  [.]  seq 2  ack 1
      7200.0  -- other traffic
    `,
  },
  {
    what: "a keep-alive at the ISN of an incarnation of which one end was captured",
    at: [4],
    text: `
      0.000  c > s  [S]
      +0.001  c > s  [.]  seq 1  ack 1
      --- isn c 900000 s 700000
      +0.001  c > s  [S]
      +0.001  c > s  [.]  seq 1  ack 1
      +0.200  c > s  [.]  seq 0  ack 1
      600.0  -- other traffic
    `,
  },
  {
    what: "a question and its answer in the same microsecond, and in two files",
    at: [5],
    text: `
      0.000  s > c  [S.]  seq 0  ack 1
      0.001  c > s  [S]  seq 0
      0.001  c > s  [F]  seq 1  length 1
      0.002  s > c  [P.]  seq 1  ack 3  length 77
      1.002  c > s  [F]  seq 1  length 1
      1.002  s > c  [P.]  seq 1  ack 3  length 77
      20.00  -- other traffic
    `,
  },
  {
    what: "payload behind its FIN, and what stands above the FIN: nothing of it is a probe",
    at: [4],
    text: `
      0.000  c > s  [S]
      20.00  c > s  [F]  seq 121
      +0.001  c > s  [P.]  seq 1  ack 1  length 120
      +0.001  c > s  [.]  seq 122  ack 2
      +0.001  c > s  [R]  seq 122
      +20.00  -- other traffic
    `,
  },
  {
    what: "a question in the same microsecond as the answer to the one before",
    at: [5],
    text: `
      0.000  c > s  [S]
      +0.001  s > c  [S.]
      +0.001  c > s  [.]
      1.000  c > s  [P.]  length 10
      1.001  s > c  [P.]  length 10
      1.001  c > s  [P.]  length 10
      2.000  c > s  [F.]
      +0.040  s > c  [.]
      20.00  -- other traffic
    `,
  },
  {
    what: "keep-alives at the ISN, and an empty segment behind lost payload",
    at: [3],
    text: `
      0.000  s > c  [S.]  seq 0  ack 1
      +0.001  c > s  [S]  seq 0
      +0.200  c > s  [.]  seq 0  ack 1
      +2.000  c > s  [.]  seq 0  ack 1
      +2.000  c > s  [.]  seq 0  ack 1
      +0.001  c > s  [.]  seq 301  ack 1
      +0.001  -- other traffic
    `,
  },
  {
    what: "keep-alives, and payload again behind them",
    at: [6],
    text: `
      0.000  c > s  [S]
      +0.001  s > c  [S.]
      +0.001  c > s  [.]
      +0.001  c > s  [P.]  seq 1:101
      +0.001  s > c  [.]
      20.00  c > s  [.]  seq 100
      +2.000  c > s  [P.]  seq 1:101
      +2.000  c > s  [R]  seq 101
      20.00  -- other traffic
    `,
  },
  {
    what: "an empty segment in the same microsecond as the payload before it, and a reset that answers it",
    at: [6],
    text: `
      0.000  c > s  [S]
      +0.001  s > c  [S.]
      +0.001  c > s  [.]
      1.000  c > s  [F.]
      +0.040  s > c  [.]
      2.000  s > c  [P.]  length 10
      2.000  s > c  [.]
      +0.001  c > s  [R]  seq 2
      20.00  -- other traffic
    `,
  },
  {
    what: "payload that fills the hole before the FIN, again behind the ACK, and a keep-alive of one octet",
    at: [7],
    text: `
      0.000  c > s  [S]
      +0.001  s > c  [S.]
      +0.001  c > s  [.]
      1.000  c > s  [F.]  seq 11
      +0.001  c > s  [P.]  seq 1:11
      +0.040  s > c  [.]  ack 12
      +0.010  c > s  [P.]  seq 1:11
      +0.300  c > s  [.]  seq 11  length 1
      20.00  -- other traffic
    `,
  },
  {
    what: "an older segment again, between the SYN of another incarnation and the challenge ACK",
    at: [8],
    text: `
      0.000  c > s  [S]
      +0.001  s > c  [S.]
      +0.001  c > s  [.]
      1.000  s > c  [P.]  length 1
      +0.001  c > s  [F.]
      +0.001  s > c  [.]
      --- isn c 900000 s 700000
      20.00  c > s  [S]
      +0.010  s > c  [P.]  seq =5001  ack =1001  length 1
      +0.001  s > c  [.]  seq =5002  ack =1002
      +0.001  c > s  [R]  seq =1002
      +0.900  c > s  [S]
      +0.001  s > c  [S.]
      +0.001  c > s  [.]
      +0.001  -- other traffic
    `,
  },
];

describe("what was found", () => {
  it.each(FOUND)("$what", async ({ at, text }) => {
    const frames = conversation(text).frames();
    for (const cut of [at, frames.map((_, index) => index)]) {
      await expectPartsToEqualWhole(frames, 1, { at: cut, formats: [0] });
    }
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Analysis, Finding, Flow } from "../../src/analysis/model.ts";
import { type CaptureFrame, pcapFile } from "../build/captures.ts";
import type { Endpoint } from "../build/endpoint.ts";
import { withNoise } from "../build/transformations.ts";
import { analyzed, comparable, runs, untilAfter } from "./analyzing.ts";
import { type RandomConversation, randomConversation } from "./random-conversation.ts";
import { RECORDING_NAMES, recordingOf } from "./recordings.ts";

// Law 7: foreign packets in between change nothing.

const NOISY_ADDRESSES = /^(198\.51\.100\.|203\.0\.113\.)/;
const EN10MB = 1;

const isNoise = ({ client, server }: Flow): boolean =>
  NOISY_ADDRESSES.test(client.ip) || NOISY_ADDRESSES.test(server.ip);

const isAboutNoise = ({ holder, flows }: Finding): boolean =>
  NOISY_ADDRESSES.test(holder?.ip ?? "") || flows.some((id) => NOISY_ADDRESSES.test(id));

/** What the result says of the flows that are not noise, of who holds them, and of why. */
function quiet(analysis: Analysis, frame: (capture: number, frame: number) => number): unknown {
  const flows = analysis.flows.filter((flow) => !isNoise(flow));
  const holders = analysis.holders.filter(({ endpoint }) => !NOISY_ADDRESSES.test(endpoint.ip));
  const findings = analysis.findings.filter((finding) => !isAboutNoise(finding));
  const { totals: _, ...told } = comparable({ ...analysis, flows, holders, findings }, { frame }) as {
    totals: unknown;
  };
  return { ...told, duplicates: analysis.totals.duplicates };
}

/** Octets that are no frame, or none that is understood; each has the time of the frame in front of it. */
const junk = fc.array(
  fc.record({
    behind: fc.nat({ max: 40 }),
    octets: fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .uint8Array({ minLength: 6, maxLength: 60 })
        .map((rest) => Uint8Array.of(...new Array(12).fill(2), 8, 0, ...rest)),
      fc
        .uint8Array({ minLength: 6, maxLength: 60 })
        .map((rest) => Uint8Array.of(...new Array(12).fill(2), 0x86, 0xdd, 0x60, ...rest)),
    ),
  }),
  { maxLength: 8 },
);

async function expectNoiseToChangeNothing(
  frames: readonly CaptureFrame[],
  noisy: readonly CaptureFrame[],
  linkType: number,
): Promise<void> {
  const numbers = new Map(frames.map(({ octets }, index) => [octets, index + 1]));
  const original = (_: number, frame: number) => numbers.get(noisy[frame - 1]?.octets as Uint8Array) ?? Number.NaN;
  const alone = await analyzed([pcapFile(frames, { linkType, resolution: "ns" })]);
  const among = await analyzed([pcapFile(noisy, { linkType, resolution: "ns" })]);
  expect(quiet(among, original)).toEqual(quiet(alone, (_, frame) => frame));
}

describe("foreign packets in between change nothing", () => {
  it("ARP, UDP and connections of others", async () => {
    await fc.assert(
      fc.asyncProperty(randomConversation(), fc.integer({ min: 1, max: 5 }), ({ conversation }, every) => {
        const frames = conversation.frames();
        return expectNoiseToChangeNothing(frames, withNoise(frames, { every }), EN10MB);
      }),
      runs(150),
    );
  });

  it("octets that are no TCP segment", async () => {
    await fc.assert(
      fc.asyncProperty(randomConversation(), junk, ({ conversation }, pieces) => {
        const frames = conversation.frames();
        const noisy = frames.flatMap((frame, index) => [
          frame,
          ...pieces.filter(({ behind }) => behind === index).map(({ octets }) => ({ at: frame.at, octets })),
        ]);
        return expectNoiseToChangeNothing(frames, noisy, EN10MB);
      }),
      runs(150),
    );
  });

  it("other flows, whatever happens to them", async () => {
    await fc.assert(
      fc.asyncProperty(randomConversation(), async (random) => {
        const frames = random.conversation.frames();
        const until = untilAfter(frames, 0n);
        const together = await analyzed([pcapFile(frames)], until);
        for (const [one, other] of pairsOf(random)) {
          const own = random.only([one, other]).frames();
          if (own.length === 0) continue;
          const alone = await analyzed([pcapFile(own)], until);
          expect(timesOnly(alone)).toEqual(timesOnly(together, flowsBetween(random, one, other)));
        }
      }),
      runs(80),
    );
  });

  it.each(RECORDING_NAMES)("in %s", async (name) => {
    const { frames, linkType } = await recordingOf(name);
    const link = linkType === EN10MB ? "EN10MB" : "LINUX_SLL2";
    await expectNoiseToChangeNothing(frames, withNoise(frames, { every: 1, link }), linkType);
  });
});

/** A client and the server it talks to. */
function pairsOf({ text }: RandomConversation): [string, string][] {
  const pairs = [...text.matchAll(/--- isn (\w+) \d+ (\w+)/g)].map(([, one, other]) => `${one} ${other}`);
  return [...new Set(pairs)].map((pair) => pair.split(" ") as [string, string]);
}

function flowsBetween({ conversation }: RandomConversation, one: string, other: string): (flow: Flow) => boolean {
  const ports = [one, other].map((name) => (conversation.parties.get(name) as Endpoint).port);
  return ({ client, server }) => ports.includes(client.port) && ports.includes(server.port);
}

/** Flows with everything but frame numbers, which count other records. */
function timesOnly(analysis: Analysis, wanted: (flow: Flow) => boolean = () => true): unknown {
  const flows = analysis.flows.filter(wanted);
  const told = comparable({ ...analysis, flows }, { frame: () => 0 });
  return (told as { flows: unknown }).flows;
}

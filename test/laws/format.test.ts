import { spawn } from "node:child_process";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Analysis } from "../../src/analysis/model.ts";
import type { ByteInput } from "../../src/capture/byte-source.ts";
import {
  type CaptureFrame,
  gzip,
  type PcapngOptions,
  type PcapOptions,
  pcapFile,
  pcapngFile,
} from "../build/captures.ts";
import { analyzed, comparable, runs, untilAfter } from "./analyzing.ts";
import { randomConversation } from "./random-conversation.ts";
import { octetsOf, pathOf, RECORDING_NAMES, recordingOf } from "./recordings.ts";

// Law 8: the same packets in any format, compressed or not, from a file or a stream: the same flows.

type Written = (frames: readonly CaptureFrame[], linkType: number) => ByteInput;

const pcap =
  (options: PcapOptions): Written =>
  (frames, linkType) =>
    pcapFile(frames, { ...options, linkType });
const pcapng =
  (options: PcapngOptions): Written =>
  (frames, linkType) =>
    pcapngFile(frames, { ...options, linkType });

const FORMATS: Readonly<Record<string, Written>> = {
  "pcap, big-endian": pcap({ endian: "big" }),
  "pcap, nanoseconds": pcap({ resolution: "ns" }),
  "pcap, big-endian, nanoseconds": pcap({ endian: "big", resolution: "ns" }),
  "pcap, modified": pcap({ modified: true }),
  pcapng: pcapng({}),
  "pcapng, big-endian": pcapng({ endian: "big" }),
  "pcapng, nanoseconds": pcapng({ tsresol: 9 }),
  "pcapng, tenths of nanoseconds": pcapng({ tsresol: 10, tsoffset: 1_600_000_000n }),
  "pcapng, time offset": pcapng({ tsoffset: 1_700_000_000n }),
  "pcapng, unknown blocks": pcapng({ unknownBlocks: true }),
  "pcapng, sections of both byte orders": pcapng({ sections: ["little", "big", "little"] }),
  "gzip of pcap": (frames, linkType) => gzip(pcapFile(frames, { linkType })),
  "gzip of pcapng": (frames, linkType) => gzip(pcapngFile(frames, { linkType })),
  "a stream": (frames, linkType) => Readable.from([Buffer.from(pcapFile(frames, { linkType }))]),
  "a stream of gzip": (frames, linkType) => Readable.from([Buffer.from(gzip(pcapFile(frames, { linkType })))]),
};

async function expectSameFlows(write: Written, frames: readonly CaptureFrame[], linkType: number): Promise<void> {
  const plain = await analyzed([pcapFile(frames, { linkType })]);
  expect(comparable(await analyzed([write(frames, linkType)]))).toEqual(comparable(plain));
}

describe("the same packets in any format give the same flows", () => {
  it.each(Object.entries(FORMATS))("%s", async (_, write) => {
    await fc.assert(
      fc.asyncProperty(randomConversation(), ({ conversation }) => expectSameFlows(write, conversation.frames(), 1)),
      runs(30),
    );
  });

  it("read by pcap-parser", async () => {
    await fc.assert(
      fc.asyncProperty(randomConversation(), async ({ conversation }) => {
        const octets = conversation.pcap();
        const { options: _, ...told } = comparable(await analyzed([octets], { reader: "pcap-parser" })) as Told;
        const { options: __, ...expected } = comparable(await analyzed([octets])) as Told;
        expect(told).toEqual(expected);
      }),
      runs(30),
    );
  });

  it.each(RECORDING_NAMES)("%s", async (name) => {
    const { frames, linkType } = await recordingOf(name);
    const inMicroseconds = frames.map((frame) => ({ ...frame, at: frame.at - (frame.at % 1000n) }));
    for (const write of Object.values(FORMATS)) await expectSameFlows(write, inMicroseconds, linkType);
    // The stored file may say itself how long the capture ran.
    const until = untilAfter(frames, 3_600_000_000_000n);
    const stored = comparable(await analyzed([pathOf(name)], until));
    expect(comparable(await analyzed([pcapFile(frames, { linkType, resolution: "ns" })], until))).toEqual(stored);
    expect(comparable(await analyzed([octetsOf(name)], until))).toEqual(stored);
  });

  it("standard input", async () => {
    const [name = ""] = RECORDING_NAMES;
    const stored = await analyzed([pathOf(name)], { flows: "half-closed" });
    expect(comparable(await commandLine(octetsOf(name)))).toEqual(comparable(stored));
    expect(comparable(await commandLine(gzip(octetsOf(name))))).toEqual(comparable(stored));
  });
});

interface Told {
  readonly options: unknown;
}

async function commandLine(input: Uint8Array): Promise<Analysis> {
  const bin = new URL("../../bin/closewait.js", import.meta.url).pathname;
  const child = spawn(process.execPath, [bin, "analyze", "-", "--format", "json"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(input);
  return JSON.parse(await text(child.stdout)) as Analysis;
}

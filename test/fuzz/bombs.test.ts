/** Small files that claim much: interfaces, names, options and compressed nothing. */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { COMMENT_COUNT_MAX, HOST_NAME_COUNT_MAX } from "../../src/capture/annotations.ts";
import { INTERFACE_COUNT_MAX } from "../../src/capture/limits.ts";
import { analyzeCaptures } from "../../src/questions.ts";
import { FrameDecoder } from "../../src/wire/frame-decoder.ts";
import { SegmentBatch } from "../../src/wire/segment-batch.ts";
import { pcapFile, pcapngFile } from "../build/captures.ts";
import { fragmentHeader, ipDatagram, PROTOCOL } from "../build/datagrams.ts";
import { concat, u16, u32 } from "../build/octets.ts";
import { chunksOf, readPcapng } from "../capture/read-records.ts";
import { frame, SEED } from "../wire/decoded.ts";
import { expectLinear } from "./floods.ts";

const repeated = (octets: Uint8Array, count: number): Uint8Array => {
  const whole = new Uint8Array(octets.length * count);
  for (let at = 0; at < whole.length; at += octets.length) whole.set(octets, at);
  return whole;
};

const le16 = (value: number) => u16(value, "little");
const le32 = (value: number) => u32(value, "little");
const block = (type: number, body: Uint8Array) =>
  concat(le32(type), le32(body.length + 12), body, le32(body.length + 12));

const SECTION = block(0x0a0d0d0a, concat(le32(0x1a2b3c4d), le16(1), le16(0), new Uint8Array(8).fill(0xff)));
const INTERFACE = block(1, concat(le16(1), le16(0), le32(0)));
const EMPTY_PACKET = block(6, new Uint8Array(20));

function names(count: number): Uint8Array {
  const record = (index: number) => concat(le16(1), le16(7), u32(index), [0x61, 0x62, 0, 0]);
  return block(4, concat(...Array.from({ length: count }, (_, index) => record(index)), le32(0)));
}

describe("pcapng blocks without end", () => {
  it("interfaces beyond the limit end the capture there", () => {
    const { problems, linkTypes } = readPcapng(concat(SECTION, repeated(INTERFACE, INTERFACE_COUNT_MAX + 2)));
    expect(problems).toMatchObject([{ kind: "too-many-interfaces", count: 1 }]);
    expect(linkTypes).toEqual([1]);
  });

  it("names beyond the limit are left out", () => {
    const blocks = Array.from({ length: 5 }, () => names(10_000));
    const { annotations } = readPcapng(concat(SECTION, ...blocks, names(HOST_NAME_COUNT_MAX + 1)));
    expect(annotations?.hostNames).toHaveLength(HOST_NAME_COUNT_MAX);
  });

  it("comments beyond the limit are counted", () => {
    const comment = concat(le16(1), le16(4), [0x61, 0x62, 0x63, 0x64]);
    const packet = block(6, concat(new Uint8Array(20), repeated(comment, 50)));
    const { annotations } = readPcapng(concat(SECTION, INTERFACE, repeated(packet, 100)));
    expect(annotations).toMatchObject({ commentsLeftOut: 50 * 100 - COMMENT_COUNT_MAX });
    expect(annotations?.comments).toHaveLength(COMMENT_COUNT_MAX);
  });

  const FILES: [name: string, file: (count: number) => Uint8Array, count: number][] = [
    ["interfaces", (count) => concat(SECTION, repeated(INTERFACE, count), repeated(EMPTY_PACKET, 100)), 2_500],
    ["sections", (count) => repeated(concat(SECTION, INTERFACE, EMPTY_PACKET), count), 2_500],
    ["names", (count) => concat(SECTION, names(count)), 2_500],
    ["options", (count) => concat(SECTION, INTERFACE, block(6, repeated(concat(le16(9), le16(0)), count + 5))), 50_000],
    ["options of a wrong length", (count) => concat(SECTION, INTERFACE, repeated(WRONG_OPTION, count)), 1_500],
    ["blocks to be passed over", (count) => concat(SECTION, repeated(block(7, new Uint8Array(0)), count)), 10_000],
  ];
  const WRONG_OPTION = block(6, concat(new Uint8Array(20), le16(4), le16(1), le32(0)));

  it.each(FILES)("eight times as many %s take about eight times as long", async (_, file, count) => {
    const files = new Map([count, 8 * count].map((n) => [n, file(n)]));
    const read = (n: number) => Promise.resolve(readPcapng(...chunksOf(files.get(n) as Uint8Array, [60_000])));
    await expectLinear(read, count);
  });
});

describe("fragments without end", () => {
  const part = (id: number, at: number) =>
    ipDatagram(
      { from: "2001:db8::1", to: "2001:db8::2", protocol: PROTOCOL.TCP, payload: new Uint8Array(8) },
      {},
      { extensions: [fragmentHeader(at, true, id)] },
    );
  const FLOODS: [name: string, octets: (index: number) => Uint8Array][] = [
    ["of datagrams of their own", (index) => part(index, 0)],
    ["of few datagrams that never end", (index) => part(index % 3, 16 * (Math.floor(index / 3) % 4000))],
    ["of one datagram, the same again and again", () => part(1, 8)],
  ];

  it.each(FLOODS)("%s", async (_, octets) => {
    const frames = Array.from({ length: 12_000 }, (__, index) => frame(octets(index), { linkType: 101, time: index }));
    const decode = async (count: number) => {
      const decoder = new FrameDecoder({ seed: SEED });
      const batch = new SegmentBatch();
      for (const one of frames.slice(0, count)) decoder.decodeOne(one, 1, 1, batch);
      expect(decoder.skipped.byReason["fragment-incomplete"]).toBe(count);
    };
    await expectLinear(decode, 1_500);
  });
});

describe("compressed nothing", () => {
  const OCTETS = 32 * 1024 * 1024;
  const FILES: [name: string, start: Uint8Array][] = [
    ["empty records of the year 1970", pcapFile([])],
    ["a pcapng capture that zeros follow", pcapngFile([{ at: 0n, octets: new Uint8Array(60) }])],
  ];

  it.each(FILES)("is read, not held: %s", async (_, start) => {
    const zeros = gzipSync(concat(start, new Uint8Array(OCTETS)));
    let highest = 0;
    const note = () => {
      const { arrayBuffers } = process.memoryUsage();
      highest = Math.max(highest, arrayBuffers);
    };
    note();
    const before = highest;
    const { captures } = await analyzeCaptures([zeros], { onProgress: note });
    expect(captures[0]?.compression).toBe("gzip");
    expect(highest - before).toBeLessThan(OCTETS);
  });
});

import { readdirSync, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { parse } from "pcap-parser";
import { describe, expect, it } from "vitest";
import { openReader } from "../../src/capture/open-reader.ts";
import { fromPcapParser, isPcapParser } from "../../src/capture/pcap-parser-input.ts";
import { PcapParserReader } from "../../src/capture/pcap-parser-reader.ts";
import { pcapFile } from "../build/captures.ts";
import { chunksOf, readPcap, readRecords } from "./read-records.ts";

const CAPTURES = new URL("../../captures/", import.meta.url);
const MICROSECOND_MAGIC = "d4c3b2a1";
const classicCaptures = readdirSync(CAPTURES)
  .map((name) => ({ name, octets: name.endsWith(".pcap") ? readFileSync(new URL(name, CAPTURES)) : Buffer.alloc(0) }))
  .filter(({ octets }) => octets.toString("hex", 0, 4) === MICROSECOND_MAGIC);

const FILE = pcapFile([1n, 2n, 3n].map((second) => ({ at: second * 1_000_000_000n, octets: new Uint8Array(50) })));

describe("an independent reader agrees, record by record", () => {
  it.each(classicCaptures)("$name", ({ octets }) => {
    expect(readRecords(new PcapParserReader("a.pcap"), [octets])).toEqual(readPcap(octets));
  });

  it("in both byte orders, also about a capture that is cut short", () => {
    const file = pcapFile([{ at: 5n * 10n ** 15n, octets: new Uint8Array(9) }], { endian: "big" }).subarray(0, -2);
    expect(readRecords(new PcapParserReader("a.pcap"), [file])).toEqual(readPcap(file));
  });

  it("also about a length that cannot be, and at once", () => {
    const file = Uint8Array.from(FILE);
    file.set([0xff, 0xff, 0xff, 0x7f], 24 + 66 + 8);
    expect(readRecords(new PcapParserReader("a.pcap"), [file])).toEqual(readPcap(file));
  });
});

describe("what pcap-parser cannot read it refuses", () => {
  it("nanoseconds", () => {
    const message =
      "a.pcap: pcap-parser reads classic pcap in microseconds only, found magic 4d3cb2a1; use --reader closewait";
    expect(() => readRecords(new PcapParserReader("a.pcap"), [pcapFile([], { resolution: "ns" })])).toThrow(
      expect.objectContaining({ code: "unsupported", message }),
    );
  });

  it("pcapng", async () => {
    const message = "a: pcap-parser reads classic pcap only, this is pcapng; use --reader closewait";
    await expect(openReader(Uint8Array.of(0x0a, 0x0d, 0x0d, 0x0a), "a", "pcap-parser")).rejects.toThrow(
      expect.objectContaining({ code: "unsupported", message }),
    );
  });
});

describe("an instance of pcap-parser as input", () => {
  async function bytesOf(file: Uint8Array, size: number): Promise<Buffer> {
    const parser = parse(Readable.from([...chunksOf(file, [size])].map((chunk) => Buffer.from(chunk))));
    expect(isPcapParser(parser)).toBe(true);
    return buffer(fromPcapParser(parser));
  }

  it.each([1, 7, 1000])("is the capture it reads, in chunks of %i", async (size) => {
    expect(readPcap(await bytesOf(FILE, size))).toEqual(readPcap(FILE));
  });

  it("is cut short where that was", async () => {
    for (const octets of [30, 50]) {
      const cut = FILE.subarray(0, octets);
      expect(readPcap(await bytesOf(cut, 8))).toEqual(readPcap(cut));
    }
  });

  it("passes on its errors", async () => {
    await expect(bytesOf(new Uint8Array(30), 30)).rejects.toThrow("unknown magic number: 00000000");
  });
});

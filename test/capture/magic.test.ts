import { describe, expect, it } from "vitest";
import { openReader } from "../../src/capture/open-reader.ts";

const text = (value: string) => new TextEncoder().encode(value);
const octets = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
const RECORD = 'record with "tcpdump -w FILE"';
const CONVERT = "convert it with Wireshark's editcap";

describe("captures are known by their first octets", () => {
  it.each([
    ["pcap", "a1b2c3d4"],
    ["pcap", "d4c3b2a1"],
    ["pcap", "a1b23c4d"],
    ["pcap", "4d3cb2a1"],
    ["pcap", "a1b2cd34"],
    ["pcap", "34cdb2a1"],
    ["pcapng", "0a0d0d0a"],
    ["pcap", "d4c3"], // all there is of it
  ])("%s: %s", async (format, start) => {
    expect((await openReader(octets(start), "a", "closewait")).format).toBe(format);
  });
});

describe("what is taken for a capture is called by its name", () => {
  const rows: readonly [start: Uint8Array, message: string][] = [
    [text("tcpdump: listening on eth0\n"), `a: expected pcap or pcapng, found a text file; ${RECORD}`],
    [
      text("08:00:01.000001 IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [S]\n"),
      `a: expected pcap or pcapng, found tcpdump's text output; ${RECORD}`,
    ],
    [text("\n<!DOCTYPE html><html>"), `a: expected pcap or pcapng, found an HTML page; ${RECORD}`],
    [text('<?xml version="1.0"?><pdml>'), `a: expected pcap or pcapng, found an XML file; ${RECORD}`],
    [
      text("Größe: 5 µs, abgeschnitten mitten im Zeichen ü").subarray(0, -1),
      `a: expected pcap or pcapng, found a text file; ${RECORD}`,
    ],
    [octets("7f454c460201"), `a: expected pcap or pcapng, found an executable (ELF); ${RECORD}`],
    [text("snoop\0\0\0"), `a: expected pcap or pcapng, found a snoop capture; ${CONVERT}`],
    [text("GMBU"), `a: expected pcap or pcapng, found a Microsoft Network Monitor capture; ${CONVERT}`],
    [text("TRSNIFF data"), `a: expected pcap or pcapng, found a Sniffer capture; ${CONVERT}`],
    [octets("504b030414000000"), "a: expected pcap or pcapng, found a ZIP archive; unzip it first"],
    [octets("1f8b0001"), `a: expected pcap or pcapng, found octets of no known format (1f8b0001); ${RECORD}`], // gzip knows deflate (08) only
    [octets("00010203ff"), `a: expected pcap or pcapng, found octets of no known format (00010203); ${RECORD}`],
  ];
  it.each(rows)("%#", async (start, message) => {
    await expect(openReader(start, "a", "closewait")).rejects.toThrow(
      expect.objectContaining({ code: "not-a-capture", message, file: "a", offset: 0 }),
    );
  });

  it.each([
    ["28b52ffd04", "a: compressed with zstd; decompress first (zstd -d)"],
    ["04224d1864", "a: compressed with lz4; decompress first (lz4 -d)"],
    ["fd377a585a0000", "a: compressed with xz; decompress first (xz -d)"],
    ["425a6839", "a: compressed with bzip2; decompress first (bunzip2)"],
    ["1f8b08", "a: compressed with gzip; decompress first (gunzip)"], // inside gzip
  ])("%s", async (start, message) => {
    await expect(openReader(octets(start), "a", "closewait")).rejects.toThrow(
      expect.objectContaining({ code: "unsupported", message }),
    );
  });
});

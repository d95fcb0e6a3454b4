import type { CaptureFormat } from "./record.ts";

/** What the first octets of an input say about it. */
export type Content =
  | { readonly is: "capture"; readonly format: CaptureFormat }
  | { readonly is: "compressed"; readonly by: Compression; readonly advice: string }
  | { readonly is: "foreign"; readonly name: string; readonly advice: string };

export type Compression = "gzip" | "zstd" | "lz4" | "xz" | "bzip2";

/** Octets after which every magic number is decided. */
export const MAGIC_OCTETS_MAX = 12;

/** Octets worth having to tell one foreign text from another. */
const TEXT_OCTETS = 512;

const RECORD_AGAIN = 'record with "tcpdump -w FILE"';
const CONVERT = "convert it with Wireshark's editcap";

interface Magic {
  readonly octets: Uint8Array;
  readonly content: Content;
}

const MAGICS: readonly Magic[] = [
  magic("a1b2c3d4", { is: "capture", format: "pcap" }),
  magic("d4c3b2a1", { is: "capture", format: "pcap" }),
  magic("a1b23c4d", { is: "capture", format: "pcap" }),
  magic("4d3cb2a1", { is: "capture", format: "pcap" }),
  magic("a1b2cd34", { is: "capture", format: "pcap" }),
  magic("34cdb2a1", { is: "capture", format: "pcap" }),
  magic("0a0d0d0a", { is: "capture", format: "pcapng" }),
  magic("1f8b08", { is: "compressed", by: "gzip", advice: "gunzip" }),
  magic("28b52ffd", { is: "compressed", by: "zstd", advice: "zstd -d" }),
  magic("04224d18", { is: "compressed", by: "lz4", advice: "lz4 -d" }),
  magic("fd377a585a00", { is: "compressed", by: "xz", advice: "xz -d" }),
  magic("425a68", { is: "compressed", by: "bzip2", advice: "bunzip2" }),
  magic("736e6f6f70000000", { is: "foreign", name: "a snoop capture", advice: CONVERT }),
  magic("1c0001ac", { is: "foreign", name: "an Ixia capture", advice: CONVERT }),
  magic("1c0001ab", { is: "foreign", name: "an Ixia capture", advice: CONVERT }),
  magic("474d4255", { is: "foreign", name: "a Microsoft Network Monitor capture", advice: CONVERT }),
  magic("52545353", { is: "foreign", name: "a Microsoft Network Monitor capture", advice: CONVERT }),
  magic("5452534e494646206461", { is: "foreign", name: "a Sniffer capture", advice: CONVERT }),
  magic("697074726163652031", { is: "foreign", name: "an AIX iptrace capture", advice: CONVERT }),
  magic("697074726163652032", { is: "foreign", name: "an AIX iptrace capture", advice: CONVERT }),
  magic("504b0304", { is: "foreign", name: "a ZIP archive", advice: "unzip it first" }),
  magic("377abcaf271c", { is: "foreign", name: "a 7z archive", advice: "unpack it first" }),
  magic("7f454c46", { is: "foreign", name: "an executable (ELF)", advice: RECORD_AGAIN }),
  magic("50415231", { is: "foreign", name: "a Parquet file", advice: RECORD_AGAIN }),
];

/** Texts that are taken for captures, most specific first. */
const TEXTS: readonly { readonly pattern: RegExp; readonly name: string }[] = [
  { pattern: /^(\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d\.\d+ (IP6?|ARP|[0-9a-f:]{17}) /, name: "tcpdump's text output" },
  { pattern: /^\s*<(!doctype html|html)/i, name: "an HTML page" },
  { pattern: /^\s*<\?xml/, name: "an XML file" },
  { pattern: /^/, name: "a text file" },
];

/**
 * Tells what an input is from its first octets. `start` may be shorter than a magic number only if it is the whole input: then a
 * capture that was cut off within its first octets still counts as one.
 */
export function recognize(start: Uint8Array): Content {
  const known = MAGICS.find(({ octets, content }) => {
    const compared = content.is === "foreign" ? octets.length : Math.min(octets.length, start.length);
    return start.length >= compared && octets.subarray(0, compared).every((octet, index) => octet === start[index]);
  });
  if (known) return known.content;
  return { is: "foreign", name: foreignName(start), advice: RECORD_AGAIN };
}

function foreignName(start: Uint8Array): string {
  const text = new TextDecoder().decode(start.subarray(0, TEXT_OCTETS));
  if (!isText(text)) return `octets of no known format (${hex(start.subarray(0, 4))})`;
  return TEXTS.find(({ pattern }) => pattern.test(text))?.name ?? "a text file";
}

/** Neither control codes nor octets that are no UTF-8; the last character may be cut in two. */
function isText(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control codes are what tells binary from text
  return !/[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]/.test(text.slice(0, -1));
}

function magic(hexOctets: string, content: Content): Magic {
  return { octets: Uint8Array.from(Buffer.from(hexOctets, "hex")), content };
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString("hex");
}

import { type Content, recognize } from "./magic.ts";
import { PcapReader } from "./pcap-reader.ts";
import { PcapngReader } from "./pcapng-reader.ts";
import type { CaptureFormat, RecordReader } from "./record.ts";
import { type InputName, unusable } from "./unusable.ts";

/** Our own readers, or the npm package pcap-parser as an independent second opinion. */
export type ReaderChoice = "closewait" | "pcap-parser";

/** The reader for an input that starts with these octets; they still have to be pushed. Throws if there is none. */
export async function openReader(start: Uint8Array, name: InputName, choice: ReaderChoice): Promise<RecordReader> {
  const content = recognize(start);
  if (content.is !== "capture") throw refusal(content, name);
  if (choice === "pcap-parser") return openPcapParser(content.format, name);
  return content.format === "pcap" ? new PcapReader(name) : new PcapngReader(name);
}

/** Loaded only when asked for: nobody else pays for it. */
async function openPcapParser(format: CaptureFormat, name: InputName): Promise<RecordReader> {
  if (format !== "pcap") {
    throw unusable("unsupported", name, "pcap-parser reads classic pcap only, this is pcapng; use --reader closewait");
  }
  const { PcapParserReader } = await import("./pcap-parser-reader.ts");
  return new PcapParserReader(name);
}

function refusal(content: Exclude<Content, { is: "capture" }>, name: InputName) {
  if (content.is === "foreign") {
    return unusable("not-a-capture", name, `expected pcap or pcapng, found ${content.name}; ${content.advice}`, 0);
  }
  return unusable("unsupported", name, `compressed with ${content.by}; decompress first (${content.advice})`, 0);
}

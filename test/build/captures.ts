/** Frames to capture files: pcap here, pcapng in its own file. Times are cut to the file's resolution. */
import { gzipSync } from "node:zlib";
import type { CaptureFrame } from "./capture-frame.ts";
import { type Link, linkTypeNumber } from "./links.ts";
import { concat, type Endian, u16, u32 } from "./octets.ts";

export type { CaptureFrame } from "./capture-frame.ts";
export type { Endian } from "./octets.ts";
export type { NameEntry, PcapngInterface, PcapngOptions } from "./pcapng.ts";
export { pcapngFile } from "./pcapng.ts";

export interface PcapOptions {
  /** Little unless given. */
  readonly endian?: Endian;
  /** Microseconds unless given. */
  readonly resolution?: "us" | "ns";
  /** Alexey Kuznetzov's format, with eight more octets a record. */
  readonly modified?: boolean;
  /** Frames are cut to so many octets. */
  readonly snaplen?: number;
  /** EN10MB unless given. */
  readonly linkType?: Link | number;
}

const MAGIC = { us: 0xa1b2c3d4, ns: 0xa1b23c4d, modified: 0xa1b2cd34 } as const;
const NANOS_PER_TICK = { us: 1_000n, ns: 1n } as const;
const SNAPLEN = 262_144;

/** https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/ */
export function pcapFile(frames: readonly CaptureFrame[], options: PcapOptions = {}): Uint8Array {
  const { endian = "little", resolution = "us", modified = false, snaplen = SNAPLEN, linkType = "EN10MB" } = options;
  if (modified && resolution === "ns") throw new Error("the modified pcap format has microseconds only");
  const header = concat(
    u32(modified ? MAGIC.modified : MAGIC[resolution], endian),
    u16(2, endian),
    u16(4, endian),
    u32(0, endian),
    u32(0, endian),
    u32(snaplen, endian),
    u32(linkTypeNumber(linkType), endian),
  );
  const headerOctets = modified ? 24 : 16;
  const records = frames.map((frame) => {
    const captured = frame.octets.subarray(0, snaplen);
    const record = new Uint8Array(headerOctets + captured.length);
    const view = new DataView(record.buffer);
    const littleEndian = endian === "little";
    view.setUint32(0, Number(frame.at / 1_000_000_000n), littleEndian);
    view.setUint32(4, Number((frame.at % 1_000_000_000n) / NANOS_PER_TICK[resolution]), littleEndian);
    view.setUint32(8, captured.length, littleEndian);
    view.setUint32(12, frame.originalLength ?? frame.octets.length, littleEndian);
    if (modified) {
      view.setUint32(16, 2, littleEndian);
      view.setUint16(20, 0x0800, littleEndian);
    }
    record.set(captured, headerOctets);
    return record;
  });
  return concat(header, ...records);
}

export function gzip(octets: Uint8Array): Uint8Array {
  return gzipSync(octets);
}

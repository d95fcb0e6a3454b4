// The classic capture file: draft-ietf-opsawg-pcap. Little-endian, one link type, microseconds or nanoseconds.
import { linkTypeName } from "../capture/link-types.ts";
import { CloseWaitError } from "../errors.ts";
import type { ByteSink, CaptureWriter, OutputRecord } from "./byte-sink.ts";

const MAGIC = { micros: 0xa1b2c3d4, nanos: 0xa1b23c4d } as const;
const VERSION = { major: 2, minor: 4 } as const;

/** Offsets in the file header. */
const FILE = { magic: 0, major: 4, minor: 6, snapLength: 16, linkType: 20, octets: 24 } as const;
const RECORD_HEADER_OCTETS = 16;

/** What tcpdump writes: libpcap cuts longer records unless the header announces them. */
const SNAP_LENGTH = 262_144;

const NANOS_PER_SECOND = 1_000_000_000n;
/** Seconds since 1970 have 32 bits: February 2106. */
const NANOS_MAX = 2n ** 32n * NANOS_PER_SECOND - 1n;

export class PcapWriter implements CaptureWriter {
  readonly #sink: ByteSink;
  readonly #isNanosecond: boolean;
  readonly #header = new DataView(new ArrayBuffer(RECORD_HEADER_OCTETS));
  unfitTimes = 0;
  #linkType: number | null = null;
  #longest = 0;

  constructor(sink: ByteSink, isNanosecond: boolean) {
    this.#sink = sink;
    this.#isNanosecond = isNanosecond;
  }

  /** @throws CloseWaitError (usage) at the second link type */
  write({ octets, originalLength, nanos, linkType }: OutputRecord): void {
    if (this.#linkType === null) this.#begin(linkType);
    else if (linkType !== this.#linkType) throw this.#severalLinkTypes(this.#linkType, linkType);
    const header = this.#header;
    const fits = nanos >= 0n && nanos <= NANOS_MAX;
    if (!fits) this.unfitTimes++;
    const held = fits ? nanos : nanos < 0n ? 0n : NANOS_MAX;
    const fraction = held % NANOS_PER_SECOND;
    header.setUint32(0, Number(held / NANOS_PER_SECOND), true);
    header.setUint32(4, Number(this.#isNanosecond ? fraction : fraction / 1000n), true);
    header.setUint32(8, octets.length, true);
    header.setUint32(12, originalLength, true);
    this.#sink.write(new Uint8Array(header.buffer));
    this.#sink.write(octets);
    this.#longest = Math.max(this.#longest, octets.length);
  }

  finish(): void {
    if (this.#linkType === null) this.#begin(ETHERNET);
    if (this.#longest <= SNAP_LENGTH) return;
    const length = new DataView(new ArrayBuffer(4));
    length.setUint32(0, this.#longest, true);
    this.#sink.patch(FILE.snapLength, new Uint8Array(length.buffer));
  }

  #begin(linkType: number): void {
    this.#linkType = linkType;
    const header = new DataView(new ArrayBuffer(FILE.octets));
    header.setUint32(FILE.magic, this.#isNanosecond ? MAGIC.nanos : MAGIC.micros, true);
    header.setUint16(FILE.major, VERSION.major, true);
    header.setUint16(FILE.minor, VERSION.minor, true);
    header.setUint32(FILE.snapLength, SNAP_LENGTH, true);
    header.setUint32(FILE.linkType, linkType, true);
    this.#sink.write(new Uint8Array(header.buffer));
  }

  #severalLinkTypes(first: number, second: number): CloseWaitError {
    const found = `the flows were captured as ${linkTypeName(first)} and as ${linkTypeName(second)}`;
    return new CloseWaitError("usage", `${found}, and a pcap file has one link type; let -o end in .pcapng`);
  }
}

/** Of a capture without records. */
const ETHERNET = 1;

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/**
 * Writes a capture through one big buffer. A frame is written in place: `open()` says where it begins, `close()` writes the record header
 * in front of it and whatever follows it, so that nothing is copied.
 */

const BUFFER_OCTETS = 4 << 20;
/** No record is longer: the largest frame and its headers. */
const RECORD_OCTETS_MAX = 4096;

const PCAP_MAGIC_MICROSECONDS = 0xa1b2c3d4;
const PCAP_RECORD_HEADER = 16;
const LINKTYPE_ETHERNET = 1;

const SECTION_HEADER_BLOCK = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION_BLOCK = 1;
const ENHANCED_PACKET_BLOCK = 6;
const ENHANCED_PACKET_HEADER = 28;

/** Captures begin here: 2023-11-14 22:13:20 UTC. */
export const EPOCH_SECONDS = 1_700_000_000;

export class CaptureWriter {
  buffer = Buffer.alloc(BUFFER_OCTETS);
  view = new DataView(this.buffer.buffer, this.buffer.byteOffset, this.buffer.byteLength);
  octets = 0;
  #offset = 0;
  #pcapng;
  #snapLength;
  #input;
  #done;

  /** @param {string} path @param {{format: "pcap" | "pcapng", gzip: boolean, snapLength: number}} options */
  constructor(path, { format, gzip, snapLength }) {
    this.#pcapng = format === "pcapng";
    this.#snapLength = snapLength;
    const file = createWriteStream(path);
    this.#input = gzip ? createGzip({ level: 1, chunkSize: 1 << 18 }) : new PassThrough();
    this.#done = pipeline(this.#input, file);
    this.#done.catch(() => {}); // reported by finish(); a write before it waits for "drain" no longer
    if (this.#pcapng) this.#writeSectionHeader();
    else this.#writeFileHeader();
  }

  #writeFileHeader() {
    const { view } = this;
    view.setUint32(0, PCAP_MAGIC_MICROSECONDS, true);
    view.setUint16(4, 2, true);
    view.setUint16(6, 4, true);
    view.setUint32(16, this.#snapLength, true);
    view.setUint32(20, LINKTYPE_ETHERNET, true);
    this.#offset = 24;
  }

  #writeSectionHeader() {
    const { view } = this;
    view.setUint32(0, SECTION_HEADER_BLOCK, true);
    view.setUint32(4, 28, true);
    view.setUint32(8, 0x1a2b3c4d, true);
    view.setUint16(12, 1, true);
    view.setBigInt64(16, -1n, true);
    view.setUint32(24, 28, true);
    view.setUint32(28, INTERFACE_DESCRIPTION_BLOCK, true);
    view.setUint32(32, 20, true);
    view.setUint16(36, LINKTYPE_ETHERNET, true);
    view.setUint32(40, this.#snapLength, true);
    view.setUint32(44, 20, true);
    this.#offset = 48;
  }

  /** @returns {number} where the next frame begins in `buffer` */
  open() {
    return this.#offset + (this.#pcapng ? ENHANCED_PACKET_HEADER : PCAP_RECORD_HEADER);
  }

  /**
   * The frame that was written after `open()` is complete.
   * @param {number} micros since EPOCH_SECONDS
   * @param {number} length of the frame
   */
  close(micros, length) {
    const { view } = this;
    const at = this.#offset;
    const captured = Math.min(length, this.#snapLength);
    if (this.#pcapng) {
      const padded = (captured + 3) & ~3;
      const total = ENHANCED_PACKET_HEADER + padded + 4;
      const stamp = EPOCH_SECONDS * 1e6 + micros;
      view.setUint32(at, ENHANCED_PACKET_BLOCK, true);
      view.setUint32(at + 4, total, true);
      view.setUint32(at + 8, 0, true);
      view.setUint32(at + 12, Math.floor(stamp / 0x1_0000_0000), true);
      view.setUint32(at + 16, stamp % 0x1_0000_0000, true);
      view.setUint32(at + 20, captured, true);
      view.setUint32(at + 24, length, true);
      this.buffer.fill(0, at + ENHANCED_PACKET_HEADER + captured, at + ENHANCED_PACKET_HEADER + padded);
      view.setUint32(at + ENHANCED_PACKET_HEADER + padded, total, true);
      this.#offset = at + total;
    } else {
      const seconds = Math.floor(micros / 1e6);
      view.setUint32(at, EPOCH_SECONDS + seconds, true);
      view.setUint32(at + 4, micros - seconds * 1e6, true);
      view.setUint32(at + 8, captured, true);
      view.setUint32(at + 12, length, true);
      this.#offset = at + PCAP_RECORD_HEADER + captured;
    }
  }

  /** Whether `flush()` is due before the next record. */
  get full() {
    return this.#offset > BUFFER_OCTETS - RECORD_OCTETS_MAX;
  }

  async flush() {
    const chunk = this.buffer.subarray(0, this.#offset);
    this.octets += chunk.length;
    // A stream keeps what it is given until it is written, so it gets the buffer and we take a new one.
    this.buffer = Buffer.alloc(BUFFER_OCTETS);
    this.view = new DataView(this.buffer.buffer, this.buffer.byteOffset, this.buffer.byteLength);
    this.#offset = 0;
    if (!this.#input.write(chunk)) await Promise.race([once(this.#input, "drain"), this.#done]);
  }

  async finish() {
    if (this.#offset > 0) await this.flush();
    this.#input.end();
    await this.#done;
  }
}

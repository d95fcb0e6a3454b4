// An independent second opinion: the npm package pcap-parser decodes, this file keeps it out of trouble. pcap-parser wants to own a
// stream, is silent about truncation, and copies without end when a length is corrupt. So it is given a stream that is none, and
// through it exactly one header or one whole record at a time, after the length was checked.
import { EventEmitter } from "node:events";
import { parse } from "pcap-parser";
import { ByteWindow } from "./byte-window.ts";
import { recordOctetsMax } from "./limits.ts";
import type { GlobalHeader, PacketHeader } from "./pcap-parser-input.ts";
import { endsInside, grouped, ProblemLog, UP_TO_THERE } from "./problem-log.ts";
import { emptyRecord, type RecordReader } from "./record.ts";
import { NANOS_PER_SECOND } from "./tick-clock.ts";
import { type InputName, unusable } from "./unusable.ts";

const FILE_HEADER_OCTETS = 24;
const RECORD_HEADER_OCTETS = 16;
const CAPTURED_LENGTH_OFFSET = 8;

const LITTLE_ENDIAN_MAGIC = 0xd4c3b2a1;
const BIG_ENDIAN_MAGIC = 0xa1b2c3d4;
const LINK_TYPE_MASK = 0xffff;

export class PcapParserReader implements RecordReader {
  readonly format = "pcap";
  readonly record = emptyRecord();
  readonly linkTypes = new Set<number>();
  readonly isNanosecond = false;
  readonly dropped = null;
  readonly endNanos = null;
  readonly annotations = null;
  firstNanos: bigint | null = null;
  cutShort = false;
  readonly isPassing = true;
  over = false;
  readonly #name: InputName;
  readonly #window = new ByteWindow();
  readonly #problems = new ProblemLog();
  readonly #stream = new HandFedStream();
  #started = false;
  #littleEndian = true;
  #capturedMax = 0;
  #needed = FILE_HEADER_OCTETS;
  #base: bigint | null = null;

  constructor(name: InputName) {
    this.#name = name;
    const parser = parse(this.#stream);
    parser.on("globalHeader", (header) => this.#readGlobalHeader(header));
    parser.on("packet", ({ header, data }) => this.#readPacket(header, data));
    parser.on("error", (error) => {
      throw unusable("unsupported", name, `pcap-parser: ${error.message}; use --reader closewait`, 0, error);
    });
  }

  get problems() {
    return this.#problems.list;
  }

  rebase(baseNanos: bigint): void {
    this.#base = baseNanos;
    if (this.firstNanos !== null) this.record.time = Number(this.firstNanos - baseNanos);
  }

  push(chunk: Uint8Array): void {
    this.#window.push(chunk);
  }

  next(): boolean {
    if (this.over || (!this.#started && !this.#start())) return false;
    const window = this.#window;
    if (!window.ensure(RECORD_HEADER_OCTETS)) return this.#await(RECORD_HEADER_OCTETS);
    const captured = window.view.getUint32(window.offset + CAPTURED_LENGTH_OFFSET, this.#littleEndian);
    if (captured > this.#capturedMax) return this.#stopAtAbsurdLength(captured);
    const octets = RECORD_HEADER_OCTETS + captured;
    if (!window.ensure(octets)) return this.#await(octets);
    this.#feed(octets);
    return true;
  }

  finish(): void {
    if (this.over) return;
    this.over = true;
    const { unread, position } = this.#window;
    if (unread === 0 && this.#started) return;
    const what = this.#started ? `record ${grouped(this.record.frame + 1)}` : "the file header";
    this.cutShort = true;
    this.#problems.add("cut-short", endsInside(what, this.#needed, unread, position));
  }

  #start(): boolean {
    const window = this.#window;
    if (!window.ensure(FILE_HEADER_OCTETS)) return this.#await(FILE_HEADER_OCTETS);
    const magic = window.view.getUint32(window.offset, false);
    if (magic !== LITTLE_ENDIAN_MAGIC && magic !== BIG_ENDIAN_MAGIC) {
      const found = `pcap-parser reads classic pcap in microseconds only, found magic ${magic.toString(16)}`;
      throw unusable("unsupported", this.#name, `${found}; use --reader closewait`, 0);
    }
    this.#littleEndian = magic === LITTLE_ENDIAN_MAGIC;
    this.#feed(FILE_HEADER_OCTETS);
    return true;
  }

  /** Hands over the next octets; the parser's events come before this returns. */
  #feed(octets: number): void {
    const { view, offset } = this.#window;
    this.#stream.emit("data", Buffer.from(view.buffer as ArrayBuffer, view.byteOffset + offset, octets));
    this.#window.offset += octets;
  }

  #readGlobalHeader(header: GlobalHeader): void {
    this.#started = true;
    this.#capturedMax = recordOctetsMax(header.snapshotLength);
    this.record.linkType = header.linkLayerType & LINK_TYPE_MASK;
    this.linkTypes.add(this.record.linkType);
  }

  #readPacket(header: PacketHeader, data: Buffer): void {
    const nanos = BigInt(header.timestampSeconds) * NANOS_PER_SECOND + BigInt(header.timestampMicroseconds) * 1000n;
    this.firstNanos ??= nanos;
    this.#base ??= nanos;
    const record = this.record;
    record.view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    record.offset = 0;
    record.capturedLength = header.capturedLength;
    record.originalLength = header.originalLength;
    record.time = Number(nanos - this.#base);
    record.frame++;
  }

  #stopAtAbsurdLength(found: number): false {
    const where = `record ${grouped(this.record.frame + 1)} at byte ${grouped(this.#window.position)}`;
    const lengths = `declares ${grouped(found)} captured octets (at most ${grouped(this.#capturedMax)} are plausible)`;
    this.over = true;
    this.#problems.add("absurd-length", `${where} ${lengths}${UP_TO_THERE}`);
    return false;
  }

  #await(octets: number): false {
    this.#needed = octets;
    return false;
  }
}

/** As much of a readable stream as pcap-parser asks for. */
class HandFedStream extends EventEmitter {
  pause(): this {
    return this;
  }

  resume(): this {
    return this;
  }
}

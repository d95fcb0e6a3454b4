// The classic capture file of libpcap: draft-ietf-opsawg-pcap. A file header, then records, each a header and the captured octets.
// The magic number tells byte order, unit of time and record layout at once.
import { ByteWindow } from "./byte-window.ts";
import { recordOctetsMax } from "./limits.ts";
import { endsInside, grouped, ProblemLog, UP_TO_THERE } from "./problem-log.ts";
import { emptyRecord, type FrameSink, type RecordReader, type RelativeNanos } from "./record.ts";
import { NANOS_PER_SECOND } from "./tick-clock.ts";
import { type InputName, unusable } from "./unusable.ts";

/** Offsets in the file header. */
const FILE = { magic: 0, major: 4, minor: 6, snapLength: 16, linkType: 20, octets: 24 } as const;

/** Offsets in a record header. The modified layout carries eight octets more (interface index, protocol, packet type). */
const RECORD = {
  seconds: 0,
  fraction: 4,
  capturedLength: 8,
  originalLength: 12,
  octets: 16,
  octetsModified: 24,
} as const;

const MAGIC_MICROS = 0xa1b2c3d4;
const MAGIC_NANOS = 0xa1b23c4d;
/** A. Kuznetzov's patched tcpdump of the 1990s; still written by some embedded systems. */
const MAGIC_MODIFIED = 0xa1b2cd34;

const MAJOR_VERSION = 2;
/** Up to this minor version some writers swapped the two lengths. */
const MINOR_VERSION_SWAPPED = 3;

/** The upper half of the link type field holds the length of the frame check sequence and reserved bits. */
const LINK_TYPE_MASK = 0xffff;

export class PcapReader implements RecordReader {
  readonly format = "pcap";
  readonly record = emptyRecord();
  readonly linkTypes = new Set<number>();
  readonly dropped = null;
  readonly annotations = null;
  readonly endNanos = null;
  firstNanos: bigint | null = null;
  cutShort = false;
  over = false;
  readonly #name: InputName;
  readonly #window = new ByteWindow();
  readonly #problems = new ProblemLog();
  #magic = 0;
  #littleEndian = true;
  #headerOctets: number = RECORD.octets;
  #capturedMax = 0;
  #lengthsMayBeSwapped = false;
  #nanosPerFraction = 1000;
  /** Octets the unit needs that `next()` stopped in front of. */
  #needed: number = FILE.octets;
  #based = false;
  #baseSeconds = 0;
  #baseFractionNanos = 0;

  constructor(name: InputName) {
    this.#name = name;
  }

  get isNanosecond(): boolean {
    return this.#magic === MAGIC_NANOS;
  }

  get problems() {
    return this.#problems.list;
  }

  get isPassing(): boolean {
    return this.#window.isOnSeam;
  }

  rebase(baseNanos: bigint): void {
    this.#based = true;
    this.#baseSeconds = Number(baseNanos / NANOS_PER_SECOND);
    this.#baseFractionNanos = Number(baseNanos % NANOS_PER_SECOND);
    if (this.firstNanos !== null) this.record.time = Number(this.firstNanos - baseNanos);
  }

  push(chunk: Uint8Array): void {
    this.#window.push(chunk);
  }

  next(): boolean {
    let isRecord = this.#step();
    while (isRecord === null) isRecord = this.#step();
    return isRecord;
  }

  /** null: another file header stood in place of a record. */
  #step(): boolean | null {
    if (this.over || (this.#magic === 0 && !this.#readFileHeader())) return false;
    const window = this.#window;
    const headerOctets = this.#headerOctets;
    if (!window.ensure(headerOctets)) return this.#await(headerOctets);

    let view = window.view;
    let offset = window.offset;
    const littleEndian = this.#littleEndian;
    const seconds = view.getUint32(offset + RECORD.seconds, littleEndian);
    const fraction = view.getUint32(offset + RECORD.fraction, littleEndian);
    let capturedLength = view.getUint32(offset + RECORD.capturedLength, littleEndian);
    let originalLength = view.getUint32(offset + RECORD.originalLength, littleEndian);
    if (capturedLength > originalLength && this.#lengthsMayBeSwapped) {
      [capturedLength, originalLength] = [originalLength, capturedLength];
    }
    if (seconds === this.#magic && capturedLength === 0 && originalLength === 0) return this.#readAppendedFile();
    if (capturedLength > this.#capturedMax) return this.#stopAtAbsurdLength(capturedLength);

    const octets = headerOctets + capturedLength;
    if (window.end - offset < octets) {
      if (!window.ensure(octets)) return this.#await(octets);
      view = window.view;
      offset = window.offset;
    }
    window.offset = offset + octets;

    const record = this.record;
    if (this.firstNanos === null) this.#start(seconds, fraction);
    record.view = view;
    record.offset = offset + headerOctets;
    record.capturedLength = capturedLength;
    record.originalLength = originalLength;
    record.time = (seconds - this.#baseSeconds) * 1e9 + (fraction * this.#nanosPerFraction - this.#baseFractionNanos);
    record.frame++;
    return true;
  }

  fill(sink: FrameSink, latest: RelativeNanos): void {
    if (this.over || !this.#based || this.#lengthsMayBeSwapped) return;
    const window = this.#window;
    const { view, end } = window;
    if (sink.rows > 0 && sink.view !== view) return;
    sink.view = view;
    const record = this.record;
    const { linkType } = record;
    const littleEndian = this.#littleEndian;
    const headerOctets = this.#headerOctets;
    const capturedMax = this.#capturedMax;
    const nanosPerFraction = this.#nanosPerFraction;
    const baseSeconds = this.#baseSeconds;
    const baseFractionNanos = this.#baseFractionNanos;
    let { offset } = window;
    while (end - offset >= headerOctets && !sink.isFull) {
      const capturedLength = view.getUint32(offset + RECORD.capturedLength, littleEndian);
      const next = offset + headerOctets + capturedLength;
      if (capturedLength > capturedMax || capturedLength === 0 || next > end) break;
      const seconds = view.getUint32(offset + RECORD.seconds, littleEndian);
      const fraction = view.getUint32(offset + RECORD.fraction, littleEndian);
      const time = (seconds - baseSeconds) * 1e9 + (fraction * nanosPerFraction - baseFractionNanos);
      if (time > latest) break;
      const originalLength = view.getUint32(offset + RECORD.originalLength, littleEndian);
      sink.append(offset + headerOctets, capturedLength, originalLength, time, linkType);
      record.frame++;
      offset = next;
    }
    window.offset = offset;
  }

  restart(): void {
    this.#window.clear();
    this.#magic = 0;
  }

  finish(): void {
    if (this.over) return;
    this.over = true;
    const { unread, position } = this.#window;
    if (unread === 0 && this.#magic !== 0) return;
    const what = this.#magic === 0 ? "the file header" : `record ${grouped(this.record.frame + 1)}`;
    this.cutShort = true;
    this.#problems.add("cut-short", endsInside(what, this.#needed, unread, position));
  }

  #start(seconds: number, fraction: number): void {
    this.firstNanos = BigInt(seconds) * NANOS_PER_SECOND + BigInt(fraction * this.#nanosPerFraction);
    if (!this.#based) this.rebase(this.firstNanos);
  }

  #readFileHeader(): boolean {
    const window = this.#window;
    if (!window.ensure(FILE.octets)) return this.#await(FILE.octets);
    const { view, offset } = window;
    const bigEndianMagic = view.getUint32(offset + FILE.magic, false);
    const littleEndian = !isMagic(bigEndianMagic);
    const magic = view.getUint32(offset + FILE.magic, littleEndian);
    if (!isMagic(magic)) {
      throw unusable("not-a-capture", this.#name, `expected a pcap magic number, found ${hex(bigEndianMagic)}`, 0);
    }
    const major = view.getUint16(offset + FILE.major, littleEndian);
    const minor = view.getUint16(offset + FILE.minor, littleEndian);
    if (major !== MAJOR_VERSION) {
      const found = `expected pcap version 2.x, found ${major}.${minor} at byte ${FILE.major}`;
      throw unusable("unsupported", this.#name, `${found}; convert it with Wireshark's editcap`, FILE.major);
    }
    this.#magic = magic;
    this.#littleEndian = littleEndian;
    this.#headerOctets = magic === MAGIC_MODIFIED ? RECORD.octetsModified : RECORD.octets;
    this.#nanosPerFraction = magic === MAGIC_NANOS ? 1 : 1000;
    this.#lengthsMayBeSwapped = minor <= MINOR_VERSION_SWAPPED;
    this.#capturedMax = recordOctetsMax(view.getUint32(offset + FILE.snapLength, littleEndian));
    this.record.linkType = view.getUint32(offset + FILE.linkType, littleEndian) & LINK_TYPE_MASK;
    this.linkTypes.add(this.record.linkType);
    window.offset += FILE.octets;
    return true;
  }

  /** What looks like an empty record of the year 2055 is the file header of a second file: someone used `cat`. */
  #readAppendedFile(): false | null {
    if (!this.#window.ensure(FILE.octets)) return this.#await(FILE.octets);
    const at = grouped(this.#window.position);
    this.#problems.add("appended-file", `another file header at byte ${at}: read on as one capture`);
    try {
      return this.#readFileHeader() ? null : false;
    } catch {
      return this.#stop("corrupt-record", `record ${grouped(this.record.frame + 1)} at byte ${at} is no record`);
    }
  }

  #stopAtAbsurdLength(found: number): boolean {
    const where = `record ${grouped(this.record.frame + 1)} at byte ${grouped(this.#window.position)}`;
    const lengths = `declares ${grouped(found)} captured octets (at most ${grouped(this.#capturedMax)} are plausible)`;
    return this.#stop("absurd-length", `${where} ${lengths}`);
  }

  #stop(kind: string, message: string): false {
    this.over = true;
    this.#problems.add(kind, `${message}${UP_TO_THERE}`);
    return false;
  }

  /** More bytes must come before there are `octets` from here on. */
  #await(octets: number): false {
    this.#needed = octets;
    return false;
  }
}

function isMagic(word: number): boolean {
  return word === MAGIC_MICROS || word === MAGIC_NANOS || word === MAGIC_MODIFIED;
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}

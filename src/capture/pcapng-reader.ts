// draft-ietf-opsawg-pcapng: a chain of self-delimiting blocks. A section header sets the byte order and starts a new list of
// interfaces; packets name the interface they were captured on, which knows their link type and their unit of time.
import { ByteWindow } from "./byte-window.ts";
import { BLOCK_OCTETS_MAX, INTERFACE_COUNT_MAX } from "./limits.ts";
import { PcapngInterface } from "./pcapng-interface.ts";
import {
  BLOCK,
  BLOCK_TYPE,
  BYTE_ORDER_MAGIC,
  ENHANCED,
  ENHANCED_OPTION,
  INTERFACE,
  MAJOR_VERSION,
  OLD_PACKET,
  OptionCursor,
  padded,
  SECTION,
  SIMPLE,
  STATISTICS,
} from "./pcapng-layout.ts";
import { endsInside, grouped, ProblemLog } from "./problem-log.ts";
import { emptyRecord, type RecordReader } from "./record.ts";
import { type InputName, unusable } from "./unusable.ts";

export class PcapngReader implements RecordReader {
  readonly format = "pcapng";
  readonly record = emptyRecord();
  readonly linkTypes = new Set<number>();
  firstNanos: bigint | null = null;
  cutShort = false;
  over = false;
  readonly #name: InputName;
  readonly #window = new ByteWindow();
  readonly #problems = new ProblemLog();
  #blocks = 0;
  /** Length of the block `next()` stopped in front of or inside, as far as known. */
  #needed: number = SECTION.octetsMin;
  #littleEndian = true;
  #interfaces: PcapngInterface[] = [];
  /** Sums over the sections before this one. */
  #droppedEarlier: number | null = null;
  #endEarlier: bigint | null = null;
  /** What packets say was lost between them and the packet before. */
  #droppedBetween: number | null = null;
  #base: bigint | null = null;

  constructor(name: InputName) {
    this.#name = name;
  }

  get problems() {
    return this.#problems.list;
  }

  /** The interfaces' own counters; without them what the packets say was lost in front of them. */
  get dropped(): number | null {
    let sum = this.#droppedEarlier;
    for (const { dropped } of this.#interfaces) if (dropped !== null) sum = (sum ?? 0) + dropped;
    return sum ?? this.#droppedBetween;
  }

  get endNanos(): bigint | null {
    let latest = this.#endEarlier;
    for (const { endNanos } of this.#interfaces) {
      if (endNanos !== null && (latest === null || endNanos > latest)) latest = endNanos;
    }
    return latest;
  }

  rebase(baseNanos: bigint): void {
    this.#base = baseNanos;
    for (const { clock } of this.#interfaces) clock.rebase(baseNanos);
    if (this.firstNanos !== null) this.record.time = Number(this.firstNanos - baseNanos);
  }

  push(chunk: Uint8Array): void {
    this.#window.push(chunk);
  }

  next(): boolean {
    while (!this.over) {
      const window = this.#window;
      if (!window.ensure(BLOCK.body)) return this.#await(this.#blocks === 0 ? SECTION.octetsMin : BLOCK.octetsMin);
      const type = window.view.getUint32(window.offset + BLOCK.type, this.#littleEndian);
      if (type === BLOCK_TYPE.section && !this.#readByteOrder()) return false;
      if (type !== BLOCK_TYPE.section && this.#blocks === 0) throw this.#notASection();

      const octets = window.view.getUint32(window.offset + BLOCK.totalLength, this.#littleEndian);
      if (octets < BLOCK.octetsMin || octets % 4 !== 0) return this.#stopAtBlock("corrupt-block", octets);
      if (!isRead(type)) {
        this.#skipBlock(octets);
        continue;
      }
      if (octets > BLOCK_OCTETS_MAX) return this.#stopAtBlock("absurd-length", octets);
      if (!window.ensure(octets)) return this.#await(octets);
      const { view, offset } = window;
      if (view.getUint32(offset + octets - BLOCK.trailerOctets, this.#littleEndian) !== octets) {
        return this.#stopAtBlock("corrupt-block", octets);
      }
      const isRecord = this.#readBlock(type, view, offset, octets);
      if (this.over) return false;
      window.offset = offset + octets;
      this.#blocks++;
      if (isRecord) return true;
    }
    return false;
  }

  finish(): void {
    if (this.over) return;
    this.over = true;
    const { unread, owed, position } = this.#window;
    if (unread === 0 && owed === 0 && this.#blocks > 0) return;
    this.cutShort = true;
    const had = owed > 0 ? this.#needed - owed : unread;
    const block = this.#blocks === 0 ? "the section header" : `block ${grouped(this.#blocks + (owed > 0 ? 0 : 1))}`;
    this.#problems.add("cut-short", endsInside(block, this.#needed, had, position - (owed > 0 ? had : 0)));
  }

  /** True if the block holds a record, which then stands in `record`. */
  #readBlock(type: number, view: DataView, offset: number, octets: number): boolean {
    switch (type) {
      case BLOCK_TYPE.enhancedPacket:
        if (octets < ENHANCED.octetsMin) return this.#stopAtBlock("corrupt-block", octets);
        return this.#readPacket(view.getUint32(offset + ENHANCED.interface, this.#littleEndian), view, offset, octets);
      case BLOCK_TYPE.packet:
        if (octets < ENHANCED.octetsMin) return this.#stopAtBlock("corrupt-block", octets);
        this.#noteDrops(view.getUint16(offset + OLD_PACKET.drops, this.#littleEndian));
        return this.#readPacket(
          view.getUint16(offset + OLD_PACKET.interface, this.#littleEndian),
          view,
          offset,
          octets,
        );
      case BLOCK_TYPE.simplePacket:
        return this.#readSimplePacket(view, offset, octets);
      case BLOCK_TYPE.section:
        return this.#readSection(view, offset, octets);
      case BLOCK_TYPE.interface:
        return this.#readInterface(view, offset, octets);
      default:
        return this.#readStatistics(view, offset, octets);
    }
  }

  #readPacket(interfaceNumber: number, view: DataView, offset: number, octets: number): boolean {
    const littleEndian = this.#littleEndian;
    const captured = view.getUint32(offset + ENHANCED.capturedLength, littleEndian);
    const record = this.record;
    const origin = this.#interfaces[interfaceNumber];
    if (origin === undefined) return this.#passOverRecord(interfaceNumber);
    if (captured > origin.capturedMax) return this.#stopAtAbsurdRecord(captured, origin.capturedMax);
    const optionOctets = octets - ENHANCED.octetsMin - padded(captured);
    if (optionOctets < 0) return this.#stopAtBlock("corrupt-block", octets);

    const high = view.getUint32(offset + ENHANCED.timeHigh, littleEndian);
    const low = view.getUint32(offset + ENHANCED.timeLow, littleEndian);
    if (this.firstNanos === null) this.#start(origin.clock.nanos(high, low));
    record.view = view;
    record.offset = offset + ENHANCED.data;
    record.capturedLength = captured;
    record.originalLength = view.getUint32(offset + ENHANCED.originalLength, littleEndian);
    record.time = origin.clock.relative(high, low);
    record.linkType = origin.linkType;
    record.frame++;
    if (optionOctets > 0) this.#readPacketOptions(view, record.offset + padded(captured), optionOctets);
    return true;
  }

  #readSimplePacket(view: DataView, offset: number, octets: number): boolean {
    if (octets < SIMPLE.octetsMin) return this.#stopAtBlock("corrupt-block", octets);
    const record = this.record;
    const origin = this.#interfaces[0];
    if (origin === undefined) return this.#passOverRecord(0);
    const original = view.getUint32(offset + SIMPLE.originalLength, this.#littleEndian);
    const captured = origin.snapLength === 0 ? original : Math.min(original, origin.snapLength);
    if (captured > origin.capturedMax) return this.#stopAtAbsurdRecord(captured, origin.capturedMax);
    if (SIMPLE.octetsMin + padded(captured) > octets) return this.#stopAtBlock("corrupt-block", octets);

    record.view = view;
    record.offset = offset + SIMPLE.data;
    record.capturedLength = captured;
    record.originalLength = original;
    record.linkType = origin.linkType;
    record.frame++;
    // record.time stays that of the record before: the block carries none.
    this.#problems.add(
      "no-time",
      "simple packet blocks carry no time: each was given the time of the record before it",
    );
    return true;
  }

  #readPacketOptions(view: DataView, start: number, octets: number): void {
    const option = new OptionCursor(view, start, start + octets, this.#littleEndian);
    while (option.next()) {
      const drops = option.code === ENHANCED_OPTION.dropCount ? option.counter : null;
      if (drops !== null) this.#droppedBetween = (this.#droppedBetween ?? 0) + Number(drops);
    }
    if (option.overrun) this.#noteOverrun();
  }

  #readSection(view: DataView, offset: number, octets: number): false {
    if (octets < SECTION.octetsMin) return this.#stopAtBlock("corrupt-block", octets);
    const major = view.getUint16(offset + SECTION.major, this.#littleEndian);
    if (major !== MAJOR_VERSION) {
      const minor = view.getUint16(offset + SECTION.minor, this.#littleEndian);
      const message = `expected pcapng version 1.x, found ${major}.${minor}`;
      if (this.#blocks === 0) throw unusable("unsupported", this.#name, `${message} at byte 12`, SECTION.major);
      return this.#stop("unsupported-section", `${message} in ${this.#blockName()}`);
    }
    this.#endEarlier = this.endNanos;
    this.#droppedEarlier = this.#interfaces.some(({ dropped }) => dropped !== null)
      ? this.dropped
      : this.#droppedEarlier;
    this.#interfaces = [];
    return false;
  }

  #readInterface(view: DataView, offset: number, octets: number): false {
    if (octets < INTERFACE.octetsMin) return this.#stopAtBlock("corrupt-block", octets);
    if (this.#interfaces.length === INTERFACE_COUNT_MAX) {
      const max = grouped(INTERFACE_COUNT_MAX);
      return this.#stop("too-many-interfaces", `${this.#blockName()} declares another interface after ${max}`);
    }
    const declared = new PcapngInterface(view, offset, octets, this.#littleEndian);
    if (this.#base !== null) declared.clock.rebase(this.#base);
    if (declared.overrun) this.#noteOverrun();
    this.#interfaces.push(declared);
    this.linkTypes.add(declared.linkType);
    return false;
  }

  #readStatistics(view: DataView, offset: number, octets: number): false {
    if (octets < STATISTICS.octetsMin) return this.#stopAtBlock("corrupt-block", octets);
    const origin = this.#interfaces[view.getUint32(offset + STATISTICS.interface, this.#littleEndian)];
    if (origin && !origin.readStatistics(view, offset, octets, this.#littleEndian, this.firstNanos))
      this.#noteOverrun();
    return false;
  }

  /** A section header's own length field is already in the byte order it declares. */
  #readByteOrder(): boolean {
    const window = this.#window;
    if (!window.ensure(BLOCK.octetsMin)) return this.#await(SECTION.octetsMin);
    const word = window.view.getUint32(window.offset + SECTION.byteOrder, true);
    const swapped = window.view.getUint32(window.offset + SECTION.byteOrder, false);
    if (word !== BYTE_ORDER_MAGIC && swapped !== BYTE_ORDER_MAGIC) {
      const message = `expected byte-order magic 1a2b3c4d, found ${swapped.toString(16).padStart(8, "0")}`;
      if (this.#blocks === 0) {
        throw unusable("corrupt", this.#name, `${message} at byte ${SECTION.byteOrder}`, SECTION.byteOrder);
      }
      return this.#stop("corrupt-block", `${message} in ${this.#blockName()}`);
    }
    this.#littleEndian = word === BYTE_ORDER_MAGIC;
    return true;
  }

  #skipBlock(octets: number): void {
    this.#needed = octets;
    this.#window.skip(octets);
    this.#blocks++;
  }

  #start(nanos: bigint): void {
    this.firstNanos = nanos;
    if (this.#base === null) this.rebase(nanos);
  }

  /** A record of an interface that no block declared: it counts as a frame, but nothing tells how to read it. */
  #passOverRecord(interfaceNumber: number): false {
    this.record.frame++;
    const found = `record ${grouped(this.record.frame)} names interface ${grouped(interfaceNumber)}`;
    this.#problems.add("unknown-interface", `${found}, which its section does not declare: passed over`);
    return false;
  }

  #noteDrops(drops: number): void {
    if (drops !== OLD_PACKET.dropsUnknown) this.#droppedBetween = (this.#droppedBetween ?? 0) + drops;
  }

  #noteOverrun(): void {
    const message = `an option of ${this.#blockName()} is longer than its block: ignored, with those behind it`;
    this.#problems.add("bad-option", message);
  }

  #notASection() {
    return unusable("not-a-capture", this.#name, "expected a pcapng section header (0a0d0d0a) at byte 0", 0);
  }

  #blockName(): string {
    return `block ${grouped(this.#blocks + 1)} at byte ${grouped(this.#window.position)}`;
  }

  #stopAtBlock(kind: "corrupt-block" | "absurd-length", octets: number): false {
    if (this.#blocks === 0) {
      const message = `the section header declares a length of ${grouped(octets)} octets at byte ${BLOCK.totalLength}`;
      throw unusable("corrupt", this.#name, message, BLOCK.totalLength);
    }
    const limit = kind === "absurd-length" ? ` (at most ${grouped(BLOCK_OCTETS_MAX)} are plausible)` : "";
    return this.#stop(kind, `${this.#blockName()} declares a length of ${grouped(octets)} octets${limit}`);
  }

  #stopAtAbsurdRecord(found: number, max: number): false {
    const where = `record ${grouped(this.record.frame + 1)} at byte ${grouped(this.#window.position)}`;
    const lengths = `declares ${grouped(found)} captured octets (at most ${grouped(max)} are plausible)`;
    return this.#stop("absurd-length", `${where} ${lengths}`);
  }

  #stop(kind: string, message: string): false {
    this.over = true;
    this.#problems.add(kind, `${message}: analyzed up to there`);
    return false;
  }

  #await(octets: number): false {
    if (this.#window.owed === 0) this.#needed = octets; // else the rest of a skipped block is still missing
    return false;
  }
}

/** Blocks that are looked into. Name resolution blocks are not yet: they are skipped like unknown ones. */
function isRead(type: number): boolean {
  return (
    type === BLOCK_TYPE.enhancedPacket ||
    type === BLOCK_TYPE.simplePacket ||
    type === BLOCK_TYPE.packet ||
    type === BLOCK_TYPE.interface ||
    type === BLOCK_TYPE.interfaceStatistics ||
    type === BLOCK_TYPE.section
  );
}

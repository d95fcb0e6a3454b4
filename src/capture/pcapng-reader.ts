// draft-ietf-opsawg-pcapng: a chain of self-delimiting blocks. A section header sets the byte order and starts a new list of
// interfaces; packets name the interface they were captured on, which knows their link type and their unit of time.
import type { CaptureAnnotations } from "./annotations.ts";
import { ByteWindow } from "./byte-window.ts";
import { BLOCK_OCTETS_MAX, INTERFACE_COUNT_MAX } from "./limits.ts";
import { BLOCK_TYPE, isRead, leastOctets, passedOver } from "./pcapng-blocks.ts";
import { PcapngDeclarations } from "./pcapng-declarations.ts";
import {
  absurdRecord,
  type BlockPlace,
  badByteOrder,
  badLength,
  badOption,
  badVersion,
  blockName,
  type Failure,
  notASection,
} from "./pcapng-failures.ts";
import type { PcapngInterface } from "./pcapng-interface.ts";
import {
  BLOCK,
  BYTE_ORDER_MAGIC,
  ENHANCED,
  ENHANCED_OPTION,
  MAJOR_VERSION,
  OLD_PACKET,
  padded,
  SECTION,
  SIMPLE,
} from "./pcapng-layout.ts";
import type { OptionFault } from "./pcapng-options.ts";
import { endsInside, grouped, ProblemLog, UP_TO_THERE } from "./problem-log.ts";
import { emptyRecord, type RecordReader } from "./record.ts";
import type { InputName } from "./unusable.ts";

export class PcapngReader implements RecordReader {
  readonly format = "pcapng";
  readonly record = emptyRecord();
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
  #isBased = false;
  readonly #declared = new PcapngDeclarations();

  constructor(name: InputName) {
    this.#name = name;
  }

  get isPassing(): boolean {
    return this.#window.isOnSeam;
  }

  get problems() {
    return this.#problems.list;
  }

  get isNanosecond(): boolean {
    return this.#declared.isNanosecond;
  }

  get linkTypes(): ReadonlySet<number> {
    return this.#declared.linkTypes;
  }

  get annotations(): CaptureAnnotations {
    return this.#declared.annotations;
  }

  get dropped(): number | null {
    return this.#declared.dropped;
  }

  get endNanos(): bigint | null {
    return this.#declared.endNanos;
  }

  rebase(baseNanos: bigint): void {
    this.#isBased = true;
    this.#declared.rebase(baseNanos);
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
      if (type !== BLOCK_TYPE.section && this.#blocks === 0) throw notASection(this.#name);

      const octets = window.view.getUint32(window.offset + BLOCK.totalLength, this.#littleEndian);
      if (octets < BLOCK.octetsMin || octets % 4 !== 0) return this.#stopAtBlock("corrupt-block", octets);
      if (!isRead(type)) {
        this.#skipBlock(type, octets);
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

  restart(): void {
    this.#window.clear();
    this.#blocks = 0;
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
        return this.#readOldPacket(view, offset, octets);
      case BLOCK_TYPE.simplePacket:
        return this.#readSimplePacket(view, offset, octets);
      default:
        return this.#readDeclaration(type, view, offset, octets);
    }
  }

  #readPacket(interfaceNumber: number, view: DataView, offset: number, octets: number): boolean {
    const littleEndian = this.#littleEndian;
    const captured = view.getUint32(offset + ENHANCED.capturedLength, littleEndian);
    const record = this.record;
    const origin = this.#declared.interfaces[interfaceNumber];
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
    if (optionOctets > 0) this.#readPacketOptions(origin, record.offset + padded(captured), optionOctets);
    return true;
  }

  #readOldPacket(view: DataView, offset: number, octets: number): boolean {
    const interfaceNumber = view.getUint16(offset + OLD_PACKET.interface, this.#littleEndian);
    const drops = view.getUint16(offset + OLD_PACKET.drops, this.#littleEndian);
    if (drops !== OLD_PACKET.dropsUnknown) this.#declared.interfaces[interfaceNumber]?.noteDrops(drops);
    return this.#readPacket(interfaceNumber, view, offset, octets);
  }

  #readSimplePacket(view: DataView, offset: number, octets: number): boolean {
    if (octets < SIMPLE.octetsMin) return this.#stopAtBlock("corrupt-block", octets);
    const record = this.record;
    const origin = this.#declared.interfaces[0];
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

  #readPacketOptions(origin: PcapngInterface, start: number, octets: number): void {
    const { option, annotations } = this.#declared;
    option.start(this.record.view, start, start + octets, this.#littleEndian);
    while (option.next()) {
      if (option.isComment) annotations.comment(option, "packet", this.record.frame);
      else if (option.code === ENHANCED_OPTION.dropCount) {
        const { counter } = option;
        if (counter !== null) origin.noteDrops(Number(counter));
      }
    }
    if (option.fault) this.#noteFault(option.fault, "an option");
  }

  #readDeclaration(type: number, view: DataView, offset: number, octets: number): false {
    if (octets < leastOctets(type)) return this.#stopAtBlock("corrupt-block", octets);
    const declared = this.#declared;
    if (type === BLOCK_TYPE.section) {
      const major = view.getUint16(offset + SECTION.major, this.#littleEndian);
      const minor = view.getUint16(offset + SECTION.minor, this.#littleEndian);
      if (major !== MAJOR_VERSION) return this.#stop(badVersion(major, minor, this.#place));
    }
    if (type === BLOCK_TYPE.interface && declared.interfaces.length === INTERFACE_COUNT_MAX) {
      const message = `${blockName(this.#place)} declares another interface after ${grouped(INTERFACE_COUNT_MAX)}`;
      return this.#stop({ kind: "too-many-interfaces", message });
    }
    declared.read(type, view, offset, octets, this.#littleEndian, this.firstNanos);
    const { fault } = declared.option;
    if (fault) this.#noteFault(fault, type === BLOCK_TYPE.nameResolution ? "a name record" : "an option");
    return false;
  }

  /** A section header's own length field is already in the byte order it declares. */
  #readByteOrder(): boolean {
    const window = this.#window;
    if (!window.ensure(BLOCK.octetsMin)) return this.#await(SECTION.octetsMin);
    const word = window.view.getUint32(window.offset + SECTION.byteOrder, true);
    const swapped = window.view.getUint32(window.offset + SECTION.byteOrder, false);
    if (word !== BYTE_ORDER_MAGIC && swapped !== BYTE_ORDER_MAGIC)
      return this.#stop(badByteOrder(swapped, this.#place));
    this.#littleEndian = word === BYTE_ORDER_MAGIC;
    return true;
  }

  #skipBlock(type: number, octets: number): void {
    const { name, isFrame } = passedOver(type);
    this.#declared.annotations.passOver(name);
    if (isFrame) this.record.frame++;
    this.#needed = octets;
    this.#window.skip(octets);
    this.#blocks++;
  }

  #start(nanos: bigint): void {
    this.firstNanos = nanos;
    if (!this.#isBased) this.rebase(nanos);
  }

  /** A record of an interface that no block declared: it counts as a frame, but nothing tells how to read it. */
  #passOverRecord(interfaceNumber: number): false {
    this.record.frame++;
    const found = `record ${grouped(this.record.frame)} names interface ${grouped(interfaceNumber)}`;
    this.#problems.add("unknown-interface", `${found}, which its section does not declare: passed over`);
    return false;
  }

  #noteFault(fault: OptionFault, unit: string): void {
    const { kind, message } = badOption(fault, unit, this.#place);
    this.#problems.add(kind, message);
  }

  get #place(): BlockPlace {
    return { name: this.#name, blocks: this.#blocks, position: this.#window.position };
  }

  #stopAtBlock(kind: "corrupt-block" | "absurd-length", octets: number): false {
    return this.#stop(badLength(kind, octets, this.#place));
  }

  #stopAtAbsurdRecord(found: number, max: number): false {
    return this.#stop(absurdRecord(this.record.frame + 1, found, max, this.#place));
  }

  #stop({ kind, message }: Failure): false {
    this.over = true;
    this.#problems.add(kind, `${message}${UP_TO_THERE}`);
    return false;
  }

  #await(octets: number): false {
    if (this.#window.owed === 0) this.#needed = octets; // else the rest of a skipped block is still missing
    return false;
  }
}

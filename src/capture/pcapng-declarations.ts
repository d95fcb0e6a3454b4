import { AnnotationLog } from "./annotations.ts";
import { BLOCK_TYPE } from "./pcapng-blocks.ts";
import { PcapngInterface } from "./pcapng-interface.ts";
import { BLOCK, NAMES, SECTION, STATISTICS } from "./pcapng-layout.ts";
import { readNames } from "./pcapng-names.ts";
import { OptionCursor } from "./pcapng-options.ts";

/** What the sections of a capture declare: interfaces with their counters, names, comments. */
export class PcapngDeclarations {
  /** Of the current section. */
  interfaces: PcapngInterface[] = [];
  readonly linkTypes = new Set<number>();
  isNanosecond = false;
  readonly annotations = new AnnotationLog();
  /** Stands in the block that was read last. */
  readonly option = new OptionCursor();
  /** Of the sections before this one. */
  #droppedEarlier: number | null = null;
  #endEarlier: bigint | null = null;
  #base: bigint | null = null;

  get dropped(): number | null {
    let sum = this.#droppedEarlier;
    for (const { dropped } of this.interfaces) if (dropped !== null) sum = (sum ?? 0) + dropped;
    return sum;
  }

  get endNanos(): bigint | null {
    let latest = this.#endEarlier;
    for (const { endNanos } of this.interfaces) {
      if (endNanos !== null && (latest === null || endNanos > latest)) latest = endNanos;
    }
    return latest;
  }

  rebase(baseNanos: bigint): void {
    this.#base = baseNanos;
    for (const { clock } of this.interfaces) clock.rebase(baseNanos);
  }

  /** Reads a block that is long enough for its fields. `firstNanos` is the time of the capture's first record. */
  read(
    type: number,
    view: DataView,
    offset: number,
    octets: number,
    littleEndian: boolean,
    firstNanos: bigint | null,
  ): void {
    const { option } = this;
    const end = offset + octets - BLOCK.trailerOctets;
    option.littleEndian = littleEndian;
    if (type === BLOCK_TYPE.interface) {
      this.#declare(view, offset, octets);
    } else if (type === BLOCK_TYPE.interfaceStatistics) {
      option.start(view, offset + STATISTICS.options, end, littleEndian);
      this.interfaces[view.getUint32(offset + STATISTICS.interface, littleEndian)]?.readStatistics(option, firstNanos);
    } else if (type === BLOCK_TYPE.nameResolution) {
      option.start(view, offset + NAMES.records, end, littleEndian);
      readNames(option, this.annotations);
    } else {
      option.start(view, offset + SECTION.options, end, littleEndian);
      this.#beginSection();
    }
  }

  #beginSection(): void {
    this.#endEarlier = this.endNanos;
    this.#droppedEarlier = this.dropped;
    this.interfaces = [];
    while (this.option.next()) {
      if (this.option.isComment) this.annotations.comment(this.option, "capture");
    }
  }

  #declare(view: DataView, offset: number, octets: number): void {
    const { option, annotations, interfaces } = this;
    const onComment = () => annotations.comment(option, "interface", interfaces.length);
    const declared = new PcapngInterface(view, offset, octets, option, onComment);
    if (this.#base !== null) declared.clock.rebase(this.#base);
    interfaces.push(declared);
    this.linkTypes.add(declared.linkType);
    this.isNanosecond ||= declared.clock.isFinerThanMicros;
  }
}

// Blocks and options of draft-ietf-opsawg-pcapng. Every block is: type, total length, body, total length again; a multiple of 4 octets.

export const BLOCK_TYPE = {
  interface: 1,
  packet: 2, // obsolete
  simplePacket: 3,
  nameResolution: 4,
  interfaceStatistics: 5,
  enhancedPacket: 6,
  section: 0x0a0d0d0a, // the same in both byte orders
} as const;

/** Offsets in any block. */
export const BLOCK = { type: 0, totalLength: 4, body: 8, octetsMin: 12, trailerOctets: 4 } as const;

/** Section Header Block, §4.1. */
export const SECTION = { byteOrder: 8, major: 12, minor: 14, options: 24, octetsMin: 28 } as const;
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
export const MAJOR_VERSION = 1;

/** Interface Description Block, §4.2. */
export const INTERFACE = { linkType: 8, snapLength: 12, options: 16, octetsMin: 20 } as const;
export const INTERFACE_OPTION = { timeResolution: 9, timeOffset: 14 } as const;

/** Enhanced Packet Block, §4.3. */
export const ENHANCED = {
  interface: 8,
  timeHigh: 12,
  timeLow: 16,
  capturedLength: 20,
  originalLength: 24,
  data: 28,
  octetsMin: 32,
} as const;
export const ENHANCED_OPTION = { dropCount: 4 } as const;

/** Packet Block, appendix A: the enhanced one with a short interface number and a drop counter. */
export const OLD_PACKET = { interface: 8, drops: 10, dropsUnknown: 0xffff } as const;

/** Simple Packet Block, §4.4. */
export const SIMPLE = { originalLength: 8, data: 12, octetsMin: 16 } as const;

/** Interface Statistics Block, §4.6. */
export const STATISTICS = { interface: 8, options: 20, octetsMin: 24 } as const;
export const STATISTICS_OPTION = { endTime: 3, interfaceDrop: 5, systemDrop: 7 } as const;

const OPTION = { code: 0, length: 2, value: 4 } as const;
const END_OF_OPTIONS = 0;

/** Block lengths and option lengths are padded to four octets. */
export function padded(octets: number): number {
  return (octets + 3) & ~3;
}

/** Steps through the options in `view[start … end)`: code, length, value, padding (§3.5). Never reads past `end`. */
export class OptionCursor {
  readonly view: DataView;
  readonly littleEndian: boolean;
  code = 0;
  /** The value is `view[offset … offset + length)`. */
  offset = 0;
  length = 0;
  /** An option claims more octets than its block has left. */
  overrun = false;
  readonly #end: number;
  #at: number;

  constructor(view: DataView, start: number, end: number, littleEndian: boolean) {
    this.view = view;
    this.littleEndian = littleEndian;
    this.#at = start;
    this.#end = end;
  }

  next(): boolean {
    if (this.#end - this.#at < OPTION.value) return false;
    this.code = this.view.getUint16(this.#at + OPTION.code, this.littleEndian);
    this.length = this.view.getUint16(this.#at + OPTION.length, this.littleEndian);
    this.offset = this.#at + OPTION.value;
    if (this.code === END_OF_OPTIONS) return false;
    this.overrun = this.offset + this.length > this.#end;
    this.#at = this.offset + padded(this.length);
    return !this.overrun;
  }

  /** The value as an unsigned 64-bit counter; null if it is not eight octets long. */
  get counter(): bigint | null {
    return this.length === 8 ? this.view.getBigUint64(this.offset, this.littleEndian) : null;
  }
}

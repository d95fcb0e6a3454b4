import { padded } from "./pcapng-layout.ts";
import { plainText } from "./plain-text.ts";

const OPTION = { code: 0, length: 2, value: 4 } as const;
const END_OF_OPTIONS = 0;
const COMMENT = 1;

/** Custom options (§3.5.1) begin with the number of the enterprise that defined them: text or octets, to be copied or not. */
const CUSTOM: readonly number[] = [2988, 2989, 19372, 19373];
const ENTERPRISE_OCTETS = 4;

/** Octets of a comment that are read. */
const COMMENT_OCTETS_MAX = 4096;

/** What is wrong with an option, or with a name record. */
export type OptionFault = "overrun" | "length";

/**
 * Steps through the options in `view[start … end)`: code, length, value, padding (§3.5). Never reads past `end`. The records of a name
 * resolution block are laid out alike. One cursor serves many blocks, so that packets with options cost no object each.
 */
export class OptionCursor {
  view: DataView = new DataView(new ArrayBuffer(0));
  littleEndian = true;
  code = 0;
  /** The value is `view[offset … offset + length)`. */
  offset = 0;
  length = 0;
  /** Overrun: an option claims more octets than its block has left. Length: one has a length that its kind cannot have. */
  fault: OptionFault | null = null;
  #end = 0;
  #at = 0;

  /** Stands in front of the first option. */
  start(view: DataView, start: number, end: number, littleEndian: boolean): void {
    this.view = view;
    this.littleEndian = littleEndian;
    this.fault = null;
    this.#at = start;
    this.#end = end;
  }

  next(): boolean {
    if (this.#end - this.#at < OPTION.value) return false;
    this.code = this.view.getUint16(this.#at + OPTION.code, this.littleEndian);
    this.length = this.view.getUint16(this.#at + OPTION.length, this.littleEndian);
    this.offset = this.#at + OPTION.value;
    if (this.offset + this.length > this.#end) {
      this.fault = "overrun";
      return false;
    }
    this.#at = this.offset + padded(this.length);
    if (this.code === END_OF_OPTIONS) return false;
    if (this.length < ENTERPRISE_OCTETS && CUSTOM.includes(this.code)) this.fault ??= "length";
    return true;
  }

  /** Whether the value has the length its kind must have; if not, it is to be ignored. */
  has(octets: number): boolean {
    if (this.length !== octets) this.fault ??= "length";
    return this.length === octets;
  }

  /** The value as an unsigned 64-bit counter; null if it is none. */
  get counter(): bigint | null {
    return this.has(8) ? this.view.getBigUint64(this.offset, this.littleEndian) : null;
  }

  /** Whether it is an opt_comment, which any block may have any number of. */
  get isComment(): boolean {
    return this.code === COMMENT;
  }

  /** The value of a comment. */
  get text(): string {
    return plainText(this.view, this.offset, Math.min(this.length, COMMENT_OCTETS_MAX));
  }
}

import type { Endian } from "../build/captures.ts";
import { concat, padding, u16, u32, u64 } from "../build/octets.ts";

/** Blocks by hand, for what no sane writer writes. */
export function block(type: number, body: Uint8Array, endian: Endian = "little", trailer?: number): Uint8Array {
  const length = 12 + body.length;
  return concat(u32(type, endian), u32(length, endian), body, u32(trailer ?? length, endian));
}

export function option(code: number, value: Uint8Array, length = value.length): Uint8Array {
  return concat(u16(code, "little"), u16(length, "little"), value, padding(value.length, 4));
}

export const words = (...values: number[]) => concat(...values.map((value) => u32(value >>> 0, "little")));
export const SECTION = block(0x0a0d0d0a, concat(words(0x1a2b3c4d, 1), u64(-1n, "little")));
export const ETHERNET = block(1, words(1, 262_144));

export type Endian = "little" | "big";

/** Octets in network order unless said otherwise; capture files choose. */
export function u16(value: number, endian: Endian = "big"): Uint8Array {
  return endian === "big" ? Uint8Array.of(value >>> 8, value) : Uint8Array.of(value, value >>> 8);
}

export function u32(value: number, endian: Endian = "big"): Uint8Array {
  const octets = Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
  return endian === "big" ? octets : octets.reverse();
}

export function u64(value: bigint, endian: Endian = "big"): Uint8Array {
  const octets = new Uint8Array(8);
  new DataView(octets.buffer).setBigUint64(0, BigInt.asUintN(64, value), endian === "little");
  return octets;
}

export function concat(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Zeros that bring `length` to a multiple of `boundary`. */
export function padding(length: number, boundary: number): Uint8Array {
  return new Uint8Array((boundary - (length % boundary)) % boundary);
}

/** RFC 1071: the one's complement of the one's complement sum of all 16-bit words. */
export function internetChecksum(octets: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < octets.length; at += 2) {
    sum += ((octets[at] as number) << 8) | (octets[at + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

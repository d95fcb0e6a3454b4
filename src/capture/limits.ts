/**
 * Caps on what an input may declare. Each is checked before memory is allocated or bytes are waited for, so that eight broken bytes
 * cannot claim gigabytes.
 */

/** Captured octets of one record that every reader accepts: Wireshark's WTAP_MAX_PACKET_SIZE_STANDARD. */
export const RECORD_OCTETS_STANDARD = 262_144;

/** Captured octets of one record that are accepted at most, even if the snapshot length in the header allows more. */
export const RECORD_OCTETS_MAX = 16 * 1024 * 1024;

/** Total length of a pcapng block that is looked into: the largest record, and room for its options. Others are skipped unbuffered. */
export const BLOCK_OCTETS_MAX = RECORD_OCTETS_MAX + 1024 * 1024;

/** Interfaces of one pcapng section; real captures have tens. */
export const INTERFACE_COUNT_MAX = 65_536;

/** Memory a zstd frame may claim: what the zstd program grants. Only "zstd --ultra --long" asks for more. */
export const WINDOW_OCTETS_MAX = 128 * 1024 * 1024;

/** The same for the package fzstd, which moves its window for every block: what RFC 8878 asks of every decoder. */
export const WINDOW_OCTETS_MAX_FZSTD = 8 * 1024 * 1024;

/** Decompressed bytes handed on at once. */
export const CHUNK_OCTETS = 256 * 1024;

/** The largest captured length to believe in a capture whose header states this snapshot length (0: no limit stated). */
export function recordOctetsMax(snapLength: number): number {
  return Math.min(RECORD_OCTETS_MAX, Math.max(RECORD_OCTETS_STANDARD, snapLength));
}

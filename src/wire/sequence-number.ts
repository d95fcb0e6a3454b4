/**
 * Arithmetic on TCP sequence numbers: modulo 2^32 (RFC 9293 §3.4). Numbers are held as signed 32-bit integers, so that they stay small
 * integers in the engine; nothing outside this file compares or subtracts sequence numbers with the plain operators.
 */

/** `seq` advanced by `octets`, which may be negative. */
export const advance = (seq: number, octets: number): number => (seq + octets) | 0;

/** Signed distance from `from` up to `to`: positive when `to` comes later. Meaningful within ±2 GiB. */
export const distance = (from: number, to: number): number => (to - from) | 0;

export const isBefore = (a: number, b: number): boolean => ((a - b) | 0) < 0;

export const isAfter = (a: number, b: number): boolean => ((a - b) | 0) > 0;

export const isAtOrAfter = (a: number, b: number): boolean => ((a - b) | 0) >= 0;

export const latest = (a: number, b: number): number => (((a - b) | 0) >= 0 ? a : b);

export const earliest = (a: number, b: number): number => (((a - b) | 0) <= 0 ? a : b);

/** As printed by every other tool: 0 … 2^32-1. */
export const unsigned = (seq: number): number => seq >>> 0;

import type { Pool } from "../transcript/layout.ts";

/**
 * Reads the first word of records, and word `other`, so that they are in the cache when they are needed; what it returns only keeps the reads
 * alive. NONE is allowed among the records, and up to three more are read than `count`.
 *
 * Cache misses overlap as long as few instructions lie between them, and the engine looks at the arrays anew with every step: hence four at a time.
 */
export function touch({ i32, words }: Pool, records: Int32Array, count: number, other = 0): number {
  const stride = words * 2;
  let touched = 0;
  for (let n = 0; n < count; n += 4) {
    const a = Math.max(records[n] as number, 0) * stride;
    const b = Math.max(records[n + 1] as number, 0) * stride;
    const c = Math.max(records[n + 2] as number, 0) * stride;
    const d = Math.max(records[n + 3] as number, 0) * stride;
    touched ^= (i32[a] as number) ^ (i32[b] as number) ^ (i32[c] as number) ^ (i32[d] as number);
    touched ^=
      (i32[a + other] as number) ^ (i32[b + other] as number) ^ (i32[c + other] as number) ^ (i32[d + other] as number);
  }
  return touched;
}

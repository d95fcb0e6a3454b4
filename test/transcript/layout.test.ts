/** Pooled memory: records stay what they were while it grows. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { Pool } from "../../src/transcript/layout.ts";

const WORDS = 4;

/** A pool of so many records, each with its own number in its first field. */
function poolOf(count: number): Pool {
  const pool = new Pool(WORDS);
  for (let record = 0; record < count; record++) {
    const index = pool.allocate();
    pool.f64[index * WORDS] = record;
  }
  return pool;
}

const numbersIn = ({ f64, i32, end }: Pool): (number | undefined)[] => {
  const again = new Float64Array(i32.buffer, i32.byteOffset, f64.length);
  return Array.from({ length: end }, (_, record) => again[record * WORDS]);
};

describe("a pool that grows", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it.each([1, 64, 65, 1000, 100_000, 300_000])("keeps %i records", (count) => {
    const pool = poolOf(count);
    expect(pool).toMatchObject({ live: count, end: count });
    expect(pool.capacity).toBeLessThanOrEqual(Math.max(64, 2 * count));
    expect(pool.i32).toHaveLength(pool.f64.length * 2);
    expect(numbersIn(pool)).toEqual(Array.from({ length: count }, (_, record) => record));
  });

  it("stays where it is once it is large", () => {
    const pool = poolOf(100_000);
    const { buffer } = pool.f64;
    const before = buffer.byteLength;
    while (pool.capacity < 500_000) pool.allocate();
    expect(pool.f64.buffer).toBe(buffer);
    expect(buffer.byteLength).toBeGreaterThan(3 * before);
  });

  it("moves where no addresses can be reserved", () => {
    const none = class {
      constructor() {
        throw new RangeError("Array buffer allocation failed");
      }
    };
    vi.stubGlobal("SharedArrayBuffer", none);
    const pool = poolOf(100_000);
    expect(pool.f64.buffer).toBeInstanceOf(ArrayBuffer);
    expect(numbersIn(pool).at(-1)).toBe(99_999);
  });

  it("moves where it cannot grow, and where nothing is shared", () => {
    const pool = poolOf(100_000);
    const grow = vi.spyOn(SharedArrayBuffer.prototype, "grow").mockImplementation(() => {
      throw new RangeError("out of memory");
    });
    while (pool.capacity < 200_000) pool.allocate();
    expect(grow).toHaveBeenCalled();
    grow.mockRestore();
    expect(numbersIn(pool)[99_999]).toBe(99_999);
    vi.stubGlobal("SharedArrayBuffer", undefined);
    expect(numbersIn(poolOf(100_000)).at(-1)).toBe(99_999);
  });

  it("uses freed records again, the last one first", () => {
    const pool = poolOf(200);
    pool.free(7);
    pool.free(150);
    expect([pool.allocate(), pool.allocate(), pool.allocate()]).toEqual([150, 7, 200]);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mix, SeededHash } from "../../src/wire/seeded-hash.ts";

const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

/** Square of the differences between the fill of buckets and an even fill; about the number of buckets if it is random. */
function unevenness(hashes: Iterable<number>, buckets: number): number {
  const fill = new Array<number>(buckets).fill(0);
  let count = 0;
  for (const hash of hashes) {
    fill[hash & (buckets - 1)] = (fill[hash & (buckets - 1)] ?? 0) + 1;
    count++;
  }
  const even = count / buckets;
  return fill.reduce((sum, n) => sum + (n - even) ** 2 / even, 0);
}

describe("the seeded hash", () => {
  it("depends on every word and on the seed, and on nothing else", () => {
    fc.assert(
      fc.property(fc.nat(), word, word, word, word, (seed, a, b, c, d) => {
        const hash = new SeededHash(seed);
        const value = hash.of(a, b, c, d);
        expect(value).toBe(new SeededHash(seed).of(a, b, c, d));
        const others = [
          hash.of(a + 1, b, c, d),
          hash.of(a, b + 1, c, d),
          hash.of(a, b, c + 1, d),
          hash.of(a, b, c, d + 1),
        ];
        expect(others.filter((other) => other === value)).toEqual([]);
        expect(new SeededHash(seed + 1).of(a, b, c, d)).not.toBe(value);
      }),
      { examples: [[0, 0, 0, 0, 1]] },
    );
  });

  it("spreads neighbouring ports and addresses evenly under every seed", () => {
    const BUCKETS = 1024;
    for (let seed = 0; seed < 20; seed++) {
      const hash = new SeededHash(seed);
      const ports = Array.from({ length: 28_000 }, (_, i) =>
        hash.of(0x0a000001, 0x0a000002, ((32768 + i) << 16) | 443, 0),
      );
      const hosts = Array.from({ length: 28_000 }, (_, i) =>
        hash.of(0x0a000001 + i, 0x0a800002, (40000 << 16) | 443, 0),
      );
      expect(unevenness(ports, BUCKETS)).toBeLessThan(1.3 * BUCKETS);
      expect(unevenness(hosts, BUCKETS)).toBeLessThan(1.3 * BUCKETS);
    }
  });

  it("has no pair that collides under many seeds, also where only the upper bits differ", () => {
    const pairs = fc.tuple(fc.tuple(word, word, word, word), fc.tuple(word, word, word, word));
    const upper = fc.constantFrom(0, 0x80000000 | 0, 0x40000000, 0x8000);
    const upperBits = fc.tuple(upper, upper, upper, upper);
    const SEEDS = 2000;
    fc.assert(
      fc.property(fc.oneof(pairs, fc.tuple(upperBits, upperBits)), ([x, y]) => {
        fc.pre(x.some((value, place) => value !== y[place]));
        let collisions = 0;
        for (let seed = 0; seed < SEEDS; seed++) {
          const hash = new SeededHash(seed);
          if (hash.of(x[0], x[1], x[2], x[3]) === hash.of(y[0], y[1], y[2], y[3])) collisions++;
        }
        // At most 2^-17 of all seeds each: twice in 2,000 is out of the question.
        expect(collisions).toBeLessThan(2);
      }),
      { numRuns: 30 },
    );
  });

  it("ends in a bijection", () => {
    const LIMIT = 2 ** 16;
    expect(new Set(Array.from({ length: LIMIT }, (_, i) => mix(i * 65_537))).size).toBe(LIMIT);
  });
});

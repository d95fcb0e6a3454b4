import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gunzip } from "../../src/capture/decompress.ts";
import { chunksOf } from "./read-records.ts";

const PLAIN = Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * index) >> 3));
const PACKED = gzipSync(PLAIN);
const MEMBERS = Buffer.concat([gzipSync(PLAIN.subarray(0, 500)), gzipSync(""), gzipSync(PLAIN.subarray(500))]);

async function unpack(compressed: Uint8Array, sizes: readonly number[] = [compressed.length]) {
  const bytes = gunzip(
    (async function* () {
      yield* chunksOf(compressed, sizes);
    })(),
  );
  return { plain: await buffer(bytes), fault: bytes.fault };
}

describe("gzip comes out the same for any chunking", () => {
  it.each([
    ["one member", PACKED],
    ["several members", MEMBERS],
  ])("%s", async (_name, compressed) => {
    const sizes = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(sizes, async (chunkSizes) => {
        const { plain, fault } = await unpack(compressed, chunkSizes);
        expect(plain.equals(PLAIN)).toBe(true);
        expect(fault).toBeNull();
      }),
    );
  });

  it("zeros behind the last member are padding", async () => {
    const { plain, fault } = await unpack(Buffer.concat([PACKED, Buffer.alloc(600)]));
    expect(plain.equals(PLAIN)).toBe(true);
    expect(fault).toBeNull();
  });
});

describe("what is broken gives what lies in front of it", () => {
  it("cut short anywhere", async () => {
    let longest = 0;
    for (let length = 0; length < PACKED.length; length += 37) {
      const { plain, fault } = await unpack(PACKED.subarray(0, length));
      expect(fault).toBe("cut-short");
      expect(plain.equals(PLAIN.subarray(0, plain.length))).toBe(true);
      expect(plain.length).toBeGreaterThanOrEqual(longest);
      longest = plain.length;
    }
    expect(longest).toBeGreaterThan(PLAIN.length * 0.9);
  });

  it("a damaged octet costs little of what lies in front of it", async () => {
    const plain = Buffer.from(Array.from({ length: 400_000 }, (_, index) => (index * 2_654_435_761) >>> 13));
    const stored = gzipSync(plain, { level: 0 });
    const checksumAt = stored.length - 8;
    stored[checksumAt] = (stored[checksumAt] ?? 0) ^ 1;
    const unpacked = await unpack(stored);
    expect(unpacked.fault).toBe("corrupt");
    expect(unpacked.plain.equals(plain.subarray(0, unpacked.plain.length))).toBe(true);
    expect(unpacked.plain.length).toBeGreaterThan(plain.length * 0.95);
  });
});

describe("a gzip bomb", () => {
  it("is unpacked a bounded part at a time", async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
    let largestHeld = 0;
    let total = 0;
    for await (const chunk of gunzip(
      (async function* () {
        yield bomb;
      })(),
    )) {
      total += chunk.length;
      largestHeld = Math.max(largestHeld, chunk.length);
    }
    expect(total).toBe(200 * 1024 * 1024);
    expect(largestHeld).toBeLessThanOrEqual(256 * 1024);
  });
});

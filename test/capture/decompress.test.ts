import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openCaptures } from "../../src/capture/capture-set.ts";
import { gunzip } from "../../src/capture/decompress.ts";
import { pcapFile } from "../build/captures.ts";
import { chunksOf } from "./read-records.ts";

const PLAIN = Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * index) >> 3));
const PACKED = gzipSync(PLAIN);
const MEMBERS = Buffer.concat([gzipSync(PLAIN.subarray(0, 500)), gzipSync(""), gzipSync(PLAIN.subarray(500))]);

async function unpack(compressed: Uint8Array, sizes: readonly number[] = [compressed.length], once = false) {
  const open = async function* () {
    yield* chunksOf(compressed, sizes);
  };
  const bytes = once ? gunzip(open()) : gunzip(open(), open);
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

describe("what is no gzip behind the last member", () => {
  it.each([
    ["text", Buffer.from("garbage")],
    ["octets", Buffer.from("f00ba4", "hex")],
    ["half a member", PACKED.subarray(0, 5)],
  ])("costs nothing of what lies in front of it: %s", async (_name, garbage) => {
    for (const members of [PACKED, MEMBERS]) {
      const { plain, fault } = await unpack(Buffer.concat([members, garbage]), [1000]);
      expect(plain.equals(PLAIN)).toBe(true);
      expect(fault).not.toBeNull();
    }
  });

  it("is told: as a member that is cut short, if it begins like one", async () => {
    expect((await unpack(Buffer.concat([PACKED, PACKED.subarray(0, 5)]))).fault).toBe("cut-short");
    expect((await unpack(Buffer.concat([PACKED, Buffer.from("text")]))).fault).toBe("trailing");
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

  it("a damaged octet costs nothing of what lies in front of it, and little if it came through a pipe", async () => {
    const plain = Buffer.from(Array.from({ length: 400_000 }, (_, index) => (index * 2_654_435_761) >>> 13));
    const stored = gzipSync(plain, { level: 0 });
    const checksumAt = stored.length - 8;
    stored[checksumAt] = (stored[checksumAt] ?? 0) ^ 1;
    expect(await unpack(stored)).toEqual({ plain, fault: "corrupt" });
    const unpacked = await unpack(stored, [stored.length], true);
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

  const OCTETS = 100 * 1024 * 1024;
  const header = pcapFile([]);
  const record = pcapFile([{ at: 0n, octets: new Uint8Array(200_000) }]).subarray(24);
  it.each([
    ["of records in a capture", Buffer.concat([header, ...Array.from({ length: 500 }, () => record)]), 500],
    ["of zeros behind a header: empty records", Buffer.concat([header, Buffer.alloc(OCTETS)]), OCTETS / 16],
  ])("%s is read, not held", async (_name, plain, packets) => {
    const set = await openCaptures([gzipSync(plain)]);
    const before = process.memoryUsage().arrayBuffers;
    let [count, held] = [0, 0];
    for await (const turn of set.turns()) {
      while (turn.next()) count++;
      held = Math.max(held, process.memoryUsage().arrayBuffers - before);
    }
    expect(count).toBe(packets);
    expect(held).toBeLessThan(80 * 1024 * 1024);
  });

  it("of zeros alone is no capture, and is not unpacked to say so", async () => {
    const bomb = gzipSync(Buffer.alloc(OCTETS));
    await expect(openCaptures([bomb])).rejects.toThrow("octets of no known format (00000000)");
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameWalk, type Layout } from "../../src/capture/frame-walk.ts";
import { lz4Frames } from "../../src/capture/lz4-frames.ts";
import { zstdFrames } from "../../src/capture/zstd-frames.ts";
import { concat, u32 } from "../build/octets.ts";
import { isInstalled, packed, skippable, zstdStored } from "./compressed.ts";
import { chunksOf } from "./read-records.ts";

const WINDOW_OCTETS_MAX = 8 * 1024 * 1024;
const zstd = () => zstdFrames(WINDOW_OCTETS_MAX);
const octets = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));

function walked(layout: Layout, input: Uint8Array, sizes: readonly number[] = [input.length]) {
  const walk = new FrameWalk(layout);
  const pieces: Uint8Array[] = [];
  for (const chunk of chunksOf(input, sizes)) {
    for (const piece of walk.pieces(chunk)) pieces.push(Uint8Array.from(piece));
  }
  return { handedOn: concat(...pieces), pieces, ending: walk.ending, isBetweenFrames: walk.isBetweenFrames };
}

const CONTENT = Uint8Array.from({ length: 5000 }, (_, index) => (index * index) >> 5);
const ZSTD = zstdStored(CONTENT);
// 64 KiB blocks, block checksums, content size, checksum: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
const LZ4 = concat(
  octets("04224d18 7c 40"),
  new Uint8Array(9),
  u32(0x80000000 + 300, "little"),
  new Uint8Array(304).fill(7),
  u32(20, "little"),
  new Uint8Array(24).fill(8),
  u32(0, "little"),
  u32(99, "little"),
);

describe.each([
  ["zstd", zstd, ZSTD],
  ["lz4", lz4Frames, LZ4],
])("%s frames", (_name, layout, frame) => {
  const several = concat(skippable(30), frame, frame, skippable(0), skippable(3), frame);
  const handedOn = concat(frame, frame, frame);

  it("are handed on without what lies between them, for any chunking", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(sizes, (chunkSizes) => {
        const result = walked(layout(), several, chunkSizes);
        expect(Buffer.compare(result.handedOn, handedOn)).toBe(0);
        expect([result.ending, result.isBetweenFrames]).toEqual([null, true]);
      }),
    );
  });

  it("are never handed on together", () => {
    let left = 0;
    for (const piece of walked(layout(), several).pieces) {
      if (left === 0) left = frame.length;
      expect(piece.length).toBeLessThanOrEqual(left);
      left -= piece.length;
    }
    expect(left).toBe(0);
  });

  it("may be followed by zeros only", () => {
    for (const zeros of [1, 4, 600]) {
      const { handedOn, isBetweenFrames } = walked(layout(), concat(frame, new Uint8Array(zeros)));
      expect(handedOn).toEqual(frame);
      expect(isBetweenFrames).toBe(true);
    }
    expect(walked(layout(), concat(frame, octets("0a0d0d0a")))).toMatchObject({ handedOn: frame, ending: "broken" });
  });

  it("that end too early are known at every octet", () => {
    for (let length = 1; length < frame.length; length++) {
      const { ending, isBetweenFrames } = walked(layout(), frame.subarray(0, length));
      expect([length, ending, isBetweenFrames]).toEqual([length, null, false]);
    }
  });

  it.runIf(isInstalled(_name as "zstd" | "lz4"))(`end where the program ${_name} ends them`, () => {
    const plain = Uint8Array.from({ length: 300_000 }, (_, index) => (index * index * 31) >> 7);
    for (const options of [[], ["-9"], _name === "lz4" ? ["-B4", "-BX"] : ["--no-check"]]) {
      const real = packed(_name as "zstd" | "lz4", plain, ...options);
      const { handedOn, ending, isBetweenFrames } = walked(layout(), concat(real, real), [4096]);
      expect([handedOn.length, ending, isBetweenFrames]).toEqual([2 * real.length, null, true]);
    }
  });
});

describe("frames that cannot be are broken", () => {
  it.each([
    ["zstd: a reserved bit", zstd, "28b52ffd 08 38"],
    ["zstd: a block of the reserved type", zstd, "28b52ffd 00 38 070000"],
    ["zstd: a block larger than 128 KiB", zstd, "28b52ffd 00 38 090010"],
    ["lz4: another version", lz4Frames, "04224d18 80"],
    ["lz4: blocks of no known size", lz4Frames, "04224d18 40 30"],
    ["lz4: a block larger than blocks are", lz4Frames, "04224d18 40 40 00 01000100"],
  ])("%s", (_name, layout, hex) => {
    expect(walked(layout(), octets(hex)).ending).toBe("broken");
  });
});

describe("what a frame asks for is known before it is decompressed", () => {
  it.each([
    ["a window of 8 MiB", "28b52ffd 00 68", null],
    [
      "a window of 9 MiB",
      "28b52ffd 00 69",
      "its zstd window is larger than 8 MiB; decompress first (zstd -d --long=31)",
    ],
    [
      "one segment of 2 GiB",
      "28b52ffd a0 00000080",
      "its zstd window is larger than 8 MiB; decompress first (zstd -d --long=31)",
    ],
    ["a dictionary", "28b52ffd 01 38 05", "needs a zstd dictionary; decompress first (zstd -d -D DICTIONARY)"],
  ])("zstd: %s", (_name, hex, unsupported) => {
    expect(walked(zstd(), octets(hex)).ending).toEqual(unsupported && { unsupported });
  });

  it("lz4: a dictionary", () => {
    const unsupported = "needs an lz4 dictionary; decompress first (lz4 -d -D DICTIONARY)";
    expect(walked(lz4Frames(), octets("04224d18 41 40 01000000 00")).ending).toEqual({ unsupported });
  });
});

it("a million empty blocks are handed on together", () => {
  const { pieces } = walked(zstd(), zstdStored(new Uint8Array(50_000), 1));
  expect(pieces.length).toBeLessThan(400);
});

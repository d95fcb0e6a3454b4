import { setImmediate as nextTurn } from "node:timers/promises";
import * as zlib from "node:zlib";
import { type Compressed, type Decode, decodeFrames } from "./decode-frames.ts";
import type { DecompressedBytes } from "./decompress.ts";
import { type Filter, throughFilter } from "./filter.ts";
import { FrameWalk } from "./frame-walk.ts";
import { CHUNK_OCTETS, WINDOW_OCTETS_MAX, WINDOW_OCTETS_MAX_FZSTD } from "./limits.ts";
import { startProgram } from "./program.ts";
import { unusable } from "./unusable.ts";
import { zstdFrames } from "./zstd-frames.ts";

/** Who can decompress zstd: Node.js itself (from 22.15 on), the system's program zstd, the npm package fzstd. */
export type ZstdDecoder = "node" | "program" | "fzstd";

/** fzstd comes last: it checks no checksum, and is the slowest. */
const DECODERS: readonly ZstdDecoder[] = ["node", "program", "fzstd"];

const CAVEAT =
  "decompressed with the package fzstd, which cannot notice damaged data; install zstd, or use Node.js 22.15 or newer";

/** fzstd works on the main thread; timers and signals get their turn after so many milliseconds. */
const BREATH_MILLISECONDS = 20;

/** Decompresses zstd with the first decoder there is. To be iterated at once: a program may be running already. */
export async function unzstd(
  compressed: Compressed,
  decoders: readonly ZstdDecoder[] = DECODERS,
): Promise<DecompressedBytes> {
  for (const decoder of decoders) {
    if (decoder === "fzstd") {
      return decodeFrames(compressed, new FrameWalk(zstdFrames(WINDOW_OCTETS_MAX_FZSTD)), throughFzstd, CAVEAT);
    }
    const filter = decoder === "node" ? nodeFilter() : await startProgram("zstd", compressed.name);
    if (filter === null) continue;
    const decode: Decode = (pieces, letGo) => throughFilter(pieces, filter, { letGo, signal: compressed.signal });
    return decodeFrames(compressed, new FrameWalk(zstdFrames(WINDOW_OCTETS_MAX)), decode, null);
  }
  throw unusable("unsupported", compressed.name, "compressed with zstd; install zstd, or decompress first (zstd -d)");
}

/** null: this Node.js has no zstd. */
function nodeFilter(): Filter | null {
  const { createZstdDecompress } = zlib as { createZstdDecompress?: typeof zlib.createGunzip };
  if (!createZstdDecompress) return null;
  const stream = createZstdDecompress({ chunkSize: CHUNK_OCTETS });
  stream.on("error", () => undefined); // the output tells
  const stop = async () => {
    stream.destroy();
  };
  return { input: stream, output: stream, succeeded: async () => true, stop };
}

const throughFzstd: Decode = async function* (pieces) {
  const { Decompress } = await import("fzstd");
  let brought: Uint8Array[] = [];
  const decompress = new Decompress((block) => brought.push(block));
  const isPushed = (piece: Uint8Array, isFinal: boolean) => {
    try {
      decompress.push(piece, isFinal);
      return true;
    } catch {
      return false;
    }
  };
  const take = () => {
    const blocks = brought;
    brought = [];
    return blocks;
  };
  let breathedAt = performance.now();
  for await (const piece of pieces) {
    const isMeaningful = isPushed(new Uint8Array(piece), false); // it keeps what it is given, so it is given a copy
    yield* take();
    if (!isMeaningful) return false;
    if (performance.now() - breathedAt > BREATH_MILLISECONDS) {
      await nextTurn();
      breathedAt = performance.now();
    }
  }
  const isMeaningful = isPushed(new Uint8Array(0), true);
  yield* take();
  return isMeaningful;
};

import { type Compressed, decodeFrames } from "./decode-frames.ts";
import type { DecompressedBytes } from "./decompress.ts";
import { throughFilter } from "./filter.ts";
import { FrameWalk } from "./frame-walk.ts";
import { lz4Frames } from "./lz4-frames.ts";
import { startProgram } from "./program.ts";
import { unusable } from "./unusable.ts";

/** Decompresses lz4 frames with the system's program. To be iterated at once: it is running already. */
export async function unlz4(compressed: Compressed): Promise<DecompressedBytes> {
  const { name, signal } = compressed;
  const filter = await startProgram("lz4", name);
  if (filter === null) {
    throw unusable("unsupported", name, "compressed with lz4; install lz4, or decompress first: lz4 -d", 0);
  }
  const decode = (pieces: AsyncIterable<Uint8Array>, letGo: () => void) =>
    throughFilter(pieces, filter, { letGo, signal });
  return decodeFrames(compressed, new FrameWalk(lz4Frames()), decode, null);
}

import type { DecompressedBytes, Fault } from "./decompress.ts";
import type { FrameWalk } from "./frame-walk.ts";
import { type InputName, unusable } from "./unusable.ts";

/** An input that is compressed. */
export interface Compressed {
  readonly name: InputName;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Ends the chunks, even while one is being waited for. */
  readonly letGo: () => void;
  readonly signal?: AbortSignal | undefined;
}

/** Decompresses pieces of frames; returns whether it made sense of all of them. */
export type Decode = (pieces: AsyncIterable<Uint8Array>, letGo: () => void) => AsyncGenerator<Uint8Array, boolean>;

/**
 * Decompresses frames, of any number, in bounded memory. What is wrong with them is not asked of the decoder, which may be one of
 * many versions of many programs: the walk knows whether the input ends too early, and everything else is damage.
 */
export function decodeFrames(
  { name, chunks, letGo, signal }: Compressed,
  walk: FrameWalk,
  decode: Decode,
  caveat: string | null,
): DecompressedBytes {
  const bytes = {
    fault: null as Fault | null,
    caveat,
    async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
      let isLetGo = false;
      /** The input was walked to its end, or to where nothing can follow. */
      let isWalked = false;
      const letGoOnce = () => {
        isLetGo = true;
        letGo();
      };
      const pieces = async function* () {
        for await (const chunk of chunks) {
          yield* walk.pieces(chunk);
          if (walk.ending !== null) break;
        }
        isWalked ||= !isLetGo;
      };
      const isDecoded = yield* decode(pieces(), letGoOnce);
      if (signal?.aborted) return;
      const { ending } = walk;
      if (ending !== null && typeof ending === "object") throw unusable("unsupported", name, ending.unsupported);
      if (ending === "broken" || !isWalked) bytes.fault = "corrupt";
      else if (ending === null && !walk.isBetweenFrames) bytes.fault = "cut-short";
      else if (!isDecoded) bytes.fault = "corrupt";
    },
  };
  return bytes;
}

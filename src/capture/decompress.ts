import { Inflater } from "./inflater.ts";

/** Compressed bytes per step, at most. Deflate expands at most 1032 times, so one step brings at most 33 MiB, whoever made the file. */
const STEP_OCTETS_MAX = 32 * 1024;
const STEP_OCTETS_MIN = 512;

/** A step is at most this part of what was read before. */
const STEP_PART = 64;

/** Why decompressed bytes end before the compressed ones do. Trailing: what follows is no compressed data at all. */
export type Fault = "cut-short" | "corrupt" | "trailing";

/** A stream of bytes that knows, once it has ended, whether it ended too early. */
export interface DecompressedBytes extends AsyncIterable<Uint8Array> {
  readonly fault: Fault | null;
  /** Why what came out may be wrong without anybody noticing, if so. */
  readonly caveat: string | null;
}

/**
 * Decompresses gzip, of any number of members, in bounded memory. While the caller works on what a step brought, the next step is
 * already running in zlib's thread.
 *
 * zlib gives nothing back from a step that fails. So a failed step is repeated octet by octet on the input opened `again`, if that can be
 * done. If not (a pipe), steps grow with what was read before, and a corrupt octet costs at most 1/64 of what lies in front of it.
 */
export function gunzip(
  compressed: AsyncIterable<Uint8Array>,
  again: () => AsyncIterable<Uint8Array> | null = () => null,
): DecompressedBytes {
  const bytes = {
    fault: null as Fault | null,
    caveat: null,
    async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
      const inflater = new Inflater();
      let taken = 0;
      let brought = 0;
      let failedAt = 0;
      const take = () => {
        const chunks = inflater.take();
        for (const { length } of chunks) brought += length;
        return chunks;
      };
      try {
        for await (const chunk of compressed) {
          for (let offset = 0; offset < chunk.length && !inflater.ended; ) {
            const step = chunk.subarray(offset, offset + stepOctets(taken));
            const running = inflater.write(step);
            yield* take();
            await running;
            failedAt = taken;
            offset += step.length;
            taken += step.length;
          }
          // Nothing is held back while the next chunk is awaited: it may be long in coming.
          yield* take();
          if (inflater.ended) break;
        }
        if (!inflater.ended) await inflater.end();
        yield* take();
        bytes.fault = inflater.fault;
      } finally {
        inflater.destroy();
      }
      const source = bytes.fault === "corrupt" || bytes.fault === "trailing" ? again() : null;
      if (source) yield* slowly(source, failedAt, brought);
    },
  };
  return bytes;
}

/** What the octets from `from` on bring, one by one, up to those that make no sense. `known` decompressed ones are left out. */
async function* slowly(compressed: AsyncIterable<Uint8Array>, from: number, known: number): AsyncGenerator<Uint8Array> {
  const inflater = new Inflater();
  let taken = 0;
  let toLeaveOut = known;
  try {
    for await (const chunk of compressed) {
      for (let offset = 0; offset < chunk.length && !inflater.ended; ) {
        const step = chunk.subarray(offset, offset + (taken < from ? Math.min(stepOctets(taken), from - taken) : 1));
        await inflater.write(step);
        for (const brought of inflater.take()) {
          const leftOut = Math.min(toLeaveOut, brought.length);
          toLeaveOut -= leftOut;
          if (leftOut < brought.length) yield brought.subarray(leftOut);
        }
        offset += step.length;
        taken += step.length;
      }
      if (inflater.ended) return;
    }
  } finally {
    inflater.destroy();
  }
}

/** How much to feed in one step when so much was taken before. */
function stepOctets(taken: number): number {
  return Math.min(STEP_OCTETS_MAX, Math.max(STEP_OCTETS_MIN, Math.ceil(taken / STEP_PART)));
}

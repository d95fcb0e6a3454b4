import { createGunzip, type Gunzip } from "node:zlib";

/** Decompressed bytes handed on at once. */
export const CHUNK_OCTETS = 256 * 1024;

/** Compressed bytes per step, at most. Deflate expands at most 1032 times, so one step brings at most 33 MiB, whoever made the file. */
const STEP_OCTETS_MAX = 32 * 1024;
const STEP_OCTETS_MIN = 512;

/** A step is at most this part of what was read before. */
const STEP_PART = 64;

/** Why decompressed bytes end before the compressed ones do. */
export type Fault = "cut-short" | "corrupt";

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
 * zlib gives nothing back from a step that fails. So steps grow with what was read before, and a corrupt octet costs at most 1/64
 * of what lies in front of it.
 */
export function gunzip(compressed: AsyncIterable<Uint8Array>): DecompressedBytes {
  const bytes = {
    fault: null as Fault | null,
    caveat: null,
    async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
      const inflater = new Inflater();
      try {
        let taken = 0;
        for await (const chunk of compressed) {
          for (let offset = 0; offset < chunk.length && !inflater.ended; ) {
            const step = chunk.subarray(offset, offset + stepOctets(taken));
            const running = inflater.write(step);
            yield* inflater.take();
            await running;
            offset += step.length;
            taken += step.length;
          }
          // Nothing is held back while the next chunk is awaited: it may be long in coming.
          yield* inflater.take();
          if (inflater.ended) break;
        }
        if (!inflater.ended) await inflater.end();
        yield* inflater.take();
        bytes.fault = inflater.fault;
      } finally {
        inflater.destroy();
      }
    },
  };
  return bytes;
}

/** How much to feed in one step when so much was taken before. */
function stepOctets(taken: number): number {
  return Math.min(STEP_OCTETS_MAX, Math.max(STEP_OCTETS_MIN, Math.ceil(taken / STEP_PART)));
}

/** node:zlib step by step: what one step brought is there when it is done, and nothing of it is lost to a later error. */
class Inflater {
  fault: Fault | null = null;
  /** Nothing more will come: a member is broken, or zeros follow the last one (padding, as tape drives and object stores add it). */
  ended = false;
  readonly #stream: Gunzip = createGunzip({ chunkSize: CHUNK_OCTETS });
  #brought: Uint8Array[] = [];
  #settle: () => void = () => undefined;

  constructor() {
    this.#stream.on("data", (bytes: Uint8Array) => this.#brought.push(bytes));
    this.#stream.on("end", () => this.#end());
    this.#stream.on("error", (error: NodeJS.ErrnoException) => {
      this.fault = error.code === "Z_BUF_ERROR" ? "cut-short" : "corrupt";
      this.#end();
    });
  }

  /** Settles when the step is decompressed, or has failed. */
  write(step: Uint8Array): Promise<void> {
    return this.#settled(() => this.#stream.write(step, () => this.#settle()));
  }

  /** Settles when the last member has been found complete, or not. */
  end(): Promise<void> {
    return this.#settled(() => this.#stream.end());
  }

  take(): Uint8Array[] {
    const brought = this.#brought;
    this.#brought = [];
    return brought;
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #end(): void {
    this.ended = true;
    this.#settle();
  }

  #settled(start: () => void): Promise<void> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      start();
    });
  }
}

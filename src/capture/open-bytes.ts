import type { ByteSource } from "./byte-source.ts";
import type { Compressed } from "./decode-frames.ts";
import { type DecompressedBytes, gunzip } from "./decompress.ts";
import { isSkippable, little } from "./frame-walk.ts";
import { type Compression, MAGIC_OCTETS_MAX, recognize } from "./magic.ts";
import type { ZstdDecoder } from "./unzstd.ts";

type Chunks = AsyncGenerator<Uint8Array, void, undefined>;

/** An input whose compression is known. */
export interface Opening {
  readonly source: ByteSource;
  readonly compression: Compression | null;
  readonly decompressed: DecompressedBytes | null;
  /** The first decompressed octets; at least MAGIC_OCTETS_MAX, unless there are fewer. */
  readonly start: Uint8Array;
  /** What comes behind them. */
  readonly bytes: Chunks;
}

export interface OpeningOptions {
  readonly signal?: AbortSignal | undefined;
  /** Who may decompress zstd, in this order; unless given, everyone. */
  readonly zstdBy?: readonly ZstdDecoder[] | undefined;
}

/** Opens an input and takes off its compression, whatever the file is called. */
export async function openBytes(source: ByteSource, options: OpeningOptions = {}): Promise<Opening> {
  const raw = source.chunks();
  try {
    const start = await behindSkippable(await takeStart(raw), raw);
    const content = recognize(start);
    const by = content.is === "compressed" && start.length > 0 ? content.by : null;
    const { name } = source;
    const compressed = { name, chunks: putBack(start, raw), letGo: () => source.letGo(), signal: options.signal };
    const decompressed = by && (await decompress(by, compressed, () => source.again(), options));
    if (!decompressed) return { source, compression: null, decompressed: null, start, bytes: raw };
    const bytes = decompressed[Symbol.asyncIterator]() as Chunks;
    return { source, compression: by, decompressed, start: await takeStart(bytes), bytes };
  } catch (error) {
    await raw.return();
    throw error;
  }
}

/** The joint for decompressors: bytes in, bytes and a fault out. */
async function decompress(
  by: Compression,
  compressed: Compressed,
  again: () => AsyncIterable<Uint8Array> | null,
  { zstdBy }: OpeningOptions,
): Promise<DecompressedBytes> {
  // Those who need programs are loaded only when they are needed.
  if (by === "gzip") return gunzip(compressed.chunks, again);
  if (by === "zstd") return (await import("./unzstd.ts")).unzstd(compressed, zstdBy);
  if (by === "lz4") return (await import("./unlz4.ts")).unlz4(compressed);
  return (await import("./unpack-by-program.ts")).unpackByProgram(compressed, by);
}

/** The first chunk; joined with the next ones only if it is too short to tell what it is. */
async function takeStart(chunks: Chunks, taken: Uint8Array = new Uint8Array(0)): Promise<Uint8Array> {
  let start = taken;
  while (start.length < MAGIC_OCTETS_MAX) {
    // The chunk is valid only until the next one is asked for, so it is copied before.
    const kept = Buffer.from(start);
    const { value } = await chunks.next();
    if (!value) return kept;
    start = kept.length === 0 ? value : Buffer.concat([kept, value]);
  }
  return start;
}

/** Skippable frames belong to zstd and to lz4: only what follows them tells which. */
async function behindSkippable(start: Uint8Array, chunks: Chunks): Promise<Uint8Array> {
  let rest = start;
  while (rest.length >= 8 && isSkippable(little(rest.subarray(0, 4)))) {
    let left = 8 + little(rest.subarray(4, 8));
    while (left > rest.length) {
      left -= rest.length;
      rest = (await chunks.next()).value ?? new Uint8Array(0);
      if (rest.length === 0) return rest;
    }
    rest = await takeStart(chunks, rest.subarray(left));
  }
  return rest;
}

async function* putBack(start: Uint8Array, rest: Chunks): AsyncGenerator<Uint8Array> {
  try {
    yield start;
    yield* rest;
  } finally {
    await rest.return();
  }
}

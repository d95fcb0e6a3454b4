import { type ByteInput, type ByteSource, openSource, type SourceOptions } from "./byte-source.ts";
import { type DecompressedBytes, gunzip } from "./decompress.ts";
import { type Compression, MAGIC_OCTETS_MAX, recognize } from "./magic.ts";
import { openReader, type ReaderChoice } from "./open-reader.ts";
import { grouped, ProblemLog } from "./problem-log.ts";
import type { Problem, RecordReader } from "./record.ts";
import { unusable } from "./unusable.ts";

export interface StreamOptions extends SourceOptions {
  readonly reader?: ReaderChoice | undefined;
}

/** One input on its way to records: bytes ▸ decompressed bytes ▸ reader. */
export class CaptureStream {
  readonly source: ByteSource;
  readonly compression: Compression | null;
  /** null: stopped, or a compressed input that was cut short, before the first octet came. */
  readonly reader: RecordReader | null;
  readonly #bytes: AsyncGenerator<Uint8Array, void, undefined>;
  readonly #decompressed: DecompressedBytes | null;
  readonly #signal: AbortSignal | undefined;
  readonly #problems = new ProblemLog();
  #start: Uint8Array | null;
  #octets = 0;

  private constructor(opening: Opening, reader: RecordReader | null, signal: AbortSignal | undefined) {
    this.source = opening.source;
    this.compression = opening.compression;
    this.reader = reader;
    this.#bytes = opening.bytes;
    this.#decompressed = opening.decompressed;
    this.#signal = signal;
    this.#start = opening.start;
    if (reader === null) this.#noteFault();
  }

  /** Opens the input and finds out what it is. Throws a CloseWaitError if it is nothing that can be read. */
  static async open(input: ByteInput, options: StreamOptions = {}): Promise<CaptureStream> {
    const source = await openSource(input, options);
    const opening = await openBytes(source);
    const { start, decompressed } = opening;
    try {
      if (options.signal?.aborted) return new CaptureStream(opening, null, options.signal);
      if (start.length > 0) {
        const reader = await openReader(start, source.name, options.reader ?? "closewait");
        return new CaptureStream(opening, reader, options.signal);
      }
      if (decompressed?.fault === "cut-short") return new CaptureStream(opening, null, options.signal);
      if (decompressed?.fault === "corrupt") throw unusable("corrupt", source.name, "its gzip data are damaged", 0);
      throw unusable("empty", source.name, "empty: expected a capture, found no bytes", 0);
    } catch (error) {
      await opening.bytes.return();
      throw error;
    }
  }

  get cutShort(): boolean {
    return this.reader?.cutShort === true || this.#decompressed?.fault === "cut-short";
  }

  get problems(): readonly Problem[] {
    return [...this.#problems.list, ...(this.reader?.problems ?? [])];
  }

  /** Steps to the next record, reading what that takes; false when the capture is over or the signal has stopped it. */
  async advance(): Promise<boolean> {
    const reader = this.reader;
    if (reader === null) return false;
    while (!reader.next()) {
      if (reader.over || !(await this.#pushMore(reader))) return false;
    }
    return true;
  }

  async close(): Promise<void> {
    await this.#bytes.return();
  }

  async #pushMore(reader: RecordReader): Promise<boolean> {
    const chunk = this.#start ?? (await this.#bytes.next()).value;
    this.#start = null;
    if (chunk) {
      this.#octets += chunk.length;
      reader.push(chunk);
    } else {
      // Stopped by the user is not cut short.
      if (this.#signal?.aborted) return false;
      this.#noteFault();
      reader.finish();
    }
    return true;
  }

  #noteFault(): void {
    const after = `after ${grouped(this.#octets)} decompressed octets: analyzed up to there`;
    const fault = this.#decompressed?.fault;
    if (fault === "cut-short") this.#problems.add("compression-cut-short", `the gzip data end too early, ${after}`);
    if (fault === "corrupt") this.#problems.add("compression-corrupt", `the gzip data are damaged, ${after}`);
  }
}

/** An input whose compression is known. */
interface Opening {
  readonly source: ByteSource;
  readonly compression: Compression | null;
  readonly decompressed: DecompressedBytes | null;
  /** The first decompressed octets; at least MAGIC_OCTETS_MAX, unless there are fewer. */
  readonly start: Uint8Array;
  /** What comes behind them. */
  readonly bytes: AsyncGenerator<Uint8Array, void, undefined>;
}

async function openBytes(source: ByteSource): Promise<Opening> {
  const raw = source.chunks();
  const start = await takeStart(raw);
  const content = recognize(start);
  if (content.is !== "compressed" || content.by !== "gzip" || start.length === 0) {
    return { source, compression: null, decompressed: null, start, bytes: raw };
  }
  // Further decompressors join here: bytes in, bytes and a fault out.
  const decompressed = gunzip(putBack(start, raw));
  const bytes = decompressed[Symbol.asyncIterator]() as AsyncGenerator<Uint8Array, void, undefined>;
  return { source, compression: "gzip", decompressed, start: await takeStart(bytes), bytes };
}

/** The first chunk; joined with the next ones only if it is too short to tell what it is. */
async function takeStart(chunks: AsyncGenerator<Uint8Array, void, undefined>): Promise<Uint8Array> {
  let start: Uint8Array = new Uint8Array(0);
  while (start.length < MAGIC_OCTETS_MAX) {
    // The chunk is valid only until the next one is asked for, so it is copied before.
    const kept = Buffer.from(start);
    const { value } = await chunks.next();
    if (!value) return kept;
    start = kept.length === 0 ? value : Buffer.concat([kept, value]);
  }
  return start;
}

async function* putBack(
  start: Uint8Array,
  rest: AsyncGenerator<Uint8Array, void, undefined>,
): AsyncGenerator<Uint8Array> {
  try {
    yield start;
    yield* rest;
  } finally {
    await rest.return();
  }
}

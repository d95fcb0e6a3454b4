import { type ByteInput, type ByteSource, openSource, type SourceOptions } from "./byte-source.ts";
import type { DecompressedBytes } from "./decompress.ts";
import type { Compression } from "./magic.ts";
import { type Opening, type OpeningOptions, openBytes } from "./open-bytes.ts";
import { openReader, type ReaderChoice } from "./open-reader.ts";
import { grouped, ProblemLog } from "./problem-log.ts";
import type { Problem, RecordReader } from "./record.ts";
import { unusable } from "./unusable.ts";

export interface StreamOptions extends SourceOptions, OpeningOptions {
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
  #restarts: number;
  #octets = 0;
  #isCutShort = false;

  private constructor(opening: Opening, reader: RecordReader | null, signal: AbortSignal | undefined) {
    this.source = opening.source;
    this.compression = opening.compression;
    this.reader = reader;
    this.#bytes = opening.bytes;
    this.#decompressed = opening.decompressed;
    this.#signal = signal;
    this.#start = opening.start;
    this.#restarts = opening.source.restarts;
    const caveat = opening.decompressed?.caveat;
    if (caveat) this.#problems.add("compression-unchecked", caveat);
    if (reader === null && !signal?.aborted) this.#noteFault();
  }

  /** Opens the input and finds out what it is. Throws a CloseWaitError if it is nothing that can be read. */
  static async open(input: ByteInput, options: StreamOptions = {}): Promise<CaptureStream> {
    const source = await openSource(input, options);
    const opening = await openBytes(source, options);
    const { start, decompressed, compression } = opening;
    try {
      if (options.signal?.aborted) return new CaptureStream(opening, null, options.signal);
      if (start.length > 0) {
        const reader = await openReader(start, source.name, options.reader ?? "closewait");
        return new CaptureStream(opening, reader, options.signal);
      }
      if (decompressed?.fault === "cut-short") return new CaptureStream(opening, null, options.signal);
      if (decompressed?.fault === "corrupt")
        throw unusable("corrupt", source.name, `its ${compression} data are damaged`, 0);
      const found = source.bytesRead === 0 ? "no bytes" : "nothing once decompressed";
      throw unusable("empty", source.name, `empty: expected a capture, found ${found}`, 0);
    } catch (error) {
      await opening.bytes.return();
      throw error;
    }
  }

  get cutShort(): boolean {
    return this.reader?.cutShort === true || this.#isCutShort;
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
      if (this.source.restarts !== this.#restarts && !this.#restart(reader)) return true;
      reader.push(chunk);
    } else {
      // Stopped by the user is not cut short.
      if (this.#signal?.aborted) return false;
      this.#noteFault();
      reader.finish();
    }
    return true;
  }

  /** The file that is followed began anew. Compressed bytes just go on: the decompressor knows best. False: the reader cannot follow. */
  #restart(reader: RecordReader): boolean {
    this.#restarts = this.source.restarts;
    if (this.#decompressed !== null) return true;
    const message = "the file was replaced or cut off while it was followed: read on from its new start";
    this.#problems.add("replaced", `${message}, frames count on`);
    if (reader.restart) reader.restart();
    else reader.finish();
    return reader.restart !== undefined;
  }

  #noteFault(): void {
    const after = `after ${grouped(this.#octets)} decompressed octets: analyzed up to there`;
    const fault = this.#decompressed?.fault;
    const data = `the ${this.compression} data`;
    if (fault === "cut-short") this.#problems.add("compression-cut-short", `${data} end too early, ${after}`);
    if (fault === "corrupt") this.#problems.add("compression-corrupt", `${data} are damaged, ${after}`);
    if (fault === "trailing")
      this.#problems.add("compression-trailing", `${data} are followed by something else: passed over`);
    this.#isCutShort = fault === "cut-short";
  }
}

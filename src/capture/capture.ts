import { CloseWaitError } from "../errors.ts";
import type { CaptureAnnotations } from "./annotations.ts";
import type { ByteInput } from "./byte-source.ts";
import { CaptureStream, type StreamOptions } from "./capture-stream.ts";
import type { CaptureInput } from "./inputs.ts";
import { linkTypeName } from "./link-types.ts";
import type { Compression } from "./magic.ts";
import { UP_TO_THERE } from "./problem-log.ts";
import type { CaptureFormat, Problem, RecordReader, RelativeNanos } from "./record.ts";
import { unusable } from "./unusable.ts";

/** Problems behind which nothing can be read. */
const BREAKS: readonly string[] = [
  ...["absurd-length", "corrupt-record", "corrupt-block"],
  ...["unsupported-section", "too-many-interfaces"],
];

/** What is known of one capture: while it is read, so far. */
export interface CaptureSummary {
  readonly path: string;
  /** What it is read from. */
  readonly input: ByteInput;
  /** null: nothing could be read; `problems` says why. */
  readonly format: CaptureFormat | null;
  readonly compression: Compression | null;
  /** Names of the link types of all interfaces declared. */
  readonly linkTypes: readonly string[];
  /** Whether it can tell times apart that are less than a microsecond apart. */
  readonly isNanosecond: boolean;
  readonly packets: number;
  /** Earliest and latest time of a record; null without records. */
  readonly firstAt: RelativeNanos | null;
  readonly lastAt: RelativeNanos | null;
  /** End of the capture as the file itself states it. */
  readonly endAt: RelativeNanos | null;
  readonly cutShort: boolean;
  readonly dropped: number | null;
  readonly problems: readonly Problem[];
  /** Names, comments and other things that the file holds beside packets; null: its format has no room for them. */
  readonly annotations: CaptureAnnotations | null;
  /** Bytes read of the file as it is stored. */
  readonly bytes: number;
  /** Files between the capture before it and this one are missing from their rotation. */
  readonly followsGap: boolean;
  /** Number of the capture point; final once all turns are over, until then of those who have joined. See capture-points.ts. */
  readonly point: number;
}

/** One input through its life: looked at, put in order, read when its turn comes, closed. */
export class Capture implements CaptureSummary {
  readonly path: string;
  format: CaptureFormat | null = null;
  compression: Compression | null = null;
  linkTypes: readonly string[] = [];
  isNanosecond = false;
  packets = 0;
  endAt: RelativeNanos | null = null;
  cutShort = false;
  dropped: number | null = null;
  problems: readonly Problem[];
  annotations: CaptureAnnotations | null = null;
  bytes = 0;
  followsGap = false;
  point = 0;
  /** Size as stored, if it is known. */
  size: number | null = null;
  /** Time of the first record as looked up beforehand; null if there is none, or none with a time. */
  firstNanos: bigint | null = null;
  /** Whether there is at least one record. */
  hasRecords = false;
  error: CloseWaitError | null;
  onJoin: () => void = () => undefined;
  /** It is read on while it is being written. */
  isFollowed = false;
  /** True while the reader stands on a record that nobody has taken yet. */
  standing = false;
  earliest = Number.POSITIVE_INFINITY;
  latest = Number.NEGATIVE_INFINITY;
  readonly #input: CaptureInput;
  #notes: readonly Problem[];
  #baseNanos: bigint | null = null;
  #stream: CaptureStream | null = null;

  constructor(input: CaptureInput) {
    this.#input = input;
    this.path = input.path;
    this.#notes = input.problems;
    this.problems = input.problems;
    this.error = input.error;
  }

  get input(): ByteInput {
    return this.#input.bytes;
  }

  get firstAt(): RelativeNanos | null {
    return this.packets === 0 ? null : this.earliest;
  }

  get lastAt(): RelativeNanos | null {
    return this.packets === 0 ? null : this.latest;
  }

  get isOpen(): boolean {
    return this.#stream !== null;
  }

  /** Where the first record lies; the base, if it has no time of its own. */
  get startsAt(): RelativeNanos {
    return this.firstNanos === null ? 0 : Number(this.firstNanos - (this.#baseNanos ?? this.firstNanos));
  }

  /** The reader of an open capture. */
  get reader(): RecordReader {
    if (!this.#stream?.reader) throw new Error("the capture is not open");
    return this.#stream.reader;
  }

  /** Reads up to the first record. Ten thousand rotated files must not stay open, so what can be opened again is closed. */
  async peek(options: StreamOptions, keepOpen: boolean): Promise<void> {
    await this.#open(options);
    this.hasRecords = await this.advance();
    this.firstNanos = this.#stream?.reader?.firstNanos ?? null;
    if (!this.hasRecords) this.#refuseBroken();
    if (!this.#stream?.source.reopenable || keepOpen) return;
    await this.#release();
    this.bytes = 0;
  }

  /** Makes the capture ready for its turn: open and standing on its first record. */
  async join(options: StreamOptions): Promise<boolean> {
    if (!this.standing) {
      await this.#open(options);
      await this.advance();
    }
    this.onJoin();
    return this.standing;
  }

  noteGap(message: string): void {
    this.followsGap = true;
    this.#notes = [...this.#notes, { kind: "missing-file", count: 1, message }];
    this.problems = [...this.problems, ...this.#notes.slice(-1)];
  }

  rebase(baseNanos: bigint): void {
    this.#baseNanos = baseNanos;
    this.#stream?.reader?.rebase(baseNanos);
    if (this.#stream) this.#note(this.#stream);
  }

  /** Steps to the next record; at the end closes the capture and returns false. */
  async advance(): Promise<boolean> {
    const stream = this.#stream;
    if (stream === null) return false;
    try {
      this.standing = await stream.advance();
      this.#note(stream);
      if (!this.standing) await this.#release();
    } catch (error) {
      await this.#fail(error);
    }
    return this.standing;
  }

  /** Closes what is open. */
  async close(): Promise<void> {
    if (this.#stream) this.#note(this.#stream);
    await this.#release();
  }

  async #open(options: StreamOptions): Promise<void> {
    if (this.error) return;
    try {
      const { follow, ...rest } = options;
      this.#stream = await CaptureStream.open(this.#input.bytes, this.isFollowed ? options : rest);
      if (this.#baseNanos !== null) this.#stream.reader?.rebase(this.#baseNanos);
      this.size = this.#stream.source.size;
    } catch (error) {
      await this.#fail(error);
    }
  }

  async #release(): Promise<void> {
    const stream = this.#stream;
    this.#stream = null;
    this.standing = false;
    await stream?.close();
  }

  #note(stream: CaptureStream): void {
    const { reader, source } = stream;
    this.format = reader?.format ?? null;
    this.compression = stream.compression;
    this.cutShort = stream.cutShort;
    this.problems = [...this.#notes, ...stream.problems];
    this.bytes = source.bytesRead;
    if (reader === null) return;
    if (reader.linkTypes.size !== this.linkTypes.length) this.linkTypes = [...reader.linkTypes].map(linkTypeName);
    this.isNanosecond = reader.isNanosecond;
    this.dropped = reader.dropped;
    this.annotations = reader.annotations;
    this.endAt = reader.endNanos === null ? null : Number(reader.endNanos - (this.#baseNanos ?? 0n));
  }

  /** Broken in front of its first record, it is no capture that ends there but one that cannot be read. */
  #refuseBroken(): void {
    const broken = this.problems.find(({ kind }) => BREAKS.includes(kind));
    if (broken === undefined || this.error) return;
    this.error = unusable("corrupt", this.path, broken.message.replace(UP_TO_THERE, ""));
    this.format = null;
  }

  /** An input that fails before its first record is none; later on it is one that ended there. */
  async #fail(error: unknown): Promise<void> {
    if (!(error instanceof CloseWaitError)) throw error;
    if (this.#stream) this.#note(this.#stream);
    await this.#release();
    this.error = error;
    this.problems = [...this.problems, { kind: error.code, count: 1, message: error.message }];
    if (this.packets === 0) this.format = null;
  }
}

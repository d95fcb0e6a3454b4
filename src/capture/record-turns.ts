import { CHUNK_OCTETS_MAX } from "./byte-source.ts";
import type { Capture } from "./capture.ts";
import type { StreamOptions } from "./capture-stream.ts";
import type { CaptureRecord, FrameSink, RelativeNanos } from "./record.ts";

/**
 * Consecutive records of one capture that are in memory and not later than the next record of any other capture:
 * `while (turn.next()) use(turn.record)`, or in batches.
 */
export interface RecordTurn {
  /** Number of the capture. */
  readonly capture: number;
  readonly record: CaptureRecord;
  next(): boolean;
  /** Appends the next records to an empty batch: as many as fit and lie in one view. False when there are none. */
  fill(sink: FrameSink): boolean;
  /** Frame number of the first record of the last `fill()`. */
  readonly firstFrame: number;
}

/** Place in the order of all records: by time, at equal times by the number of the capture. */
interface Place {
  readonly time: RelativeNanos;
  readonly capture: number;
}

/** Read buffers of captures that overlap share the memory one capture would have, down to this size each. */
const CHUNK_OCTETS_MIN = 64 * 1024;

const END: Place = { time: Number.POSITIVE_INFINITY, capture: Number.POSITIVE_INFINITY };

export interface MergeOptions extends StreamOptions {
  /** Told how many more bytes were read. */
  readonly onBytes?: (bytes: number) => void;
  /** Called when the iteration ends, however it ends. */
  readonly onEnd?: () => Promise<void>;
}

interface Waiting {
  readonly source: Capture;
  readonly capture: number;
}

/** A capture that takes part in the merge. */
class Runner implements RecordTurn, Place {
  readonly capture: number;
  readonly record: CaptureRecord;
  firstFrame = 0;
  readonly #source: Capture;
  /** What every turn of this capture resolves to. */
  readonly #turn: Promise<IteratorResult<RecordTurn, undefined>> = Promise.resolve({ done: false, value: this });
  #limitTime = 0;
  #winsTies = false;

  constructor(source: Capture, capture: number) {
    this.#source = source;
    this.capture = capture;
    this.record = source.reader.record;
  }

  get time(): RelativeNanos {
    return this.record.time;
  }

  /** A turn with the records that come before this place. */
  runUntil(limit: Place): Promise<IteratorResult<RecordTurn, undefined>> {
    this.#limitTime = limit.time;
    this.#winsTies = this.capture < limit.capture;
    return this.#turn;
  }

  next(): boolean {
    const source = this.#source;
    if (!source.standing && !source.reader.next()) return false;
    const time = this.record.time;
    source.standing = time > this.#limitTime || (time === this.#limitTime && !this.#winsTies);
    if (source.standing) return false;
    source.packets++;
    if (time < source.earliest) source.earliest = time;
    if (time > source.latest) source.latest = time;
    return true;
  }

  fill(sink: FrameSink): boolean {
    const source = this.#source;
    const { reader } = source;
    const { record } = this;
    const latest = this.#winsTies ? this.#limitTime : justBefore(this.#limitTime);
    this.firstFrame = record.frame + (source.standing ? 0 : 1);
    while (!sink.isFull) {
      if (!source.standing) {
        reader.fill?.(sink, latest);
        if (sink.isFull || !reader.next()) break;
      }
      source.standing = record.time > latest || (sink.rows > 0 && record.view !== sink.view);
      if (source.standing) break;
      sink.view = record.view;
      sink.append(record.offset, record.capturedLength, record.originalLength, record.time, record.linkType);
      if (reader.isPassing) break;
    }
    source.packets += sink.rows;
    if (sink.earliest < source.earliest) source.earliest = sink.earliest;
    if (sink.latest > source.latest) source.latest = sink.latest;
    return sink.rows > 0;
  }

  /** Bytes of the capture read so far. */
  get bytes(): number {
    return this.#source.bytes;
  }

  get isStanding(): boolean {
    return this.#source.standing;
  }

  /** Makes the runner stand on its next record; false at the end of its capture. */
  advance(): Promise<boolean> {
    return this.#source.advance();
  }
}

/**
 * Merges captures by the time of their records. They come sorted by first record, and each joins only when time has come up to it:
 * rotated files, which do not overlap, are read one after the other as if they were one, with one of them open at a time.
 * Within one capture the order stays as captured, also where time steps backwards.
 *
 * An iterator by hand and not a generator: where two captures of the same traffic alternate record by record, a generator would cost
 * more than the records.
 */
export class RecordMerge implements AsyncIterableIterator<RecordTurn> {
  readonly #waiting: readonly Waiting[];
  readonly #options: MergeOptions;
  #joined = 0;
  #runners: Runner[] = [];
  #current: Runner | null = null;
  #first: Runner | null = null;
  #second: Runner | null = null;

  constructor(captures: readonly Capture[], options: MergeOptions) {
    this.#waiting = captures.map((source, capture) => ({ source, capture })).filter(({ source }) => source.hasRecords);
    this.#options = options;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<RecordTurn, undefined>> {
    if (this.#current?.isStanding) this.#rank();
    return this.#current?.isStanding && !this.#isJoinDue() ? this.#nextTurn() : this.#nextAfterReading();
  }

  /** Ends the iteration early. */
  async return(): Promise<IteratorResult<RecordTurn, undefined>> {
    await this.#options.onEnd?.();
    return { done: true, value: undefined };
  }

  async #nextAfterReading(): Promise<IteratorResult<RecordTurn, undefined>> {
    if (this.#current && !this.#current.isStanding) await this.#advance(this.#current);
    this.#rank();
    while (this.#isJoinDue()) await this.#join();
    return this.#nextTurn();
  }

  #nextTurn(): Promise<IteratorResult<RecordTurn, undefined>> {
    const [first, second] = [this.#first, this.#second];
    if (first === null || this.#options.signal?.aborted) return this.return();
    this.#current = first;
    const limit = this.#placeToJoin();
    return first.runUntil(second && precedes(second, limit) ? second : limit);
  }

  async #advance(runner: Runner): Promise<void> {
    const bytesBefore = runner.bytes;
    if (!(await runner.advance())) this.#runners = this.#runners.filter((other) => other !== runner);
    this.#options.onBytes?.(runner.bytes - bytesBefore);
  }

  /** True if the next capture begins before everything that is at hand. */
  #isJoinDue(): boolean {
    if (this.#joined === this.#waiting.length || this.#options.signal?.aborted) return false;
    return this.#first === null || precedes(this.#placeToJoin(), this.#first);
  }

  async #join(): Promise<void> {
    const { source, capture } = this.#waiting[this.#joined++] as Waiting;
    const chunkOctets = Math.max(CHUNK_OCTETS_MIN, Math.floor(CHUNK_OCTETS_MAX / (this.#runners.length + 1)));
    if (await source.join({ ...this.#options, chunkOctets })) this.#runners.push(new Runner(source, capture));
    this.#options.onBytes?.(source.bytes);
    this.#rank();
  }

  #placeToJoin(): Place {
    const next = this.#waiting[this.#joined];
    return next ? { time: next.source.startsAt, capture: next.capture } : END;
  }

  /** Finds the two that are next in order. Few captures overlap at any time, so looking at all of them beats keeping a heap. */
  #rank(): void {
    let first: Runner | null = null;
    let second: Runner | null = null;
    for (const runner of this.#runners) {
      if (first === null || precedes(runner, first)) [first, second] = [runner, first];
      else if (second === null || precedes(runner, second)) second = runner;
    }
    this.#first = first;
    this.#second = second;
  }
}

/** The largest time that is less: nanoseconds are whole numbers below 2^53, and farther out they are that far apart anyway. */
function justBefore(time: RelativeNanos): RelativeNanos {
  return Math.min(time - 1, time * (1 - Math.sign(time) * Number.EPSILON));
}

function precedes(a: Place, b: Place): boolean {
  return a.time < b.time || (a.time === b.time && a.capture < b.capture);
}

import { CHUNK_OCTETS_MAX } from "./byte-source.ts";
import type { Capture } from "./capture.ts";
import type { StreamOptions } from "./capture-stream.ts";
import type { CaptureRecord, RelativeNanos } from "./record.ts";

/**
 * Consecutive records of one capture that are in memory and not later than the next record of any other capture:
 * `while (turn.next()) use(turn.record)`.
 */
export interface RecordTurn {
  /** Number of the capture. */
  readonly capture: number;
  readonly record: CaptureRecord;
  next(): boolean;
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
}

/** A capture that takes part in the merge. */
class Runner implements RecordTurn, Place {
  readonly capture: number;
  readonly record: CaptureRecord;
  readonly #source: Capture;
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

  /** From now on records are handed out that come before this place. */
  runUntil(limit: Place): this {
    this.#limitTime = limit.time;
    this.#winsTies = this.capture < limit.capture;
    return this;
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

  /** Bytes of the capture read so far. */
  get bytes(): number {
    return this.#source.bytes;
  }

  /** Makes the runner stand on its next record; false at the end of its capture. */
  async stand(): Promise<boolean> {
    return this.#source.standing || this.#source.advance();
  }
}

/**
 * Merges captures by the time of their records. They come sorted by first record, and each joins only when time has come up to it:
 * rotated files, which do not overlap, are read one after the other as if they were one, with one of them open at a time.
 * Within one capture the order stays as captured, also where time steps backwards.
 */
export async function* mergeTurns(captures: readonly Capture[], options: MergeOptions): AsyncGenerator<RecordTurn> {
  const waiting = captures.map((source, capture) => ({ source, capture })).filter(({ source }) => source.hasRecords);
  const runners: Runner[] = [];
  let joined = 0;
  const placeToJoin = (): Place => {
    const next = waiting[joined];
    return next ? { time: next.source.startsAt, capture: next.capture } : END;
  };
  const join = async ({ source, capture }: (typeof waiting)[number]): Promise<void> => {
    const chunkOctets = Math.max(CHUNK_OCTETS_MIN, Math.floor(CHUNK_OCTETS_MAX / (runners.length + 1)));
    if (await source.join({ ...options, chunkOctets })) runners.push(new Runner(source, capture));
    options.onBytes?.(source.bytes);
  };

  let current: Runner | null = null;
  while (!options.signal?.aborted) {
    if (current) {
      const bytesBefore = current.bytes;
      if (!(await current.stand())) runners.splice(runners.indexOf(current), 1);
      options.onBytes?.(current.bytes - bytesBefore);
    }
    let [first, second] = leadingTwo(runners);
    for (let next = waiting[joined]; next && (!first || precedes(placeToJoin(), first)); next = waiting[joined]) {
      joined++;
      await join(next);
      [first, second] = leadingTwo(runners);
    }
    if (!first) return;
    const limit = placeToJoin();
    yield first.runUntil(second && precedes(second, limit) ? second : limit);
    current = first;
  }
}

/** The two that are next in order. Few captures overlap at any time, so looking at all of them beats keeping a heap. */
function leadingTwo(runners: readonly Runner[]): [first: Runner | null, second: Runner | null] {
  let first: Runner | null = null;
  let second: Runner | null = null;
  for (const runner of runners) {
    if (first === null || precedes(runner, first)) [first, second] = [runner, first];
    else if (second === null || precedes(runner, second)) second = runner;
  }
  return [first, second];
}

function precedes(a: Place, b: Place): boolean {
  return a.time < b.time || (a.time === b.time && a.capture < b.capture);
}

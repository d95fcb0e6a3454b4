import { randomInt } from "node:crypto";
import { Clock } from "../analysis/clock.ts";
import type { Reading } from "../analysis/reading.ts";
import { windowOf } from "../analysis/time-window.ts";
import type { ByteInput } from "../capture/byte-source.ts";
import { type CaptureSet, openCaptures } from "../capture/capture-set.ts";
import type { CaptureRecord } from "../capture/record.ts";
import { CloseWaitError } from "../errors.ts";
import { FrameDecoder } from "../wire/frame-decoder.ts";
import { KnownFlows } from "../wire/known-flows.ts";
import { SegmentBatch } from "../wire/segment-batch.ts";
import { FragmentFrames } from "./fragment-frames.ts";
import { type PickedFlows, WantedRecords } from "./picked-flows.ts";

/** A capture as the first pass read it: files may have grown since. */
interface Source {
  readonly capture: number;
  readonly path: string;
  readonly input: ByteInput;
  /** Records to be read. */
  packets: number;
}

export interface PassOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((bytesRead: number, bytesTotal: number | null, packets: number) => void) | undefined;
}

/** What is done with a record of a picked flow. `nanos`: since the epoch. */
export type TakeRecord = (record: CaptureRecord, capture: number, nanos: bigint) => void;

/**
 * Reads again what was read, to find the records of flows that were picked. Records have the same numbers as in the first pass, since the
 * captures are merged in the same way, and those that were added since are passed over.
 */
export class Rereading {
  readonly #reading: Reading;
  readonly #picked: PickedFlows;
  readonly #sources: readonly Source[];
  readonly #passCount: number;
  #passesDone = 1;
  readonly #fragments = new FragmentFrames();

  /** `passCount`: how often the captures are read in all, for the progress. */
  constructor(reading: Reading, picked: PickedFlows, passCount: number) {
    this.#passCount = passCount;
    this.#reading = reading;
    this.#picked = picked;
    this.#sources = reading.captures.flatMap(({ path, input, packets }, capture) =>
      packets > 0 ? [{ capture, path, input, packets }] : [],
    );
  }

  /** To be done first if there were fragments: finds those that belong to the picked flows. */
  async findFragments(options: PassOptions): Promise<void> {
    await this.#read(options, (record, _capture, order, segment) => this.#fragments.note(record, order, segment));
  }

  /** Passes all records of the picked flows, in order. What is not read because of the signal is not read by later passes either. */
  async pass(take: TakeRecord, options: PassOptions): Promise<void> {
    await this.#read(options, (record, capture, order, segment, nanosOf) => {
      if (segment === "wanted" || this.#fragments.has(order)) take(record, capture, nanosOf(record.time));
    });
  }

  async #read(
    { signal, onProgress }: PassOptions,
    visit: (
      record: CaptureRecord,
      capture: number,
      order: number,
      segment: "wanted" | "unwanted" | null,
      nanosOf: (time: number) => bigint,
    ) => void,
  ): Promise<void> {
    const { flowCount, isEverything, tuples } = this.#picked;
    if (this.#sources.length === 0 || flowCount === 0) return;
    const done = this.#passesDone++;
    const packetsEach = this.#sources.reduce((sum, source) => sum + source.packets, 0);
    let packets = 0;
    const captures = await openCaptures(
      this.#sources.map(({ input }) => input),
      {
        reader: this.#reading.options.reader,
        signal,
        onProgress: (bytesRead, bytesTotal) => {
          const total = bytesTotal === null ? null : bytesTotal * this.#passCount;
          onProgress?.(bytesRead + (bytesTotal ?? 0) * done, total, packets + packetsEach * done);
        },
      },
    );
    this.#refuseOthers(captures);
    const seed = randomInt(2 ** 32);
    const flows = new KnownFlows<WantedRecords>(seed);
    for (const tuple of tuples) flows.add(tuple.a, tuple.b, tuple.tunnel, new WantedRecords(tuple));
    const decoder = new FrameDecoder({ seed });
    const batch = new SegmentBatch();
    const window = windowOf(this.#reading.clock, this.#reading.options);
    const clock = new Clock(captures.baseNanos);
    const nanosOf = (time: number) => clock.nanos(time);
    const shift = this.#reading.clock.relative(captures.baseNanos);
    const seen = this.#sources.map(() => 0);

    for await (const turn of captures.turns()) {
      const { record, capture: number } = turn;
      const { packets: packetsMax, capture } = this.#sources[number] as Source;
      let seenHere = seen[number] ?? 0;
      while (turn.next()) {
        if (seenHere === packetsMax) continue;
        seenHere++;
        packets++;
        const time = record.time + shift;
        if (time < window.from || time > window.to) continue;
        batch.rows = 0;
        const copies = decoder.duplicates;
        // A copy is not appended, but its row is written.
        const isSegment = decoder.decodeOne(record, 0, packets, batch) || decoder.duplicates > copies;
        const isWanted = isSegment && (isEverything || flows.find(batch, 0)?.has(packets) === true);
        visit(record, capture, packets, isWanted ? "wanted" : isSegment ? "unwanted" : null, nanosOf);
      }
      seen[number] = seenHere;
    }
    for (const [number, source] of this.#sources.entries()) source.packets = seen[number] ?? 0;
  }

  #refuseOthers({ captures }: CaptureSet): void {
    for (const [number, { path, input }] of this.#sources.entries()) {
      const found = captures[number];
      if (found?.format != null && (typeof input !== "string" || found.path === path)) continue;
      throw new CloseWaitError("unreadable", "it was replaced or removed while it was being read", { file: path });
    }
  }
}

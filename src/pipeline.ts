import { randomInt } from "node:crypto";
import { Clock } from "./analysis/clock.ts";
import { Observation } from "./analysis/observation.ts";
import { type AnalyzeOptions, DEFAULT_OPTIONS } from "./analysis/options.ts";
import type { Reading } from "./analysis/reading.ts";
import { followingOf, windowOf } from "./analysis/time-window.ts";
import type { ByteInput } from "./capture/byte-source.ts";
import { openCaptures } from "./capture/capture-set.ts";
import { FlowTable } from "./flow/flow-table.ts";
import type { FlowHistory } from "./tcp/history.ts";
import { DECIDED_NANOS, Replay, TWO_MSL_NANOS } from "./tcp/replay.ts";
import type { Fold } from "./transcript/fold.ts";
import { FrameBatch } from "./wire/frame-batch.ts";
import { FrameDecoder } from "./wire/frame-decoder.ts";
import { BATCH_ROWS, SegmentBatch } from "./wire/segment-batch.ts";

/** Takes the histories of flows as they end. */
export interface HistorySink {
  add(history: FlowHistory): void;
  /** Sees the transcripts on their way to the replay. */
  watch?(replay: Fold): Fold;
  /** Whether it matters how long TIME-WAIT of a closed flow lasted. Flows that closed are kept for 2 MSL then. */
  readonly needsTimeWait: boolean;
  /** Resolves when it can take more; undefined when it can. */
  ready?(): Promise<void> | undefined;
}

/**
 * bytes ─▶ records ─▶ segments ─▶ transcripts ─▶ histories ─▶ whatever `start` makes of them
 *
 * @throws CloseWaitError when nothing can be read, or (with `strict`) when one input cannot
 */
export async function replayCaptures<Sink extends HistorySink>(
  inputs: readonly ByteInput[],
  given: Partial<AnalyzeOptions>,
  start: (reading: Reading) => Sink,
): Promise<{ readonly reading: Reading; readonly sink: Sink }> {
  const options = { ...DEFAULT_OPTIONS, ...given };
  const { reader, strict, signal, onProgress } = options;
  let packets = 0;
  const captures = await openCaptures(inputs, {
    reader,
    strict,
    signal,
    follow: followingOf(options),
    onProgress: (bytesRead, bytesTotal) => onProgress?.({ bytesRead, bytesTotal, packets }),
  });
  const clock = new Clock(captures.baseNanos);
  const window = windowOf(clock, options);
  const observation = new Observation(captures.captures, window.until, window.to);
  const decoder = new FrameDecoder({ seed: randomInt(2 ** 32), from: window.from, to: window.to });
  const segments = captures.captures.map(() => 0);
  const reading: Reading = { options, clock, observation, captures: captures.captures, decoder, segments };

  const sink = start(reading);
  const replay = new Replay((history) => sink.add(history), sink.needsTimeWait ? TWO_MSL_NANOS : DECIDED_NANOS);
  const table = new FlowTable(sink.watch?.(replay) ?? replay, BATCH_ROWS);
  const frames = new FrameBatch();
  const batch = new SegmentBatch();
  for await (const turn of captures.turns()) {
    const { capture } = turn;
    const before = batch.taken;
    while (turn.fill(frames)) {
      frames.capture = capture;
      frames.firstFrame = turn.firstFrame;
      frames.firstOrder = packets + 1;
      packets += frames.rows;
      for (let next = 0; next < frames.rows; ) {
        next = decoder.decode(frames, next, batch);
        if (batch.rows === BATCH_ROWS) flush(batch, table);
      }
      frames.clear();
    }
    segments[capture] = (segments[capture] ?? 0) + batch.taken - before;
    observation.refresh();
    if (sink.ready) await sink.ready();
  }
  flush(batch, table);
  observation.refresh();
  for (const _ of table.finishInPieces()) if (sink.ready) await sink.ready();
  return { reading, sink };
}

function flush(batch: SegmentBatch, table: FlowTable): void {
  table.update(batch);
  batch.clear();
}

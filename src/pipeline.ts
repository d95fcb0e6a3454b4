import { randomInt } from "node:crypto";
import { Analyst } from "./analysis/analyst.ts";
import { assembleAnalysis } from "./analysis/assemble.ts";
import { Clock } from "./analysis/clock.ts";
import type { Analysis } from "./analysis/model.ts";
import { Observation } from "./analysis/observation.ts";
import { type AnalyzeOptions, DEFAULT_OPTIONS } from "./analysis/options.ts";
import { windowOf } from "./analysis/time-window.ts";
import type { ByteInput } from "./capture/byte-source.ts";
import { openCaptures } from "./capture/capture-set.ts";
import { FlowTable } from "./flow/flow-table.ts";
import { Replay } from "./tcp/replay.ts";
import { FrameDecoder } from "./wire/frame-decoder.ts";
import { BATCH_ROWS, MARK_CAPTURE, SegmentBatch } from "./wire/segment-batch.ts";

/**
 * bytes ─▶ records ─▶ segments ─▶ transcripts ─▶ histories ─▶ analysis
 *
 * @param inputs files, directories, globs, `-` for standard input, captures in memory, or streams of their bytes
 * @throws CloseWaitError when nothing can be read, or (with `strict`) when one input cannot
 */
export async function analyzeCaptures(
  inputs: readonly ByteInput[],
  given: Partial<AnalyzeOptions> = {},
): Promise<Analysis> {
  const options = { ...DEFAULT_OPTIONS, ...given };
  let packets = 0;
  const captures = await openCaptures(inputs, {
    reader: options.reader,
    strict: options.strict,
    signal: options.signal,
    onProgress: (bytesRead, bytesTotal) => options.onProgress?.({ bytesRead, bytesTotal, packets }),
  });
  const clock = new Clock(captures.baseNanos);
  const { from, to, until } = windowOf(clock, options);
  const observation = new Observation(captures.captures, until, to);

  const analyst = new Analyst(clock, observation, options);
  const replay = new Replay((history) => analyst.add(history));
  const table = new FlowTable(replay, BATCH_ROWS);
  const decoder = new FrameDecoder({ seed: randomInt(2 ** 32) });
  const batch = new SegmentBatch();
  const segments = captures.captures.map(() => 0);

  for await (const turn of captures.turns()) {
    const { record, capture } = turn;
    const mark = capture * MARK_CAPTURE;
    let decoded = 0;
    while (turn.next()) {
      packets++;
      if (record.time < from || record.time > to) continue;
      if (!decoder.decode(record, mark + record.frame, packets, batch)) continue;
      decoded++;
      if (batch.rows === BATCH_ROWS) flush(table, batch);
    }
    segments[capture] = (segments[capture] ?? 0) + decoded;
  }
  flush(table, batch);
  table.finish();

  const counts = { skipped: decoder.skipped, duplicates: decoder.duplicates, segments };
  return assembleAnalysis({
    clock,
    observation,
    captures: captures.captures,
    counts,
    flows: analyst.result(),
    options,
  });
}

function flush(table: FlowTable, batch: SegmentBatch): void {
  table.update(batch);
  batch.rows = 0;
}

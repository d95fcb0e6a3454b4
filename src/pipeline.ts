import { randomInt } from "node:crypto";
import { Clock } from "./analysis/clock.ts";
import type { HistorySink } from "./analysis/history-sink.ts";
import { Observation } from "./analysis/observation.ts";
import { type AnalyzeOptions, DEFAULT_OPTIONS } from "./analysis/options.ts";
import type { Reading } from "./analysis/reading.ts";
import { followingOf, refuseOutside, windowOf } from "./analysis/time-window.ts";
import { refuseUnreadLinks } from "./analysis/unread-links.ts";
import type { ByteInput } from "./capture/byte-source.ts";
import { openCaptures } from "./capture/capture-set.ts";
import { openShards } from "./shard/open-shards.ts";
import { DECIDED_NANOS, TWO_MSL_NANOS } from "./tcp/replay.ts";
import { FrameBatch } from "./wire/frame-batch.ts";
import { FrameDecoder } from "./wire/frame-decoder.ts";
import { BATCH_ROWS } from "./wire/segment-batch.ts";

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
  const frames = new FrameBatch();
  const shards = openShards({
    threads: options.threads,
    inputOctets: captures.octets,
    settleNanosMin: sink.needsTimeWait ? TWO_MSL_NANOS : DECIDED_NANOS,
    watch: sink.watch?.bind(sink),
    beforeTelling: () => observation.refresh(),
    deliver: (history) => sink.add(history),
  });
  try {
    for await (const turn of captures.turns()) {
      const before = shards.segments;
      while (turn.fill(frames)) {
        frames.capture = turn.capture;
        frames.firstFrame = turn.firstFrame;
        frames.firstOrder = packets + 1;
        packets += frames.rows;
        for (let next = 0; next < frames.rows; ) {
          next = decoder.decode(frames, next, shards.batch);
          if (shards.batch.rows === BATCH_ROWS) await shards.flush();
        }
        frames.clear();
      }
      segments[turn.capture] = (segments[turn.capture] ?? 0) + shards.segments - before;
      if (sink.ready) await sink.ready();
    }
    observation.refresh();
    refuseUnreadLinks(captures.captures, strict);
    if (!signal?.aborted) refuseOutside(window, captures.captures, clock);
    await shards.finish(() => sink.ready?.());
  } finally {
    await shards.close();
  }
  return { reading, sink };
}

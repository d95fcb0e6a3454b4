import { openCaptures } from "../../dist/capture/capture-set.js";
import { EpochClock } from "../../dist/flow/epoch-clock.js";
import { FlowTable } from "../../dist/flow/flow-table.js";
import { OutcomeLog } from "../../dist/tcp/outcomes.js";
import { DECIDED_NANOS, Replay } from "../../dist/tcp/replay.js";
import { FrameBatch } from "../../dist/wire/frame-batch.js";
import { FrameDecoder } from "../../dist/wire/frame-decoder.js";
import { BATCH_ROWS, SegmentBatch } from "../../dist/wire/segment-batch.js";

/**
 * What the replay of a capture's flows costs, in microseconds a flow: time inside the fold, on one thread, with the caches as cold as
 * segments of other flows leave them. The clock is read twice a flow and counts.
 *
 * @param {string} path
 */
export async function replayMicrosPerFlow(path) {
  const captures = await openCaptures([path], { reader: "own", strict: false });
  const replay = new Replay((key, { inHand }, supersededAt) => log.add(key, inHand, supersededAt), DECIDED_NANOS);
  const log = new OutcomeLog(replay.pool);
  let millis = 0;
  let flows = 0;
  /** @type {import("../../dist/transcript/fold.js").Fold} */
  const timed = {
    settleNanosMin: replay.settleNanosMin,
    fold(key, entries, state) {
      const begin = performance.now();
      const overAt = replay.fold(key, entries, state);
      millis += performance.now() - begin;
      return overAt;
    },
    take: (state) => replay.take(state),
    keep: () => replay.keep(),
    release: (key) => replay.release(key),
  };
  const table = new FlowTable(timed, BATCH_ROWS);
  const decoder = new FrameDecoder({ seed: 1 });
  const [clock, frames, batch] = [new EpochClock(), new FrameBatch(), new SegmentBatch()];
  const handOut = () => {
    const { pool, indices } = log.take();
    flows += indices.length;
    for (const index of indices) pool.free(index);
  };
  const update = () => {
    const isEpochOver = clock.note(batch);
    table.update(batch);
    batch.rows = 0;
    if (!isEpochOver) return;
    table.sweep(clock.now);
    handOut();
  };
  for await (const turn of captures.turns()) {
    while (turn.fill(frames)) {
      frames.firstFrame = turn.firstFrame;
      for (let next = 0; next < frames.rows; ) {
        next = decoder.decode(frames, next, batch);
        if (batch.rows === BATCH_ROWS) update();
      }
      frames.clear();
    }
  }
  update();
  for (const _ of table.finish()) if (log.count >= 512) handOut();
  handOut();
  return (millis * 1000) / flows;
}

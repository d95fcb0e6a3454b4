import { Dissection, type Frame, SKIPPED } from "./dissection.ts";
import { DuplicateMemory } from "./duplicates.ts";
import { writeFlowKey } from "./flow-key.ts";
import { FragmentStore } from "./fragment-store.ts";
import { FrameBatch } from "./frame-batch.ts";
import { ETHER_TYPE, IP_PROTOCOL, LINK, PPP_PROTOCOL, TCP } from "./header-numbers.ts";
import { LAYERS } from "./layers.ts";
import { decodePlainSegments } from "./plain-segment.ts";
import { SeededHash } from "./seeded-hash.ts";
import { BATCH_ROWS, type SegmentBatch } from "./segment-batch.ts";
import { SkipCounts, type SkipReason } from "./skip-reasons.ts";
import { decodeTcp } from "./tcp.ts";
import { TunnelPairs } from "./tunnel-pairs.ts";

/** Headers of one frame, tags and extension headers included; real stacks stay below 20. */
export const HEADERS_MAX = 32;

export interface FrameDecoderOptions {
  /** Secret of the hash: 32 random bits, so that nobody can prepare addresses that collide. */
  readonly seed: number;
  /** Frames captured earlier or later are passed over. Relative nanoseconds. */
  readonly from?: number;
  readonly to?: number;
}

/**
 * Turns frames into rows of a `SegmentBatch`.
 *
 * A frame is walked header by header. Each layer steps over its own header and names what follows (`header-numbers.ts`); the table in `layers.ts`
 * finds the decoder for it. The walk ends at the innermost TCP header, or with a reason why there is none. Nothing recurses, so
 * tags, extension headers and tunnels in any nesting share one cap. What nearly every frame is needs no walk (`plain-segment.ts`).
 */
export class FrameDecoder {
  /** Frames without a segment, by reason. */
  readonly skipped = new SkipCounts();
  /** Copies of segments that were already seen (see `duplicates.ts`). */
  duplicates = 0;
  readonly #hash: SeededHash;
  readonly #memory = new DuplicateMemory();
  readonly #tunnels: TunnelPairs;
  readonly #dissection: Dissection;
  readonly #single = new FrameBatch();

  readonly #from: number;
  readonly #to: number;

  constructor({ seed, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: FrameDecoderOptions) {
    this.#hash = new SeededHash(seed);
    this.#tunnels = new TunnelPairs(this.#hash);
    this.#from = from;
    this.#to = to;
    this.#dissection = new Dissection(new FragmentStore(this.#hash, this.skipped));
  }

  /**
   * Appends the segments in `frames`, from number `first` on, to the batch, until that is full. Returns the number of the first frame
   * that was not looked at.
   */
  decode(frames: FrameBatch, first: number, batch: SegmentBatch): number {
    const firstRow = batch.rows;
    const isWithin = frames.earliest >= this.#from && frames.latest <= this.#to;
    let next = first;
    while (next < frames.rows && batch.rows < BATCH_ROWS) {
      if (isWithin) next = decodePlainSegments(frames, next, this.#hash, batch);
      if (next < frames.rows && batch.rows < BATCH_ROWS) this.#walk(frames, next++, batch);
    }
    this.duplicates += this.#memory.dropCopies(batch, firstRow);
    return next;
  }

  /** Appends the segment in one frame to the batch, which must have room for it; false when the frame gave none. */
  decodeOne(frame: Frame, number: number, order: number, batch: SegmentBatch, capture = 0): boolean {
    const { view, offset, capturedLength, originalLength, time, linkType } = frame;
    const single = this.#single;
    single.clear();
    single.view = view;
    single.capture = capture;
    single.firstFrame = number;
    single.firstOrder = order;
    single.append(offset, capturedLength, originalLength, time, linkType);
    const row = batch.rows;
    this.decode(single, 0, batch);
    return batch.rows > row;
  }

  #walk(frames: FrameBatch, number: number, batch: SegmentBatch): void {
    const time = frames.time[number] as number;
    if (time < this.#from || time > this.#to) return;
    const d = this.#dissection;
    const row = batch.rows;
    const linkType = frames.linkType[number] as number;
    d.begin(frames, number);
    if (!reachTcp(d, LINK + linkType) || !decodeTcp(d, batch, row)) {
      this.skipped.add(d.reason, linkType);
      return;
    }
    writeFlowKey(d, this.#hash, batch, row);
    if (d.tunnel !== 0) this.#tunnels.unify(batch, row);
    batch.identification[row] = d.identification;
    batch.time[row] = time;
    batch.capture[row] = frames.capture;
    batch.frame[row] = frames.firstFrame + number;
    batch.order[row] = frames.firstOrder + number;
    batch.rows = row + 1;
  }
}

/** Walks to the innermost TCP header; false, with a reason in `d`, when there is none. */
function reachTcp(d: Dissection, linkType: number): boolean {
  let next = linkType;
  for (let headers = 0; headers < HEADERS_MAX; headers++) {
    if (next === TCP) return true;
    if (next === SKIPPED) return false;
    const layer = LAYERS.get(next);
    if (layer === undefined) {
      d.reason = reasonFor(next);
      return false;
    }
    next = layer(d);
  }
  d.reason = "nesting-too-deep";
  return false;
}

/** Why the walk ended at a header that is not in the table. */
function reasonFor(headerNumber: number): SkipReason {
  if (headerNumber < ETHER_TYPE) return "link-type-unknown";
  const insideIp = headerNumber >= IP_PROTOCOL && headerNumber < PPP_PROTOCOL;
  return insideIp ? "not-tcp" : "not-ip";
}

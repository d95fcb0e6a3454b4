import { Dissection, type Frame, SKIPPED } from "./dissection.ts";
import { DuplicateMemory } from "./duplicates.ts";
import { writeFlowKey } from "./flow-key.ts";
import { FragmentStore } from "./fragment-store.ts";
import { ETHER_TYPE, IP_PROTOCOL, LINK, PPP_PROTOCOL, TCP } from "./header-numbers.ts";
import { LAYERS } from "./layers.ts";
import { decodePlainSegment, NOT_PLAIN } from "./plain-segment.ts";
import { SeededHash } from "./seeded-hash.ts";
import type { SegmentBatch } from "./segment-batch.ts";
import { SkipCounts, type SkipReason } from "./skip-reasons.ts";
import { decodeTcp } from "./tcp.ts";

/** Headers of one frame, tags and extension headers included; real stacks stay below 20. */
export const HEADERS_MAX = 32;

export interface FrameDecoderOptions {
  /** Secret of the hash: 32 random bits, so that nobody can prepare addresses that collide. */
  readonly seed: number;
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
  readonly #dissection: Dissection;

  constructor({ seed }: FrameDecoderOptions) {
    this.#hash = new SeededHash(seed);
    this.#dissection = new Dissection(new FragmentStore(this.#hash, this.skipped));
  }

  /** Appends the segment in `frame` to the batch, which must have room for it; false when the frame gave none. */
  decode(frame: Frame, mark: number, order: number, batch: SegmentBatch): boolean {
    const row = batch.rows;
    let identification = decodePlainSegment(frame, this.#hash, batch, row);
    if (identification === NOT_PLAIN) {
      const d = this.#dissection;
      d.begin(frame);
      if (!reachTcp(d, LINK + frame.linkType) || !decodeTcp(d, batch, row)) {
        this.skipped.add(d.reason, frame.linkType);
        return false;
      }
      writeFlowKey(d, this.#hash, batch, row);
      identification = d.identification;
    }
    batch.time[row] = frame.time;
    if (this.#memory.isCopy(batch, row, identification)) {
      this.duplicates++;
      return false;
    }
    batch.mark[row] = mark;
    batch.order[row] = order;
    batch.rows = row + 1;
    return true;
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

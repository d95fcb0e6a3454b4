import {
  ACK,
  DSACK,
  SACK_PERMITTED,
  SCALE_SHIFT,
  type SegmentBatch,
  SYN,
  TIMESTAMPS,
  WINDOW_SCALE,
} from "./segment-batch.ts";
import { isAfter, isBefore } from "./sequence-number.ts";

/** https://www.iana.org/assignments/tcp-parameters: kinds, and the length each must have. */
const END = 0;
const NO_OPERATION = 1;
const MSS_OPTION = { KIND: 2, VALUE: 2, OCTETS: 4 } as const;
const SCALE_OPTION = { KIND: 3, VALUE: 2, OCTETS: 3 } as const;
const SACK_PERMITTED_OPTION = { KIND: 4, OCTETS: 2 } as const;
const SACK_OPTION = { KIND: 5, BLOCKS: 2, BLOCK_OCTETS: 8 } as const;
export const TIMESTAMPS_OPTION = { KIND: 8, TSVAL: 2, TSECR: 6, OCTETS: 10 } as const;

/** RFC 7323 §2.3: a larger shift count must be used as 14. */
const SCALE_MAX = 14;

/** RFC 7323 appendix A: how nearly every segment outside the handshake begins: NOP NOP, kind 8, length 10. */
export const ALIGNED_TIMESTAMPS = 0x0101080a;

/**
 * Reads the options in `view[at … end)` into the columns of `row` and returns the traits they add. A malformed or cut
 * option ends the list: nothing behind it can be found.
 */
export function decodeOptions(view: DataView, at: number, end: number, batch: SegmentBatch, row: number): number {
  batch.tsval[row] = 0;
  batch.tsecr[row] = 0;
  batch.mss[row] = 0;
  let traits = 0;
  let option = at;

  if (end - at >= 2 + TIMESTAMPS_OPTION.OCTETS && view.getInt32(at) === ALIGNED_TIMESTAMPS) {
    batch.tsval[row] = view.getInt32(at + 2 + TIMESTAMPS_OPTION.TSVAL);
    batch.tsecr[row] = view.getInt32(at + 2 + TIMESTAMPS_OPTION.TSECR);
    traits = TIMESTAMPS;
    option = at + 2 + TIMESTAMPS_OPTION.OCTETS;
  }

  while (option < end) {
    const kind = view.getUint8(option);
    if (kind === END) break;
    if (kind === NO_OPERATION) {
      option++;
      continue;
    }
    if (end - option < 2) break;
    const octets = view.getUint8(option + 1);
    if (octets < 2 || octets > end - option) break;
    traits |= decodeOption(view, option, kind, octets, batch, row);
    option += octets;
  }
  return traits;
}

function decodeOption(
  view: DataView,
  at: number,
  kind: number,
  octets: number,
  batch: SegmentBatch,
  row: number,
): number {
  const flags = batch.flags[row] as number;
  const onSyn = (flags & SYN) !== 0; // elsewhere these three mean nothing (RFC 9293 §3.7.1, RFC 7323 §2.2, RFC 2018 §2)
  if (kind === TIMESTAMPS_OPTION.KIND && octets === TIMESTAMPS_OPTION.OCTETS) {
    batch.tsval[row] = view.getInt32(at + TIMESTAMPS_OPTION.TSVAL);
    batch.tsecr[row] = view.getInt32(at + TIMESTAMPS_OPTION.TSECR);
    return TIMESTAMPS;
  }
  if (kind === MSS_OPTION.KIND && octets === MSS_OPTION.OCTETS && onSyn) {
    batch.mss[row] = view.getUint16(at + MSS_OPTION.VALUE);
    return 0;
  }
  if (kind === SCALE_OPTION.KIND && octets === SCALE_OPTION.OCTETS && onSyn) {
    return WINDOW_SCALE | (Math.min(view.getUint8(at + SCALE_OPTION.VALUE), SCALE_MAX) << SCALE_SHIFT);
  }
  if (kind === SACK_PERMITTED_OPTION.KIND && octets === SACK_PERMITTED_OPTION.OCTETS && onSyn) return SACK_PERMITTED;
  if (kind === SACK_OPTION.KIND && (flags & ACK) !== 0) {
    const blocks = (octets - SACK_OPTION.BLOCKS) >>> 3;
    return isDuplicateSack(view, at + SACK_OPTION.BLOCKS, blocks, batch.ack[row] as number) ? DSACK : 0;
  }
  return 0;
}

/** RFC 2883 §4: the first block reports octets received twice: it lies below the acknowledgment number or within the second. */
function isDuplicateSack(view: DataView, at: number, blocks: number, ack: number): boolean {
  if (blocks < 1) return false;
  const left = view.getInt32(at);
  const right = view.getInt32(at + 4);
  if (isBefore(left, ack)) return true;
  if (blocks < 2) return false;
  const second = at + SACK_OPTION.BLOCK_OCTETS;
  return !isBefore(left, view.getInt32(second)) && !isAfter(right, view.getInt32(second + 4));
}

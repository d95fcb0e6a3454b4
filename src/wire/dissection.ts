import type { FrameBatch } from "./frame-batch.ts";
import { IP_PROTOCOL } from "./header-numbers.ts";
import type { SkipReason } from "./skip-reasons.ts";

/** A frame as a reader presents it: octets `view[offset … offset + capturedLength)`. Valid during `decode()` only. */
export interface Frame {
  readonly view: DataView;
  readonly offset: number;
  readonly capturedLength: number;
  /** Length on the wire. */
  readonly originalLength: number;
  /** LINKTYPE_ number. */
  readonly linkType: number;
  /** Nanoseconds relative to the base time. */
  readonly time: number;
}

/**
 * A decoder for one header. It checks that its header was captured, steps over it and says what follows: a number of
 * one of the spaces in `header-numbers.ts`, or `SKIPPED`. No decoder knows another one; `layers.ts` joins them.
 */
export type Layer = (d: Dissection) => number;

/** Puts fragments of datagrams together; see `fragment-store.ts`. */
export interface FragmentJoin {
  /**
   * Takes the fragment whose octets from `begin` on stand at `d.at`, of the datagram with the addresses at `d.ip`. Names what the datagram
   * carries and lets `d` go on there, if that made it whole.
   */
  join(d: Dissection, protocol: number, identification: number, begin: number, more: boolean): number;
}

/** Returned by a layer that ends the walk; the reason is in `Dissection.reason`. */
export const SKIPPED = -1;

/** No frame is longer: BIG TCP stops at 512 KiB. A larger declared length must not overflow the 32-bit columns. */
const FRAME_OCTETS_MAX = 2 ** 24;

/** Where the decoder stands in a frame on its way from the outermost header to the innermost TCP header. */
export class Dissection {
  view: DataView = new DataView(new ArrayBuffer(0));
  /** Offset of the next header. */
  at = 0;
  /** End of the octets that were captured and belong to the enclosing datagram: padding lies behind it. */
  end = 0;
  /** Where the enclosing datagram ended on the wire, by its own header; behind `end` when the frame was cut. */
  wireEnd = 0;
  /** Capture time of the frame. */
  time = 0;
  /** Offset of the innermost IP header so far, and its version. */
  ip = 0;
  v6 = false;
  /** IPv4 identification of the innermost header; 0 for IPv6. */
  identification = 0;
  /** See `SegmentBatch.tunnel`. */
  tunnel = 0;
  reason: SkipReason = "not-ip";
  readonly #fragments: FragmentJoin | null;

  /** Without `fragments` a walk goes on in first fragments, as they stand, and ends at others. */
  constructor(fragments: FragmentJoin | null = null) {
    this.#fragments = fragments;
  }

  begin(frames: FrameBatch, number: number): void {
    const offset = frames.offset[number] as number;
    const capturedLength = frames.capturedLength[number] as number;
    const originalLength = frames.originalLength[number] as number;
    this.view = frames.view;
    this.at = offset;
    this.end = offset + capturedLength;
    this.wireEnd = offset + Math.min(Math.max(originalLength, capturedLength), FRAME_OCTETS_MAX);
    this.tunnel = 0;
    this.time = frames.time[number] as number;
  }

  /** Whether the next `octets` were captured. */
  has(octets: number): boolean {
    return this.end - this.at >= octets;
  }

  skip(reason: SkipReason): number {
    this.reason = reason;
    return SKIPPED;
  }

  /** The enclosing datagram says where it ends; what follows is padding or a frame check sequence. */
  endAt(wireEnd: number): void {
    this.wireEnd = wireEnd;
    if (this.end > wireEnd) this.end = wireEnd;
  }

  /** What follows the IP headers of a fragment, which end at `at`. */
  fragment(protocol: number, identification: number, begin: number, more: boolean): number {
    if (this.#fragments !== null) return this.#fragments.join(this, protocol, identification, begin, more);
    return begin === 0 ? IP_PROTOCOL + protocol : this.skip("fragment-incomplete");
  }
}

/** What passes the capture point in a conversation, in capture order, and how it becomes frames. */
import type { CaptureFrame } from "./capture-frame.ts";
import type { Endpoint } from "./endpoint.ts";
import { type FrameOptions, frameOf, type TestSegment, udpFrame } from "./frames.ts";

/** Something of no interest was captured: observation goes on. */
export interface OtherTraffic {
  readonly at: bigint;
  readonly otherTraffic: true;
}

export type Captured = TestSegment | OtherTraffic;

const OTHER_FROM: Endpoint = { ip: "192.0.2.10", port: 40514 };
const OTHER_TO: Endpoint = { ip: "192.0.2.20", port: 514 };

export function isSegment(captured: Captured): captured is TestSegment {
  return !("otherTraffic" in captured);
}

export function framesOf(captured: readonly Captured[], options: FrameOptions = {}): CaptureFrame[] {
  return captured.map((item) => ({
    at: item.at,
    octets: isSegment(item) ? frameOf(item, options) : udpFrame(OTHER_FROM, OTHER_TO, options),
  }));
}

import type { CaptureFrame } from "./capture-frame.ts";

/**
 * Every frame captured twice, the copy `delayNanos` after its original. With a burst of 3, up to three frames that come within
 * that delay of the first are followed by their copies: A B C A' B' C'.
 */
export function withEachFrameTwice(frames: readonly CaptureFrame[], delayNanos: bigint, burst = 1): CaptureFrame[] {
  const twice: CaptureFrame[] = [];
  let originals: CaptureFrame[] = [];
  const flush = () => {
    twice.push(...originals, ...originals.map((frame) => ({ ...frame, at: frame.at + delayNanos })));
    originals = [];
  };
  for (const frame of frames) {
    const first = originals[0];
    if (first && (originals.length === burst || frame.at - first.at > delayNanos)) flush();
    originals.push(frame);
  }
  flush();
  return twice;
}

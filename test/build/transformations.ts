/** Changes after which a capture must give the same verdicts, and cuts. All return something new. */
import type { CaptureFrame } from "./capture-frame.ts";
import { type Captured, isSegment } from "./captured.ts";
import type { Conversation } from "./conversation.ts";
import { formatEndpoint } from "./endpoint.ts";
import { wrapped } from "./numbering.ts";
import type { TestSegment } from "./segment.ts";

export { withEachFrameTwice } from "./copies.ts";
export { withNoise } from "./noise.ts";

export interface Shift {
  /** Added to all sequence numbers, or to those of the parties named; wraps at 2^32. */
  readonly isn?: number | Readonly<Record<string, number>>;
  /** Added to all times; exact to the nanosecond up to some thousand hours. */
  readonly seconds?: number;
}

export function shifted(conversation: Conversation, { isn = 0, seconds = 0 }: Shift): Conversation {
  const nanos = BigInt(Math.round(seconds * 1e9));
  const shifts = new Map(
    [...conversation.parties].map(([name, endpoint]) => [
      formatEndpoint(endpoint),
      typeof isn === "number" ? isn : (isn[name] ?? 0),
    ]),
  );
  const shiftOf = (endpoint: TestSegment["from"]) => shifts.get(formatEndpoint(endpoint)) ?? 0;
  return conversation.with((item) => {
    const later = { ...item, at: item.at + nanos };
    return isSegment(later) ? renumbered(later, shiftOf(later.from), shiftOf(later.to)) : later;
  });
}

/** Each end gets the address of the other and keeps its port: what came from the lower address now comes from the higher. */
export function withAddressesExchanged(conversation: Conversation): Conversation {
  return conversation.with((item) => {
    if (!isSegment(item)) return item;
    const from = { ...item.from, ip: item.to.ip };
    const to = { ...item.to, ip: item.from.ip };
    return { ...item, from, to };
  });
}

/** The frames in front of the one at `index`, and the rest. */
export function splitAt(frames: readonly CaptureFrame[], index: number): [CaptureFrame[], CaptureFrame[]] {
  return [frames.slice(0, index), frames.slice(index)];
}

/** What a segment acknowledges counts in the other party's numbers. */
function renumbered(segment: TestSegment, own: number, other: number): Captured {
  const sack = segment.options?.sack?.map(([left, right]) => [wrapped(left + other), wrapped(right + other)] as const);
  return {
    ...segment,
    seq: wrapped(segment.seq + own),
    ack: segment.flags.includes(".") ? wrapped(segment.ack + other) : segment.ack,
    ...(sack ? { options: { ...segment.options, sack } } : {}),
  };
}

import type { Clock } from "./clock.ts";
import type { Moment } from "./options.ts";
import type { LookingTimes } from "./sockets.ts";
import { momentOn } from "./time-window.ts";

/** Moments of one look over time; more would not be a table any more. */
export const LOOK_COUNT_MAX = 100_000;

/** At one moment. */
export function lookOnce(clock: Clock, moment: Moment): LookingTimes {
  const at = momentOn(clock, moment);
  return (end) => [Number.isFinite(at) ? at : end];
}

/** Every so many nanoseconds from the first packet on, and at the end. */
export function lookEvery(nanos: number): LookingTimes {
  return (end) => {
    const count = Math.min(LOOK_COUNT_MAX, Math.floor(Math.max(0, end) / nanos) + 1);
    const times = Array.from({ length: count }, (_, index) => index * nanos);
    return times.at(-1) === end ? times : [...times, end];
  };
}

import { CloseWaitError } from "../errors.ts";
import type { Clock } from "./clock.ts";
import type { Moment } from "./options.ts";
import type { LookingTimes } from "./sockets.ts";
import { momentOn } from "./time-window.ts";

/** Moments of one look over time; more would not be a table any more. */
export const LOOK_COUNT_MAX = 100_000;

/** At one moment. */
export function lookOnce(clock: Clock, moment: Moment): LookingTimes {
  const at = momentOn(clock, moment);
  const momentWith = (end: number) => (Number.isFinite(at) ? at : end);
  return {
    all: (end) => [momentWith(end)],
    firstFrom: (from, end) => (momentWith(end) >= from ? momentWith(end) : Number.POSITIVE_INFINITY),
  };
}

/**
 * Every so many nanoseconds from the first packet on, and at the end.
 *
 * @throws CloseWaitError (usage) once that is more than LOOK_COUNT_MAX moments
 */
export function lookEvery(nanos: number): LookingTimes {
  const countUntil = (end: number) => {
    const count = Math.floor(Math.max(0, end) / nanos) + 1;
    if (count > LOOK_COUNT_MAX) {
      throw new CloseWaitError(
        "usage",
        `--every gives more than ${LOOK_COUNT_MAX} moments in this capture: make it longer`,
      );
    }
    return count;
  };
  return {
    all(end) {
      const times = Array.from({ length: countUntil(end) }, (_, index) => index * nanos);
      return times.at(-1) === end ? times : [...times, end];
    },
    firstFrom(from, end) {
      const count = countUntil(end);
      let index = Math.ceil(Math.max(0, from) / nanos);
      if (index * nanos < from) index++;
      if (index < count) return index * nanos;
      return end >= from ? end : Number.POSITIVE_INFINITY;
    },
  };
}

import type { CaptureSummary } from "../capture/capture.ts";
import { CloseWaitError } from "../errors.ts";
import type { Clock } from "./clock.ts";
import type { AnalyzeOptions, Moment } from "./options.ts";

/** What part of the captures is looked at, and how long they are known to have been running. Relative times, infinite when not given. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
  readonly until: number;
}

export function windowOf(clock: Clock, { from, to, until }: AnalyzeOptions): TimeWindow {
  return {
    from: from === undefined ? Number.NEGATIVE_INFINITY : momentOn(clock, from),
    to: to === undefined ? Number.POSITIVE_INFINITY : momentOn(clock, to),
    until: until === undefined ? Number.POSITIVE_INFINITY : momentOn(clock, until),
  };
}

/**
 * A time that no capture touches is a slip (another time zone, another day), and "none" would be the answer to another question.
 *
 * @throws CloseWaitError ("usage")
 */
export function refuseOutside({ from, to }: TimeWindow, captures: readonly CaptureSummary[], clock: Clock): void {
  const first = captures.reduce((least, { firstAt }) => Math.min(least, firstAt ?? least), Number.POSITIVE_INFINITY);
  const last = captures.reduce((most, { lastAt }) => Math.max(most, lastAt ?? most), Number.NEGATIVE_INFINITY);
  if (first > last || (from <= last && to >= first)) return;
  const where = from > last ? "after all captures" : "before all captures";
  const period = `${clock.timestamp(first)} to ${clock.timestamp(last)}`;
  throw new CloseWaitError("usage", `the time that was asked about lies ${where}, which are of ${period}`);
}

/** How long captures are followed while they are being written; undefined: not at all. */
export function followingOf({ follow, until }: AnalyzeOptions): { readonly untilMillis: number } | undefined {
  if (!follow) return undefined;
  if (until === undefined) return { untilMillis: Number.POSITIVE_INFINITY };
  if (until.kind === "absolute") return { untilMillis: Number(until.nanos / 1_000_000n) };
  throw new CloseWaitError("usage", "following a capture until then takes a date and a time, not one relative to it");
}

/** A moment as relative time; "end" is as late as can be. */
export function momentOn(clock: Clock, moment: Moment): number {
  if (moment.kind === "end") return Number.POSITIVE_INFINITY;
  return moment.kind === "absolute" ? clock.relative(moment.nanos) : Number(moment.nanos);
}

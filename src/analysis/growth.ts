import { fitLine } from "./line-fit.ts";

/** Fewer sockets make no trend. */
const ARRIVAL_COUNT_MIN = 4;

/** More points make the line no better; of more, so many are taken at equal distances. */
const POINT_COUNT_MAX = 4096;

/** What comes within this part of the time it was watched is a burst: it says nothing about an hour. */
const BURST_SHARE = 0.2;

/** A slope that is no larger than so many of its standard errors is none. */
const ERRORS_MIN = 3;

/** This many times the longest pause so far without another one: it has stopped. */
const PAUSES_UNTIL_STOPPED = 3;

/** How many sockets stood in CLOSE-WAIT over time, as a straight line. Times in nanoseconds. */
export interface Growth {
  readonly perHour: number;
  /** Standard error of `perHour`. */
  readonly errorPerHour: number;
  readonly since: number;
  /** The last one came; null when more must be expected. */
  readonly until: number | null;
}

const HOUR_NANOS = 3600e9;

/**
 * The gauge of sockets in CLOSE-WAIT goes up with every one that enters and down with every one that leaves; the line goes through the
 * gauge from the first arrival to the last. Null when there are too few, when they came in
 * one burst, and when it goes up and down without a trend.
 *
 * @param spans when each entered and left; Infinity while it has not
 */
export function growthOf(
  spans: readonly { readonly since: number; readonly until: number }[],
  observedUntil: number,
): Growth | null {
  if (spans.length < ARRIVAL_COUNT_MIN) return null;
  const arrivals = spans.map(({ since }) => since).sort((a, b) => a - b);
  const [first, last] = [arrivals[0] ?? 0, arrivals.at(-1) ?? 0];
  if (last - first <= BURST_SHARE * (observedUntil - first)) return null;
  const line = fitGauge(spans, first, last);
  if (line === null || Math.abs(line.slope) <= ERRORS_MIN * line.slopeError) return null;
  return {
    perHour: line.slope * HOUR_NANOS,
    errorPerHour: line.slopeError * HOUR_NANOS,
    since: first,
    until: stoppedAt(arrivals, observedUntil),
  };
}

/** When the last of these happened, if by all that is known no other is to be expected; else null. In order. */
export function stoppedAt(arrivals: readonly number[], observedUntil: number): number | null {
  const last = arrivals.at(-1);
  if (last === undefined) return null;
  let pause = 0;
  for (let index = 1; index < arrivals.length; index++) {
    pause = Math.max(pause, (arrivals[index] ?? 0) - (arrivals[index - 1] ?? 0));
  }
  if (arrivals.length < 2) return null;
  return observedUntil - last > PAUSES_UNTIL_STOPPED * pause ? last : null;
}

function fitGauge(spans: readonly { readonly since: number; readonly until: number }[], first: number, last: number) {
  const changes = spans
    .flatMap(({ since, until }) => [{ at: since, by: 1 }, ...(until <= last ? [{ at: until, by: -1 }] : [])])
    .sort((a, b) => a.at - b.at);
  const stride = Math.ceil(changes.length / POINT_COUNT_MAX);
  const [times, counts]: [number[], number[]] = [[], []];
  let count = 0;
  for (const [index, { at, by }] of changes.entries()) {
    count += by;
    if (index % stride !== 0) continue;
    times.push(at - first);
    counts.push(count);
  }
  return fitLine(times, counts);
}

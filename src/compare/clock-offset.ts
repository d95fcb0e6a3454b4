/**
 * How two clocks differ, from segments that passed both points, as NTP does it: what travels from A to B shows the offset plus the way,
 * what travels from B to A the offset minus the way. Half their sum is the offset, half their difference how wrong that can be.
 */
import { fitLine } from "../analysis/line-fit.ts";
import type { Side } from "../analysis/model.ts";
import type { EndView, FlowView } from "./flow-view.ts";
import type { Pair } from "./matching.ts";
import type { PointName } from "./model.ts";

/** Of more segments so many are taken, at equal distances. */
const SAMPLE_COUNT_MAX = 100_000;

/** Fewer segments, or a slope within so many of its errors, show no drift. */
const DRIFT_SAMPLE_COUNT_MIN = 8;
const DRIFT_ERRORS_MIN = 5;

/** Faster than this clocks do not part: it is the path that changes (NTP gives up at 500). */
const DRIFT_MAX = 2e-3;

/** Time stamps are cut to microseconds, and paths change: what clocks gain has to be more than that. */
const DRIFT_NANOS_MIN = 50e3;

/** A residual so many times the median one is no measurement of the clocks. */
const OUTLIER_FACTOR = 6;
const RESIDUAL_NANOS_MIN = 1e3;

interface Sample {
  /** By A's clock. */
  readonly at: number;
  /** B's time minus A's. */
  readonly difference: number;
}

export interface ClockOffset {
  /** B's time minus A's at `referenceAt`. */
  readonly nanos: number;
  readonly referenceAt: number;
  readonly drift: number;
  readonly roundTripNanos: number | null;
  readonly samples: Readonly<Record<PointName, number>>;
}

/** Where the ends are: the end at A's side is heard at A first. */
export type Sides = (a: FlowView | null, b: FlowView | null) => PointName | null;

export function offsetAt({ nanos, referenceAt, drift }: ClockOffset, atA: number): number {
  return nanos + drift * (atA - referenceAt);
}

export function estimateClock(pairs: readonly Pair[], clientAt: Sides): ClockOffset | null {
  const { fromA, fromB } = collect(pairs, clientAt, samplesOf);
  if (fromA.length > 0 && fromB.length > 0) return fromSamples(fromA, fromB);
  const last = collect(pairs, clientAt, samplesOfLastCopies);
  return fromSamples(fromA.length > 0 ? fromA : last.fromA, fromB.length > 0 ? fromB : last.fromB);
}

function collect(
  pairs: readonly Pair[],
  clientAt: Sides,
  samples: typeof samplesOf,
): { readonly fromA: readonly Sample[]; readonly fromB: readonly Sample[] } {
  const fromA: Sample[] = [];
  const fromB: Sample[] = [];
  const stride = Math.max(1, Math.ceil(pairs.length / SAMPLE_COUNT_MAX));
  for (let index = 0; index < pairs.length; index += stride) {
    const pair = pairs[index];
    if (pair === undefined) continue;
    const side = clientAt(pair.a, pair.b);
    for (const sender of ["client", "server"] as const) {
      const origin = (sender === "client") === (side !== "b") ? fromA : fromB;
      origin.push(...samples(pair, sender));
    }
  }
  return { fromA, fromB };
}

/** What one end sent, where each point saw just one copy: of several nobody knows which is which. */
export function samplesOf({ a, b }: Pair, sender: Side): Sample[] {
  const [mine, theirs] = [a.ends[sender], b.ends[sender]];
  const samples: Sample[] = [];
  const take = (seen: EndView["syn"] | EndView["fin"], alsoSeen: EndView["syn"] | EndView["fin"]) => {
    if (seen?.copies === 1 && alsoSeen?.copies === 1) {
      samples.push({ at: seen.at, difference: alsoSeen.at - seen.at });
    }
  };
  take(mine.syn, theirs.syn);
  take(mine.fin, theirs.fin);
  const [reset, alsoReset] = [a.reset, b.reset];
  if (reset?.sender === sender && alsoReset?.sender === sender) {
    samples.push({ at: reset.at, difference: alsoReset.at - reset.at });
  }
  return samples;
}

/** Of several copies the last one is likely to have come through: nothing had to be sent again after it. */
export function samplesOfLastCopies({ a, b }: Pair, sender: Side): Sample[] {
  const [mine, theirs] = [a.ends[sender], b.ends[sender]];
  const samples: Sample[] = [];
  if (mine.syn && theirs.syn) samples.push({ at: mine.syn.lastAt, difference: theirs.syn.lastAt - mine.syn.lastAt });
  if (mine.fin && theirs.fin) {
    const { lastCopyAt: at } = mine.fin;
    samples.push({ at, difference: theirs.fin.lastCopyAt - at });
  }
  return samples;
}

function fromSamples(fromA: readonly Sample[], fromB: readonly Sample[]): ClockOffset | null {
  const all = [...fromA, ...fromB];
  if (all.length === 0) return null;
  const referenceAt = median(all.map(({ at }) => at));
  const drift = driftOf([fromA, fromB]);
  const middle = (samples: readonly Sample[]) =>
    samples.length === 0 ? null : median(samples.map(({ at, difference }) => difference - drift * (at - referenceAt)));
  const [there, back] = [middle(fromA), middle(fromB)];
  const samples = { a: fromA.length, b: fromB.length };
  if (there === null || back === null) {
    return { nanos: there ?? back ?? 0, referenceAt, drift, roundTripNanos: null, samples };
  }
  const roundTripNanos = Math.max(0, there - back);
  return { nanos: (there + back) / 2, referenceAt, drift, roundTripNanos, samples };
}

/** Nanoseconds a nanosecond; zero where none can be seen. */
function driftOf(directions: readonly (readonly Sample[])[]): number {
  const residuals = directions.flatMap((samples) => {
    const middle = samples.length === 0 ? 0 : median(samples.map(({ difference }) => difference));
    return samples.map(({ at, difference }) => ({ at, residual: difference - middle }));
  });
  const usual = residuals.length === 0 ? 0 : median(residuals.map(({ residual }) => Math.abs(residual)));
  const limit = Math.max(RESIDUAL_NANOS_MIN, OUTLIER_FACTOR * usual);
  const kept = residuals.filter(({ residual }) => Math.abs(residual) <= limit);
  if (kept.length < DRIFT_SAMPLE_COUNT_MIN) return 0;
  const line = fitLine(
    kept.map(({ at }) => at),
    kept.map(({ residual }) => residual),
  );
  if (line === null || Math.abs(line.slope) > DRIFT_MAX) return 0;
  const times = kept.map(({ at }) => at);
  const total = Math.abs(line.slope) * spanOf(times);
  return total > DRIFT_NANOS_MIN && Math.abs(line.slope) > DRIFT_ERRORS_MIN * line.slopeError ? line.slope : 0;
}

function spanOf(values: readonly number[]): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high - low;
}

export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length / 2;
  const [low, high] = [sorted.at(Math.ceil(half) - 1), sorted.at(Math.floor(half))];
  return low === undefined || high === undefined ? 0 : (low + high) / 2;
}

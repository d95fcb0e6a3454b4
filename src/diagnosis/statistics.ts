/** The middle of numbers in any order; zero of none. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

/** Values that lie so close together that one setting is behind them. */
export interface Cluster {
  readonly value: number;
  readonly count: number;
  /** Largest minus smallest. */
  readonly spread: number;
}

/** A timer fires a little late, and the later the busier the host: neighbours of a cluster differ by less. */
const NEIGHBOUR_SHARE = 0.01;
const NEIGHBOUR_NANOS = 5e6;

/** Clusters no further apart are one setting as well, on a host that was busy at times. */
const REUNION_SHARE = 0.03;
const REUNION_NANOS = 10e6;

/** A cluster is this much narrower than its value, or mere density. */
const SPREAD_SHARE_MAX = 0.05;

/** Settings behind durations in nanoseconds: groups of at least `countMin` that differ by next to nothing. Shortest first. */
export function clustersOf(values: readonly number[], countMin: number): Cluster[] {
  const sorted = [...values].sort((a, b) => a - b);
  const groups: number[][] = [];
  for (const value of sorted) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    const isNeighbour = last !== undefined && value - last <= Math.max(NEIGHBOUR_NANOS, last * NEIGHBOUR_SHARE);
    if (group !== undefined && isNeighbour) group.push(value);
    else groups.push([value]);
  }
  const clusters: number[][] = [];
  for (const group of groups.filter((one) => one.length >= countMin && isNarrow(one))) {
    const last = clusters.at(-1);
    const joined = last === undefined || !isNear(last, group) ? null : [...last, ...group];
    if (joined !== null && isNarrow(joined)) clusters[clusters.length - 1] = joined;
    else clusters.push(group);
  }
  return clusters.map((group) => ({ value: medianOf(group), count: group.length, spread: spreadOf(group) }));
}

/** Of values in order. */
const spreadOf = (group: readonly number[]): number => (group.at(-1) ?? 0) - (group[0] ?? 0);

const isNarrow = (group: readonly number[]): boolean =>
  spreadOf(group) <= Math.max(2 * NEIGHBOUR_NANOS, medianOf(group) * SPREAD_SHARE_MAX);

function isNear(group: readonly number[], next: readonly number[]): boolean {
  const last = group.at(-1) ?? 0;
  return (next[0] ?? 0) - last <= Math.max(REUNION_NANOS, last * REUNION_SHARE);
}

/** Arrivals that a clock drives. */
export interface Period {
  readonly nanos: number;
  /** Intervals that fit, of how many. */
  readonly fitting: number;
  readonly intervals: number;
}

const PERIOD_INTERVALS_MIN = 3;
const PERIOD_TOLERANCE = 0.1;
const PERIOD_SHARE_MIN = 0.7;

/** The fixed interval between moments in order, if they have one: most intervals are the median interval, or a small multiple of it. */
export function periodOf(moments: readonly number[]): Period | null {
  const intervals = moments.slice(1).map((at, index) => at - (moments[index] ?? 0));
  if (intervals.length < PERIOD_INTERVALS_MIN) return null;
  const nanos = medianOf(intervals);
  if (nanos <= 0) return null;
  const fitting = intervals.filter((interval) => {
    const times = Math.max(1, Math.round(interval / nanos));
    return times <= 3 && Math.abs(interval - times * nanos) <= PERIOD_TOLERANCE * nanos;
  });
  return fitting.length >= PERIOD_SHARE_MIN * intervals.length
    ? { nanos, fitting: fitting.length, intervals: intervals.length }
    : null;
}

/** Rows by what they have in common, in the order of their first. */
export function groupBy<Row, Key>(rows: readonly Row[], keyOf: (row: Row) => Key): Map<Key, Row[]> {
  const groups = new Map<Key, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

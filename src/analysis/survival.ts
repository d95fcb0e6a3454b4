/** Durations that ended, by how many: a sketch or a list of single ones. In order, shortest first. */
export type EndedDurations = readonly { readonly seconds: number; readonly count: number }[];

export interface Survival {
  /** Half of them last no longer; null when fewer than half were seen to end. */
  readonly medianSeconds: number | null;
  readonly p95Seconds: number | null;
}

/**
 * Kaplan and Meier's estimate of how long something lasts when some of it still does (1958). A half-close that is still open lasted *at
 * least* so long: leaving it out makes the slow ones look quick, counting it as ended as well.
 *
 * @param ended in order
 * @param openSeconds how long those that still last were observed; in order
 */
export function survival(ended: EndedDurations, openSeconds: ArrayLike<number>): Survival {
  let atRisk = openSeconds.length;
  for (const { count } of ended) atRisk += count;
  let surviving = 1;
  let open = 0;
  let median: number | null = null;
  for (const { seconds, count } of ended) {
    // Whoever was observed for less than this says nothing about it.
    while (open < openSeconds.length && (openSeconds[open] ?? 0) < seconds) {
      open++;
      atRisk--;
    }
    surviving *= 1 - count / atRisk;
    atRisk -= count;
    if (median === null && surviving <= 0.5 + ROUNDING) median = seconds;
    if (surviving <= 0.05 + ROUNDING) return { medianSeconds: median, p95Seconds: seconds };
  }
  return { medianSeconds: median, p95Seconds: null };
}

/** Products of fractions such as 3/4 miss their value by less. */
const ROUNDING = 1e-9;

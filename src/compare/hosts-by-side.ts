import { median, type Sides, samplesOf, samplesOfLastCopies } from "./clock-offset.ts";
import type { Pair } from "./matching.ts";
import type { PointName } from "./model.ts";

/**
 * At whose side each host is. Whatever the clocks show, segments of the end at A's side reach B later than those of the other end seem to:
 * their difference is the round trip between the points. Every connection votes for its two hosts, so that jitter on one does not decide.
 */
export function hostsBySide(pairs: readonly Pair[]): Sides {
  /** Votes for A, by the address as each point sees it. */
  const votes: Readonly<Record<PointName, Map<string, number>>> = { a: new Map(), b: new Map() };
  const vote = (point: PointName, ip: string, by: number) => votes[point].set(ip, (votes[point].get(ip) ?? 0) + by);
  for (const pair of pairs) {
    const clientAtA = voteOf(pair, samplesOf) ?? LAST_COPY_VOTE * (voteOf(pair, samplesOfLastCopies) ?? 0);
    if (clientAtA === 0) continue;
    for (const point of ["a", "b"] as const) {
      vote(point, pair[point].ends.client.ip, clientAtA);
      vote(point, pair[point].ends.server.ip, -clientAtA);
    }
  }
  return (a, b) => {
    let sum = 0;
    for (const [point, view] of [["a", a] as const, ["b", b] as const]) {
      if (view === null) continue;
      sum += (votes[point].get(view.ends.client.ip) ?? 0) - (votes[point].get(view.ends.server.ip) ?? 0);
    }
    return sum > 0 ? "a" : sum < 0 ? "b" : null;
  };
}

/** Only decides where nothing better is known. */
const LAST_COPY_VOTE = 1e-6;

/** 1: the client is at A's side; null: segments of both ends are needed to tell. */
function voteOf(pair: Pair, samplesOfEnd: typeof samplesOf): number | null {
  const [there, back] = (["client", "server"] as const).map((side) => {
    const samples = samplesOfEnd(pair, side);
    return samples.length === 0 ? null : median(samples.map(({ difference }) => difference));
  });
  return there == null || back == null ? null : Math.sign(there - back);
}

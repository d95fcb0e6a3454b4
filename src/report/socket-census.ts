import type { StateName } from "../analysis/model.ts";
import type { StateCounts } from "../analysis/sockets.ts";
import { SOCKET_STATES } from "./state-text.ts";

/** How many sockets of each state one host has. */
export interface HostCensus {
  readonly ip: string;
  readonly counts: Readonly<Partial<Record<StateName, number>>>;
  readonly total: number;
}

/** How many sockets are in one state, and on which hosts, the most first. */
export interface StateCensus {
  readonly state: StateName;
  readonly count: number;
  readonly hosts: readonly { readonly ip: string; readonly count: number }[];
}

export function censusByHost(counts: StateCounts): HostCensus[] {
  return Object.entries(counts).map(([ip, ofHost]) => ({ ip, counts: ofHost, total: sum(Object.values(ofHost)) }));
}

/** Only states that occur, in the order of a connection's life. */
export function censusByState(counts: StateCounts): StateCensus[] {
  return SOCKET_STATES.map((state) => {
    const hosts = Object.entries(counts)
      .map(([ip, ofHost]) => ({ ip, count: ofHost[state] ?? 0 }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count);
    return { state, count: sum(hosts.map(({ count }) => count)), hosts };
  }).filter(({ count }) => count > 0);
}

/** All hosts taken together. */
export function censusOfAll(counts: StateCounts): HostCensus {
  const byState = censusByState(counts);
  return {
    ip: "total",
    counts: Object.fromEntries(byState.map(({ state, count }) => [state, count])),
    total: sum(byState.map(({ count }) => count)),
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

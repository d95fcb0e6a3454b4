/** Half-closes counted by what they have in common. */
import ipaddr from "ipaddr.js";
import { peerOf } from "../tcp/conversation.ts";
import type { Clock } from "./clock.ts";
import { toSeconds } from "./clock.ts";
import type { Conclusion } from "./conclusion.ts";
import { endpointText } from "./flow-name.ts";
import type { Grouping } from "./groupings.ts";
import type { Group, Groups } from "./model.ts";

/** More groups are no table; what falls into none of them is counted. */
const GROUP_COUNT_MAX = 100_000;

/** Networks that a peer is counted under. */
const SUBNET_BITS = { ipv4: 24, ipv6: 64 } as const;

interface Gathering {
  readonly ages: number[];
  stuck: number;
  draining: number;
  recent: number;
  ended: number;
  oldestSince: number;
}

/** @param timeZone IANA name of the zone whose hours are counted */
export class Grouper {
  readonly #by: Grouping;
  readonly #timeZone: string;
  readonly #clock: Clock;
  readonly #groups = new Map<string, Gathering>();
  readonly #subnets = new Map<string, string>();
  readonly #hours = new Map<number, string>();
  #leftOut = 0;

  constructor(by: Grouping, timeZone: string, clock: Clock) {
    this.#by = by;
    this.#timeZone = timeZone;
    this.#clock = clock;
  }

  add(conclusion: Conclusion): void {
    const { span, status, verdict } = conclusion;
    if (span === null || status === null || (verdict !== "half-closed" && status !== "ended")) return;
    const key = this.#keyOf(conclusion, span.holder, span.since);
    let group = this.#groups.get(key);
    if (group === undefined) {
      if (this.#groups.size >= GROUP_COUNT_MAX) {
        this.#leftOut++;
        return;
      }
      group = { ages: [], stuck: 0, draining: 0, recent: 0, ended: 0, oldestSince: Number.POSITIVE_INFINITY };
      this.#groups.set(key, group);
    }
    group[status]++;
    if (status === "ended") return;
    group.ages.push(toSeconds(span.until - span.since));
    group.oldestSince = Math.min(group.oldestSince, span.since);
  }

  result(): Groups {
    const open = [...this.#groups.values()].reduce((sum, { ages }) => sum + ages.length, 0);
    const groups = [...this.#groups].map(([key, group]) => this.#groupOf(key, group, open)).sort(byWeight);
    return { by: this.#by, leftOut: this.#leftOut, groups };
  }

  #groupOf(key: string, { ages, oldestSince, ...counts }: Gathering, open: number): Group {
    return {
      key,
      halfClosed: ages.length,
      stuck: counts.stuck,
      draining: counts.draining,
      recent: counts.recent,
      ended: counts.ended,
      oldestSince: ages.length === 0 ? null : this.#clock.timestamp(oldestSince),
      medianSeconds: ages.length === 0 ? null : median(ages),
      share: open === 0 ? 0 : ages.length / open,
    };
  }

  #keyOf({ history, client }: Conclusion, holderEnd: 0 | 1, since: number): string {
    const [holder, peer] = [history.ends[holderEnd], history.ends[peerOf(holderEnd)]];
    switch (this.#by) {
      case "holder":
        // Every connection of a client has another port.
        return holderEnd === client ? holder.ip : endpointText(holder.ip, holder.port);
      case "peer":
        return peer.ip;
      case "service":
        return `${history.ends[peerOf(client)].port}`;
      case "subnet":
        return this.#subnetOf(peer.ip);
      case "hour":
        return this.#hourOf(since);
    }
  }

  #subnetOf(ip: string): string {
    let subnet = this.#subnets.get(ip);
    if (subnet === undefined) {
      if (this.#subnets.size >= GROUP_COUNT_MAX) this.#subnets.clear();
      const kind = ipaddr.parse(ip).kind();
      const cidr = `${ip}/${SUBNET_BITS[kind]}`;
      const network =
        kind === "ipv4" ? ipaddr.IPv4.networkAddressFromCIDR(cidr) : ipaddr.IPv6.networkAddressFromCIDR(cidr);
      const text = network.kind() === "ipv6" ? (network as ipaddr.IPv6).toRFC5952String() : network.toString();
      subnet = `${text}/${SUBNET_BITS[kind]}`;
      this.#subnets.set(ip, subnet);
    }
    return subnet;
  }

  /** `2026-11-20 02:00`, in the zone in which times are shown. Quarters of an hour begin alike in every zone. */
  #hourOf(since: number): string {
    const quarter = Number(this.#clock.nanos(since) / QUARTER_NANOS);
    let hour = this.#hours.get(quarter);
    if (hour === undefined) {
      if (this.#hours.size >= GROUP_COUNT_MAX) this.#hours.clear();
      hour = hourText(quarter * Number(QUARTER_NANOS / 1_000_000n), this.#timeZone);
      this.#hours.set(quarter, hour);
    }
    return hour;
  }
}

const QUARTER_NANOS = 900_000_000_000n;

function hourText(epochMillis: number, timeZone: string): string {
  if (Number.isNaN(new Date(epochMillis).getTime())) return "unknown";
  // "sv-SE" is the locale that writes ISO 8601 dates.
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" });
  return format.format(epochMillis).replace(/:\d\d$/, ":00");
}

function median(ages: readonly number[]): number {
  const sorted = Float64Array.from(ages).sort();
  const half = sorted.length / 2;
  return ((sorted.at(Math.ceil(half) - 1) ?? 0) + (sorted.at(Math.floor(half)) ?? 0)) / 2;
}

/** The largest first; hours and addresses of equal weight in their own order. */
function byWeight(a: Group, b: Group): number {
  return b.halfClosed - a.halfClosed || b.ended - a.ended || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

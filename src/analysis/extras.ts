import type { Conclusion } from "./conclusion.ts";
import { Grouper } from "./groups.ts";
import { countOfNames, namesByAddress } from "./host-names.ts";
import { HostReconciliation } from "./host-reconciliation.ts";
import { markFlow, markKnown } from "./mark-known.ts";
import type { Analysis, Flow } from "./model.ts";
import type { AnalyzeOptions } from "./options.ts";
import type { Reading } from "./reading.ts";
import { servicesOf } from "./service-names.ts";
import { timersOf } from "./timers.ts";

/** What an analysis tells beyond itself when it is asked to: groups, a host's own sockets, known hosts, names of services. */
export class Extras {
  readonly #options: AnalyzeOptions;
  readonly #host: HostReconciliation | null;
  readonly #grouper: Grouper | null;

  constructor({ options, clock }: Reading) {
    const { hostSockets, groupBy } = options;
    this.#options = options;
    this.#host = hostSockets ? new HostReconciliation(hostSockets, clock, timersOf(options)) : null;
    this.#grouper = groupBy ? new Grouper(groupBy.by, groupBy.timeZone, clock) : null;
  }

  observe(conclusion: Conclusion): void {
    this.#host?.add(conclusion);
    this.#grouper?.add(conclusion);
  }

  addTo(analysis: Analysis): Analysis {
    const { knownHosts, services } = this.#options;
    const marked = knownHosts ? markKnown(analysis, knownHosts) : analysis;
    return {
      ...marked,
      ...(this.#grouper && { groups: this.#grouper.result() }),
      ...(services && { services: servicesOf(analysis, services) }),
      ...(this.#host && { host: this.#host.result() }),
    };
  }
}

/** Flows that are handed out one by one are marked, too. */
export function markingFlows({ options, captures }: Reading): Reading["options"]["onFlow"] {
  const { onFlow, knownHosts } = options;
  if (!onFlow || !knownHosts) return onFlow;
  let names: ReadonlyMap<string, string> = new Map();
  let count = 0;
  return (flow: Flow) => {
    const countNow = knownHosts.hasNames ? countOfNames(captures) : 0;
    // Names keep coming while the captures are read.
    if (countNow !== count) [names, count] = [namesByAddress(captures), countNow];
    onFlow(markFlow(flow, (ip) => knownHosts.has(ip, names.get(ip))));
  };
}

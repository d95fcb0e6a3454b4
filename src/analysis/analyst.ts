import type { EndpointKey, FlowHistory } from "../tcp/history.ts";
import { toSeconds } from "./clock.ts";
import type { ClosingTimes } from "./closing-times.ts";
import { type Conclusion, conclude } from "./conclusion.ts";
import { flowOf } from "./flow.ts";
import { type FlowName, flowName, idOf, renamed } from "./flow-name.ts";
import { HolderCensus } from "./holders.ts";
import type { Flow, HalfCloseStatus, Holder, Reason, Verdict } from "./model.ts";
import type { Reading } from "./reading.ts";
import { RoleGuesser } from "./roles.ts";
import { FlowFilter } from "./selection.ts";
import { timersOf } from "./timers.ts";
import { TwinFinder } from "./twins.ts";

/** What the flows add up to. */
export interface FlowTotals {
  flows: number;
  halfClosed: number;
  readonly byStatus: Record<HalfCloseStatus, number>;
  readonly byVerdict: Partial<Record<Verdict, number>>;
  readonly undecidedByReason: Partial<Record<Reason, number>>;
}

export interface FlowsResult {
  readonly totals: FlowTotals;
  readonly flows: readonly Flow[];
  readonly holders: readonly Holder[];
}

/**
 * Flows whose roles wait to be guessed until everything was seen. When there are more (a scan, the backscatter of an attack), so many were seen
 * that those who serve are known.
 */
export const WITHOUT_ROLES_MAX = 1 << 16;

/** Takes histories as they end, keeps what the result needs of them, and lets go of the rest. */
export class Analyst {
  readonly #reading: Reading;
  readonly #take: ((conclusion: Conclusion) => void) | null;
  readonly #observe: ((conclusion: Conclusion) => void) | null;
  readonly #filter: FlowFilter;
  readonly #roles = new RoleGuesser();
  readonly #twins = new TwinFinder<FlowName>();
  readonly #census = new HolderCensus();
  /** Their roles can only be guessed when everything was seen. */
  readonly #withoutRoles: FlowHistory[] = [];
  readonly #listed: { readonly order: number; readonly flow: Flow }[] = [];
  readonly #totals: FlowTotals = {
    flows: 0,
    halfClosed: 0,
    byStatus: { stuck: 0, draining: 0, recent: 0, ended: 0 },
    byVerdict: {},
    undecidedByReason: {},
  };

  /** Only of listed flows the states are shown. */
  readonly needsTimeWait: boolean;

  /**
   * @param take is given what would be listed, which is then not put into words
   * @param observe is given every connection once; its history is only lent
   */
  constructor(
    reading: Reading,
    take: ((conclusion: Conclusion) => void) | null = null,
    observe: ((conclusion: Conclusion) => void) | null = null,
  ) {
    this.needsTimeWait = reading.options.flows !== "half-closed";
    this.#reading = reading;
    this.#take = take;
    this.#observe = observe;
    this.#filter = new FlowFilter(reading.options.selection);
  }

  add(history: FlowHistory): void {
    if (!this.#filter.acceptsEndpoints(history)) return;
    this.#roles.learn(history);
    if (history.opener !== null) this.#conclude(history);
    else if (this.#withoutRoles.push(history) >= WITHOUT_ROLES_MAX) this.#concludeWithoutRoles();
  }

  /** Flows in the order of their first records. */
  result(): FlowsResult {
    this.#concludeWithoutRoles();
    this.#listed.sort((a, b) => a.order - b.order);
    return {
      totals: this.#totals,
      flows: this.#listed.map(({ flow }) => flow),
      holders: this.#census.result(this.#reading.clock, this.#reading.observation.end()),
    };
  }

  /** How long an endpoint (a client by its address alone) takes to close; null when it was never seen to. */
  closingTimes(holder: EndpointKey): ClosingTimes | null {
    return this.#census.closingTimes(holder);
  }

  #concludeWithoutRoles(): void {
    for (const history of this.#withoutRoles.splice(0)) this.#conclude(history);
  }

  #conclude(history: FlowHistory): void {
    const { observation, options, clock } = this.#reading;
    const client = history.opener ?? this.#roles.client(history);
    const until = observation.endOfFlow(history.captures);
    const loss = observation.lossUntil(history.captures);
    const conclusion = conclude(history, client, until, options.minAgeSeconds, loss);
    if (!this.#filter.acceptsHolder(history)) return;
    const twin = this.#twins.find(history, (old) =>
      old === undefined ? flowName(history, client) : renamed(old, history, client),
    );
    if (twin === null) this.#count(conclusion);
    if (!this.#isListed(conclusion)) return;
    if (this.#take !== null) {
      this.#take(conclusion);
      return;
    }
    const sameAs = twin && idOf(twin, clock);
    const flow = flowOf(conclusion, sameAs, clock, timersOf(options));
    if (options.onFlow) options.onFlow(flow);
    else this.#listed.push({ order: history.order, flow });
  }

  #isListed({ verdict, span }: Conclusion): boolean {
    const { flows, minAgeSeconds } = this.#reading.options;
    if (flows === "every" || verdict === "half-closed") return true;
    return flows === "ever" && span !== null && toSeconds(span.until - span.since) >= minAgeSeconds;
  }

  /** A connection seen under two names counts once. */
  #count(conclusion: Conclusion): void {
    const { verdict, status, reasons } = conclusion;
    const totals = this.#totals;
    totals.flows++;
    totals.byVerdict[verdict] = (totals.byVerdict[verdict] ?? 0) + 1;
    if (verdict === "half-closed") totals.halfClosed++;
    if (verdict === "undecided") {
      for (const reason of reasons) totals.undecidedByReason[reason] = (totals.undecidedByReason[reason] ?? 0) + 1;
    }
    if (status !== null && (verdict === "half-closed" || status === "ended")) totals.byStatus[status]++;
    this.#census.add(conclusion);
    this.#observe?.(conclusion);
  }
}

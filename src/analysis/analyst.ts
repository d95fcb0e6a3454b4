import type { FlowHistory } from "../tcp/history.ts";
import type { Clock } from "./clock.ts";
import { flowOf } from "./flow.ts";
import { HolderCensus } from "./holders.ts";
import type { Flow, HalfCloseStatus, Holder, Verdict } from "./model.ts";
import type { Observation } from "./observation.ts";
import type { AnalyzeOptions } from "./options.ts";
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
}

export interface FlowsResult {
  readonly totals: FlowTotals;
  readonly flows: readonly Flow[];
  readonly holders: readonly Holder[];
}

/** Takes histories as they end, keeps what the result needs of them, and lets go of the rest. */
export class Analyst {
  readonly #clock: Clock;
  readonly #options: AnalyzeOptions;
  readonly #observation: Observation;
  readonly #filter: FlowFilter;
  readonly #roles = new RoleGuesser();
  readonly #twins = new TwinFinder<string>();
  readonly #census = new HolderCensus();
  /** Their roles can only be guessed when everything was seen. */
  readonly #withoutRoles: FlowHistory[] = [];
  readonly #listed: { readonly order: number; readonly flow: Flow }[] = [];
  readonly #totals: FlowTotals = {
    flows: 0,
    halfClosed: 0,
    byStatus: { stuck: 0, draining: 0, recent: 0, ended: 0 },
    byVerdict: {},
  };

  constructor({ clock, observation, options }: Reading) {
    this.#clock = clock;
    this.#observation = observation;
    this.#options = options;
    this.#filter = new FlowFilter(options.selection);
  }

  add(history: FlowHistory): void {
    if (!this.#filter.acceptsEndpoints(history)) return;
    this.#roles.learn(history);
    if (history.opener === null) this.#withoutRoles.push(history);
    else this.#conclude(history);
  }

  /** Flows in the order of their first records. */
  result(): FlowsResult {
    for (const history of this.#withoutRoles.splice(0)) this.#conclude(history);
    this.#listed.sort((a, b) => a.order - b.order);
    return {
      totals: this.#totals,
      flows: this.#listed.map(({ flow }) => flow),
      holders: this.#census.result(),
    };
  }

  #conclude(history: FlowHistory): void {
    const options = this.#options;
    const flow = flowOf(history, {
      clock: this.#clock,
      timers: timersOf(options),
      minAgeSeconds: options.minAgeSeconds,
      observedUntil: this.#observation.endOfFlow(history.captures),
      guessedClient: history.opener === null ? this.#roles.client(history) : history.opener,
    });
    if (!this.#filter.acceptsHolder(flow)) return;
    const sameAs = this.#twins.find(history, flow.id);
    const shown = sameAs === null ? flow : { ...flow, sameAs };
    if (sameAs === null) this.#count(flow);
    if (!this.#isListed(flow)) return;
    if (options.onFlow) options.onFlow(shown);
    else this.#listed.push({ order: history.order, flow: shown });
  }

  #isListed({ verdict, halfClose }: Flow): boolean {
    if (this.#options.flows === "every" || verdict === "half-closed") return true;
    return this.#options.flows === "ever" && halfClose !== null && halfClose.seconds >= this.#options.minAgeSeconds;
  }

  /** A connection seen under two names counts once. */
  #count(flow: Flow): void {
    const totals = this.#totals;
    totals.flows++;
    totals.byVerdict[flow.verdict] = (totals.byVerdict[flow.verdict] ?? 0) + 1;
    if (flow.halfClose !== null && (flow.verdict === "half-closed" || flow.halfClose.end !== null)) {
      totals.byStatus[flow.halfClose.status]++;
    }
    if (flow.verdict === "half-closed") totals.halfClosed++;
    this.#census.add(flow);
  }
}

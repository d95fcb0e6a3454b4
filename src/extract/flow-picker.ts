import { Analyst } from "../analysis/analyst.ts";
import type { Conclusion } from "../analysis/conclusion.ts";
import { flowName, isCalled } from "../analysis/flow-name.ts";
import type { Reading } from "../analysis/reading.ts";
import { CloseWaitError } from "../errors.ts";
import type { FlowHistory } from "../tcp/history.ts";
import type { KnownEnd } from "../wire/known-flows.ts";
import type { PickedFlows, Tuple } from "./picked-flows.ts";

export interface Wanted {
  /** Ids, or beginnings of ids; empty: all flows that the analysis would list. */
  readonly ids: readonly string[];
  /** Whether it will be told what was concluded of them. */
  readonly conclusions: boolean;
}

/** The first pass: lets the analysis say which flows it lists, and notes which records they have. */
export class FlowPicker {
  readonly needsTimeWait = false;
  readonly #reading: Reading;
  readonly #wanted: Wanted;
  readonly #analyst: Analyst;
  readonly #tuples = new Map<string, Tuple>();
  readonly #conclusions: Conclusion[] = [];
  readonly #found = new Set<string>();
  readonly #captures = new Set<number>();
  /** What nobody narrowed needs no list. */
  readonly #isEverything: boolean;
  #flowCount = 0;

  constructor(reading: Reading, wanted: Wanted) {
    this.#reading = reading;
    this.#wanted = wanted;
    const { flows, selection } = reading.options;
    const isNarrowed = wanted.ids.length > 0 || Object.values(selection).some(({ length }) => length > 0);
    this.#isEverything = flows === "every" && !isNarrowed;
    this.#analyst = new Analyst(reading, (conclusion) => this.#consider(conclusion));
  }

  add(history: FlowHistory): void {
    this.#analyst.add(history);
    if (this.#isEverything) return;
    const { opener, reopened, blocked } = history;
    const entangled = reopened !== null || blocked;
    // One whose roles can only be guessed at the end is concluded then.
    const tuple = entangled || opener === null ? this.#tupleOf(history) : this.#tuples.get(nameOf(history));
    if (tuple === undefined) return;
    tuple.starts.push(history.order);
    if (entangled) tuple.entangled = true;
  }

  /** @throws CloseWaitError (usage) when no flow has one of the names */
  result(): PickedFlows {
    this.#analyst.result();
    const missing = this.#wanted.ids.find((id) => !this.#found.has(id));
    if (missing !== undefined) {
      const advice = '"closewait flows -f ndjson" prints all ids';
      throw new CloseWaitError("usage", `--flow: no selected flow is called ${missing}: ${advice}`);
    }
    this.#conclusions.sort((a, b) => a.history.order - b.history.order);
    return {
      flowCount: this.#flowCount,
      isEverything: this.#isEverything,
      tuples: [...this.#tuples.values()].filter(({ picked }) => picked.length > 0),
      conclusions: this.#conclusions,
    };
  }

  /** Where flows that were picked were seen. */
  get captures(): readonly number[] {
    return [...this.#captures];
  }

  /** How far they were observed there. */
  get observedUntil(): number {
    return this.#reading.observation.endOfFlow(this.captures);
  }

  #consider(conclusion: Conclusion): void {
    if (!this.#isWanted(conclusion)) return;
    const { history } = conclusion;
    this.#flowCount++;
    if (!this.#isEverything) this.#tupleOf(history).picked.push(history.order);
    for (const capture of history.captures) this.#captures.add(capture);
    if (this.#wanted.conclusions) this.#conclusions.push(conclusion);
  }

  #isWanted({ history, client }: Conclusion): boolean {
    const { ids } = this.#wanted;
    if (ids.length === 0) return true;
    const name = flowName(history, client);
    const named = ids.filter((wanted) => isCalled(name, wanted, this.#reading.clock));
    for (const wanted of named) this.#found.add(wanted);
    return named.length > 0;
  }

  #tupleOf(history: FlowHistory): Tuple {
    const name = nameOf(history);
    let tuple = this.#tuples.get(name);
    if (tuple === undefined) {
      const [a, b] = history.ends.map(({ ip, port }) => ({ ip, port })) as [KnownEnd, KnownEnd];
      tuple = { a, b, tunnel: history.tunnel, starts: [], picked: [], entangled: false };
      this.#tuples.set(name, tuple);
    }
    return tuple;
  }
}

const nameOf = ({ ends: [a, b], tunnel }: FlowHistory): string => `${a.endpoint} ${b.endpoint} ${tunnel}`;

import { Analyst } from "../analysis/analyst.ts";
import { captureReports } from "../analysis/assemble.ts";
import type { Reading } from "../analysis/reading.ts";
import type { FlowHistory } from "../tcp/history.ts";
import { type FlowView, flowViewOf } from "./flow-view.ts";
import type { Watch } from "./losses.ts";
import type { ComparedPoint } from "./model.ts";

/** Takes the flows of one point. A connection that it saw twice, on both sides of a translation, counts once. */
export class PointLog {
  readonly needsTimeWait = false;
  readonly reading: Reading;
  readonly #views: FlowView[] = [];
  readonly #analyst: Analyst;

  #count = 0;

  /** @param settle takes flows that need not be kept */
  constructor(reading: Reading, settle: (view: FlowView) => boolean = () => false) {
    this.reading = reading;
    const drop = () => {};
    this.#analyst = new Analyst(reading, drop, (conclusion) => {
      const view = flowViewOf(conclusion);
      this.#count++;
      if (!settle(view)) this.#views.push(view);
    });
  }

  add(history: FlowHistory): void {
    this.#analyst.add(history);
  }

  /** Those that are kept, in the order of their first records; they are handed over. */
  takeViews(): FlowView[] {
    this.#analyst.result();
    return this.#views.splice(0).sort((a, b) => a.order - b.order);
  }

  watched(): Watch {
    const { captures, observation } = this.reading;
    const from = captures.reduce((first, { firstAt }) => Math.min(first, firstAt ?? first), Number.POSITIVE_INFINITY);
    return { from, until: observation.end() };
  }

  report(): ComparedPoint {
    const { clock } = this.reading;
    const { from, until } = this.watched();
    return {
      captures: captureReports(this.reading),
      from: Number.isFinite(from) ? clock.timestamp(from) : null,
      until: Number.isFinite(from) ? clock.timestamp(until) : null,
      flows: this.#count,
    };
  }
}

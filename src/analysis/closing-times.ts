import { DDSketch } from "@datadog/sketches-js";
import type { EndedDurations } from "./survival.ts";

/** Quantiles of durations are within 1 % of the truth, whatever their number. */
const RELATIVE_ACCURACY = 0.01;

/** A sketch takes kilobytes; so many durations are kept as they are before it is worth one. */
const PLAIN_COUNT_MAX = 32;

/** A sketch stands for its durations by so many of its quantiles. */
const STEP_COUNT = 400;

/** How long an endpoint took to close, in seconds. Most endpoints close a few connections and hold none: their sketch is never made. */
export class ClosingTimes {
  readonly #plain: number[] = [];
  #sketch: DDSketch | null = null;

  add(seconds: number): void {
    if (this.#sketch !== null) this.#sketch.accept(seconds);
    else if (this.#plain.push(seconds) === PLAIN_COUNT_MAX) this.sketch();
  }

  get count(): number {
    return this.#sketch?.count ?? this.#plain.length;
  }

  sketch(): DDSketch {
    if (this.#sketch === null) {
      this.#sketch = new DDSketch({ relativeAccuracy: RELATIVE_ACCURACY });
      for (const seconds of this.#plain.splice(0)) this.#sketch.accept(seconds);
    }
    return this.#sketch;
  }

  quantile(share: number): number | null {
    return this.count === 0 ? null : this.sketch().getValueAtQuantile(share);
  }

  /** All of them, shortest first; many of them by their quantiles. */
  steps(): EndedDurations {
    const { count } = this;
    if (count === 0) return [];
    const sketch = this.sketch();
    const stepCount = Math.min(count, STEP_COUNT);
    return Array.from({ length: stepCount }, (_, step) => ({
      seconds: sketch.getValueAtQuantile(stepCount === 1 ? 0.5 : step / (stepCount - 1)),
      count: count / stepCount,
    }));
  }
}

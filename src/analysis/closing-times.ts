import { DDSketch } from "@datadog/sketches-js";

/** Quantiles of durations are within 1 % of the truth, whatever their number. */
const RELATIVE_ACCURACY = 0.01;

/** A sketch takes kilobytes; so many durations are kept as they are before it is worth one. */
const PLAIN_COUNT_MAX = 32;

/** How long an endpoint took to close, in seconds. Most endpoints close a few connections and hold none: their sketch is never made. */
export class ClosingTimes {
  readonly #plain: number[] = [];
  #sketch: DDSketch | null = null;

  add(seconds: number): void {
    if (this.#sketch !== null) this.#sketch.accept(seconds);
    else if (this.#plain.push(seconds) === PLAIN_COUNT_MAX) this.sketch();
  }

  sketch(): DDSketch {
    if (this.#sketch === null) {
      this.#sketch = new DDSketch({ relativeAccuracy: RELATIVE_ACCURACY });
      for (const seconds of this.#plain.splice(0)) this.#sketch.accept(seconds);
    }
    return this.#sketch;
  }
}

import type { CaptureSummary } from "../capture/capture.ts";

/**
 * End of observation (TEARDOWN rule 10), per capture point: the latest of its last record, the end its file states, and `--until`. Points
 * never extend each other; rotated files of one capture are one point.
 */
export class Observation {
  readonly #captures: readonly CaptureSummary[];
  readonly #until: number;
  readonly #to: number;

  /** `until`: the user says the captures were running until then. `to`: nothing later is looked at. Infinity: as far as they go. */
  constructor(captures: readonly CaptureSummary[], until: number, to: number) {
    this.#captures = captures;
    this.#until = until;
    this.#to = to;
  }

  /** How far the capture's point was observed; -Infinity while it holds no record. */
  endOfCapture(capture: number): number {
    const point = this.#captures[capture]?.point;
    let end = Number.NEGATIVE_INFINITY;
    for (const other of this.#captures) {
      if (other.point === point) end = Math.max(end, other.lastAt ?? end, other.endAt ?? end);
    }
    return Math.min(Number.isFinite(this.#until) ? Math.max(end, this.#until) : end, this.#to);
  }

  /** How far anything was observed; the base time when nothing was. */
  end(): number {
    const end = Math.max(...this.#captures.map((_, capture) => this.endOfCapture(capture)));
    return Number.isFinite(end) ? end : 0;
  }

  /** How far a flow seen in these captures was observed. */
  endOfFlow(captures: readonly number[]): number {
    return Math.max(...captures.map((capture) => this.endOfCapture(capture)));
  }
}

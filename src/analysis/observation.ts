import type { CaptureSummary } from "../capture/capture.ts";

/**
 * End of observation (rule 10), per capture point: the latest of its last record, the end its file states, and `--until`. Points
 * never extend each other; rotated files of one capture are one point.
 */
export class Observation {
  readonly #captures: readonly CaptureSummary[];
  readonly #until: number;
  readonly #to: number;
  #ends: number[] = [];
  /** By capture: until when its point may have lost packets. */
  #lossUntil: number[] = [];

  /** `until`: the user says the captures were running until then. `to`: nothing later is looked at. Infinity: as far as they go. */
  constructor(captures: readonly CaptureSummary[], until: number, to: number) {
    this.#captures = captures;
    this.#until = until;
    this.#to = to;
    this.refresh();
  }

  /** Takes note of how far the captures were read. */
  refresh(): void {
    const byPoint = new Map<number, number>();
    const lossByPoint = new Map<number, number>();
    for (const { point, firstAt, lastAt, endAt, dropped, followsGap } of this.#captures) {
      const end = Math.max(byPoint.get(point) ?? Number.NEGATIVE_INFINITY, lastAt ?? -Infinity, endAt ?? -Infinity);
      byPoint.set(point, end);
      const lossUntil = (dropped ?? 0) > 0 ? lastAt : followsGap ? firstAt : null;
      if (lossUntil !== null) lossByPoint.set(point, Math.max(lossByPoint.get(point) ?? lossUntil, lossUntil));
    }
    this.#lossUntil = this.#captures.map(({ point }) => lossByPoint.get(point) ?? Number.NEGATIVE_INFINITY);
    this.#ends = this.#captures.map(({ point }) => this.#limited(byPoint.get(point) ?? Number.NEGATIVE_INFINITY));
  }

  #limited(end: number): number {
    return Math.min(Number.isFinite(this.#until) ? Math.max(end, this.#until) : end, this.#to);
  }

  /** How far the capture's point was observed; -Infinity while it holds no record. */
  endOfCapture(capture: number): number {
    return this.#ends[capture] ?? Number.NEGATIVE_INFINITY;
  }

  /** How far anything was observed; the base time when nothing was. */
  end(): number {
    const end = this.#ends.reduce((latest, one) => Math.max(latest, one), Number.NEGATIVE_INFINITY);
    return Number.isFinite(end) ? end : 0;
  }

  /**
   * Until when packets of a flow seen in these captures may be missing: the capture dropped some, or a file of its rotation is missing
   * (rule 20). -Infinity: nothing is known to be.
   */
  lossUntil(captures: readonly number[]): number {
    let until = Number.NEGATIVE_INFINITY;
    for (const capture of captures) until = Math.max(until, this.#lossUntil[capture] ?? Number.NEGATIVE_INFINITY);
    return until;
  }

  /** How far a flow seen in these captures was observed. */
  endOfFlow(captures: readonly number[]): number {
    let end = Number.NEGATIVE_INFINITY;
    for (const capture of captures) end = Math.max(end, this.endOfCapture(capture));
    return end;
  }
}

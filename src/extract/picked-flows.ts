import type { Conclusion } from "../analysis/conclusion.ts";
import type { KnownEnd } from "../wire/known-flows.ts";

/** All that is known of a 4-tuple of which something may be wanted. Records are named by their numbers in the whole input. */
export interface Tuple {
  readonly a: KnownEnd;
  readonly b: KnownEnd;
  readonly tunnel: number;
  /** Where its incarnations begin. */
  readonly starts: number[];
  /** Which of them are wanted. */
  readonly picked: number[];
  /** An incarnation met the one before it (rule 8): neither can be told without the other. */
  entangled: boolean;
}

/** What is to be extracted. */
export interface PickedFlows {
  readonly flowCount: number;
  /** Every flow: then no 4-tuples are listed. */
  readonly isEverything: boolean;
  readonly tuples: readonly Tuple[];
  /** In the order of their first records; empty unless they were asked for. */
  readonly conclusions: readonly Conclusion[];
}

/**
 * Which records of a 4-tuple are wanted. A flow has all from its first one up to the next incarnation: copies (rule 16) and what came
 * when it was over (rule 18) included. To be asked about records in order.
 */
export class WantedRecords {
  readonly #spans: readonly (readonly [first: number, end: number])[];
  #at = 0;

  constructor({ starts, picked, entangled }: Tuple) {
    const wanted = new Set(picked);
    const sorted = [...starts].sort((a, b) => a - b);
    this.#spans = entangled
      ? [[0, Number.POSITIVE_INFINITY]]
      : sorted.flatMap((first, index) =>
          wanted.has(first) ? [[first, sorted[index + 1] ?? Number.POSITIVE_INFINITY] as const] : [],
        );
  }

  has(order: number): boolean {
    let span = this.#spans[this.#at];
    while (span !== undefined && order >= span[1]) span = this.#spans[++this.#at];
    return span !== undefined && order >= span[0];
  }
}

/**
 * How often and with which seed the fuzz tests draw. A test run draws a fixed number of cases, the same ones each time; `npm run fuzz`
 * multiplies them and changes the seed from round to round.
 */
import fc from "fast-check";
import { runs } from "../laws/analyzing.ts";

export { runs } from "../laws/analyzing.ts";

const { CLOSEWAIT_RUNS: RUNS = "1" } = process.env;

/** How many times the cases of a test run. */
export const MULTIPLIER = Number(RUNS);

/** Floods grow with the rounds, up to what a machine can hold. */
export function flooded(count: number): number {
  return Math.ceil(count * Math.min(MULTIPLIER, 20));
}

/** One draw of an arbitrary, for inputs that are made once. */
export function sampleOf<T>(arbitrary: fc.Arbitrary<T>, count: number): T[] {
  return fc.sample(arbitrary, { numRuns: count, seed: runs(1).seed });
}

/** Octets that a counterexample shows as hexadecimal digits, ready for the corpus. */
export class Octets {
  readonly octets: Uint8Array;

  constructor(octets: Uint8Array) {
    this.octets = octets;
  }

  [fc.toStringMethod](): string {
    const HEX_OCTETS_MAX = 4096;
    const hex = Buffer.from(this.octets.subarray(0, HEX_OCTETS_MAX)).toString("hex");
    return `${this.octets.length} octets ${hex}`;
  }
}

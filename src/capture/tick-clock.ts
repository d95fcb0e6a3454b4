import type { RelativeNanos } from "./record.ts";

export const NANOS_PER_SECOND = 1_000_000_000n;
const WORD = 2 ** 32;

/**
 * Turns the 64-bit tick counts of a pcapng interface into nanoseconds relative to a base.
 *
 * A nanosecond since the epoch needs 61 bits and does not fit a float64, a difference of up to ±104 days does. So the base is
 * converted into ticks once, and per packet only differences are formed, in plain numbers. This is exact whenever a tick is a whole
 * number of nanoseconds (10^-9 s, 10^-6 s, …, 2^-9 s); finer and odder ticks take the slow path through BigInt and are rounded down.
 */
export class TickClock {
  readonly #ticksPerSecond: bigint;
  readonly #offsetNanos: bigint;
  /** 0: not a whole number, slow path. */
  readonly #nanosPerTick: number;
  #baseNanos = 0n;
  #baseHigh = 0;
  #baseLow = 0;
  /** Nanoseconds by which the base lies after its tick. */
  #basePastTick = 0;

  constructor(ticksPerSecond: bigint, offsetSeconds: bigint) {
    this.#ticksPerSecond = ticksPerSecond;
    this.#offsetNanos = offsetSeconds * NANOS_PER_SECOND;
    this.#nanosPerTick = NANOS_PER_SECOND % ticksPerSecond === 0n ? Number(NANOS_PER_SECOND / ticksPerSecond) : 0;
  }

  get isFinerThanMicros(): boolean {
    return this.#ticksPerSecond > 1_000_000n;
  }

  rebase(baseNanos: bigint): void {
    this.#baseNanos = baseNanos;
    if (this.#nanosPerTick === 0) return;
    const nanos = baseNanos - this.#offsetNanos;
    const ticks = floorDivide(nanos, BigInt(this.#nanosPerTick));
    this.#basePastTick = Number(nanos - ticks * BigInt(this.#nanosPerTick));
    this.#baseHigh = Number(ticks >> 32n);
    this.#baseLow = Number(ticks & 0xffff_ffffn);
  }

  relative(high: number, low: number): RelativeNanos {
    if (this.#nanosPerTick === 0) return Number(this.nanos(high, low) - this.#baseNanos);
    const ticks = (high - this.#baseHigh) * WORD + (low - this.#baseLow);
    return ticks * this.#nanosPerTick - this.#basePastTick;
  }

  /** Nanoseconds since the epoch. */
  nanos(high: number, low: number): bigint {
    const ticks = (BigInt(high) << 32n) | BigInt(low);
    return (ticks * NANOS_PER_SECOND) / this.#ticksPerSecond + this.#offsetNanos;
  }
}

function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}

import type { Timestamp } from "./model.ts";

export const NANOS_PER_SECOND = 1e9;

/** Times inside the analysis are float64 nanoseconds relative to the base time; this turns them into what people and programs read. */
export class Clock {
  readonly baseNanos: bigint;

  constructor(baseNanos: bigint) {
    this.baseNanos = baseNanos;
  }

  /** Nanoseconds since the epoch. */
  nanos(at: number): bigint {
    return this.baseNanos + BigInt(Math.round(at));
  }

  /** Relative time of a moment given since the epoch. */
  relative(nanos: bigint): number {
    return Number(nanos - this.baseNanos);
  }

  /** ISO 8601 in UTC with nine decimals. */
  timestamp(at: number): Timestamp {
    const { seconds, fraction } = split(this.nanos(at));
    return `${isoSecond(seconds)}.${fraction}Z`;
  }

  /** Seconds since the epoch with nine decimals, as in flow ids. */
  epochSeconds(at: number): string {
    const { seconds, fraction } = split(this.nanos(at));
    return `${seconds}.${fraction}`;
  }
}

export const toSeconds = (nanos: number): number => nanos / NANOS_PER_SECOND;

function split(nanos: bigint): { seconds: bigint; fraction: string } {
  const rest = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return { seconds: (nanos - rest) / 1_000_000_000n, fraction: rest.toString().padStart(9, "0") };
}

/** Captures may claim any second of 64 bits; dates end in the year 275760. */
function isoSecond(seconds: bigint): string {
  const date = new Date(Number(seconds) * 1000);
  return Number.isNaN(date.getTime()) ? `epoch${seconds < 0n ? "" : "+"}${seconds}s` : date.toISOString().slice(0, -5);
}

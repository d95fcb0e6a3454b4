import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NANOS_PER_SECOND, TickClock } from "../../src/capture/tick-clock.ts";

const DAY = 86_400n * NANOS_PER_SECOND;
const BASE = 1_795_196_379_670_837_123n;

const resolutions: fc.Arbitrary<bigint> = fc.oneof(
  fc.integer({ min: 0, max: 12 }).map((exponent) => 10n ** BigInt(exponent)),
  fc.integer({ min: 0, max: 40 }).map((exponent) => 2n ** BigInt(exponent)),
);

describe("ticks of any length become nanoseconds relative to the base, exactly", () => {
  it("within ±104 days", () => {
    fc.assert(
      fc.property(
        resolutions,
        fc.bigInt({ min: -100_000n, max: 100_000n }),
        fc.bigInt({ min: -104n * DAY, max: 104n * DAY }),
        (ticksPerSecond, offsetSeconds, distance) => {
          const clock = new TickClock(ticksPerSecond, offsetSeconds);
          clock.rebase(BASE);
          const ticks = ((BASE + distance - offsetSeconds * NANOS_PER_SECOND) * ticksPerSecond) / NANOS_PER_SECOND;
          fc.pre(ticks >= 0n && ticks < 2n ** 64n);
          const nanos = (ticks * NANOS_PER_SECOND) / ticksPerSecond + offsetSeconds * NANOS_PER_SECOND;
          const words = [Number(ticks >> 32n), Number(ticks & 0xffff_ffffn)] as const;
          expect(clock.nanos(...words)).toBe(nanos);
          expect(BigInt(clock.relative(...words))).toBe(nanos - BASE);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("also when the base lies before the first tick of the interface", () => {
    const clock = new TickClock(1_000_000n, 1_000n);
    clock.rebase(5n);
    expect(clock.relative(0, 0)).toBe(1_000e9 - 5);
  });
});

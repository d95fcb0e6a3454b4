import { describe, expect, it } from "vitest";
import { Clock } from "../../src/analysis/clock.ts";
import { ClosingTimes } from "../../src/analysis/closing-times.ts";
import { growthOf, stoppedAt } from "../../src/analysis/growth.ts";
import { exhaustionOf } from "../../src/analysis/holders.ts";
import { fitLine } from "../../src/analysis/line-fit.ts";
import { MomentCounts } from "../../src/analysis/moment-counts.ts";
import { survival } from "../../src/analysis/survival.ts";
import { clustersOf, medianOf, periodOf } from "../../src/diagnosis/statistics.ts";
import { durationText, measuredText } from "../../src/diagnosis/words.ts";

const each = (...seconds: number[]) => seconds.map((value) => ({ seconds: value, count: 1 }));

describe("survival: how long half-closes last when some still do", () => {
  it("is the plain quantile when all have ended", () => {
    expect(survival(each(1, 2, 3, 4, 5), [])).toEqual({ medianSeconds: 3, p95Seconds: 5 });
  });

  it("does not take the open ones for ended", () => {
    expect(survival(each(1, 2, 3), [10, 10, 10])).toEqual({ medianSeconds: 3, p95Seconds: null });
    expect(survival(each(1), [10, 10, 10])).toEqual({ medianSeconds: null, p95Seconds: null });
  });

  it("lets those that were observed for a shorter time count for that time only (Kaplan and Meier's own example)", () => {
    // Losses at 1, deaths at 0.8, 3.1, 5.4 and 9.2, others lost at 1.0, 2.7, 7.0 and 12.1.
    const { medianSeconds } = survival(each(0.8, 3.1, 5.4, 9.2), [1, 2.7, 7, 12.1]);
    expect(medianSeconds).toBe(9.2);
  });

  it("reads the closing times of an endpoint, few or many", () => {
    const times = new ClosingTimes();
    for (let index = 1; index <= 2000; index++) times.add(index / 1000);
    const { medianSeconds, p95Seconds } = survival(times.steps(), []);
    expect(medianSeconds).toBeCloseTo(1, 1);
    expect(p95Seconds).toBeCloseTo(1.9, 1);
    expect(times.count).toBe(2000);
  });
});

describe("growth", () => {
  const leak = (count: number, every: number, from = 0) =>
    Array.from({ length: count }, (_, index) => ({ since: (from + index * every) * 1e9, until: Infinity }));

  it("fits a straight line, and gives its error", () => {
    expect(fitLine([0, 1, 2, 3], [1, 3, 5, 7])).toEqual({ slope: 2, slopeError: 0 });
    expect(fitLine([0, 1, 2, 3], [0, 2, 1, 3])).toMatchObject({
      slope: expect.closeTo(0.8),
      slopeError: expect.closeTo(0.4243, 4),
    });
    expect(fitLine([1, 1], [0, 5])).toBeNull();
  });

  it("is one socket every 1.5 s: 2,400 an hour, still growing", () => {
    expect(growthOf(leak(20, 1.5), 30e9)).toMatchObject({
      perHour: expect.closeTo(2400),
      errorPerHour: expect.closeTo(0),
      until: null,
    });
  });

  it("ended when the pause is longer than any before", () => {
    expect(growthOf(leak(20, 1.5), 60e9)).toMatchObject({ until: 28.5e9 });
    expect(stoppedAt([0, 1, 2], 5)).toBeNull();
    expect(stoppedAt([0, 1, 2], 6)).toBe(2);
  });

  it("uses descriptors up while it goes on, not when it has ended", () => {
    const exhausted = (observedUntil: number) =>
      exhaustionOf(growthOf(leak(20, 1.5), observedUntil), 20, observedUntil, new Clock(0n));
    expect(exhausted(30e9)).toMatchObject([
      { descriptors: 1024, inSeconds: expect.closeTo(1506) },
      { descriptors: 65_535 },
    ]);
    expect(exhausted(60e9)).toEqual([]);
  });

  it("is not told of a burst, of a few, and of a level that goes up and down", () => {
    expect(growthOf(leak(50, 0.001), 60e9)).toBeNull();
    expect(growthOf(leak(3, 10), 60e9)).toBeNull();
    const closedLate = leak(40, 1).map(({ since }) => ({ since, until: since + 3e9 }));
    expect(growthOf(closedLate, 45e9)?.perHour ?? 0).toBeLessThan(200);
    const upAndDown = [
      [0, Infinity],
      [0.7, 1.2],
      [1, Infinity],
      [1.4, 2],
    ] as const;
    expect(
      growthOf(
        upAndDown.map(([since, until]) => ({ since: since * 1e9, until: until * 1e9 })),
        4e9,
      ),
    ).toBeNull();
  });

  it.each([
    [4797.3, 2.8, "4,797 ± 3"],
    [2932.8, 1420, "2,900 ± 1,400"],
    [-2748.7, 861, "-2,750 ± 860"],
    [533_788.8, 4943, "533,800 ± 4,900"],
    [12.5, 0.04, "12.5 ± 0.1"],
    [2400, 0, "2,400"],
  ])("of %f with an error of %f is %s", (value, error, text) => {
    expect(measuredText(value, error)).toBe(text);
  });
});

describe("clusters: one setting behind many durations", () => {
  const clusters = (...millis: number[]) =>
    clustersOf(
      millis.map((value) => value * 1e6),
      2,
    ).map(({ value, count }) => [value / 1e6, count]);

  it("finds several, and leaves out what stands alone", () => {
    expect(clusters(1001, 1100, 1000, 1201, 1002, 1101, 1200, 1500)).toEqual([
      [1001, 3],
      [1100.5, 2],
      [1200.5, 2],
    ]);
  });

  it("is one where a busy host was late at times: 3 % apart, or 10 ms", () => {
    expect(clusters(542, 546, 556, 558, 560)).toEqual([[556, 5]]);
    expect(clusters(330, 332, 339, 341)).toEqual([[335.5, 4]]);
    expect(clusters(50, 50, 59, 59)).toEqual([[54.5, 4]]);
    expect(clusters(5000, 5010, 5150, 5160)).toEqual([[5080, 4]]);
  });

  it("is several where settings lie closer together than a host is late, but too far apart to be one", () => {
    expect(clusters(100, 101, 110, 111)).toEqual([
      [100.5, 2],
      [110.5, 2],
    ]);
    expect(clusters(1000, 1001, 1040, 1041)).toEqual([
      [1000.5, 2],
      [1040.5, 2],
    ]);
    // Each is near its neighbour; all of them together are not one value.
    expect(clusters(1000, 1000, 1025, 1025, 1050, 1050, 1075, 1075)).toEqual([
      [1025, 6],
      [1075, 2],
    ]);
  });

  it("joins groups of any size", () => {
    const many = (value: number) => new Array<number>(200_000).fill(value);
    expect(clustersOf([...many(1000e6), ...many(1015e6)], 2)).toMatchObject([{ count: 400_000 }]);
  });

  it("finds none in mere density", () => {
    const dense = Array.from({ length: 200 }, (_, index) => 1000 + index * 4);
    expect(clusters(...dense)).toEqual([]);
  });
});

describe("periods", () => {
  it("a fixed interval, also where a beat is missing", () => {
    expect(periodOf([0, 1.5, 3, 6, 7.5, 9])).toMatchObject({ nanos: 1.5, intervals: 5, fitting: 5 });
  });

  it("none in arrivals at random, or too few", () => {
    expect(periodOf([0, 1, 5, 5.2, 9, 9.1])).toBeNull();
    expect(periodOf([0, 1, 2])).toBeNull();
  });
});

it("moments are counted exactly as long as they are few, and to a stretch of time when they are many", () => {
  const few = new MomentCounts();
  for (const at of [5, 1, 3]) few.add(at);
  expect([few.after(0), few.after(3), few.after(5)]).toEqual([3, 1, 0]);
  const many = new MomentCounts();
  for (let at = 0; at < 100_000; at++) many.add(at);
  expect(many.count).toBe(100_000);
  expect(Math.abs(many.after(25_000) - 75_000)).toBeLessThan(1000);
  expect(many.after(-1)).toBe(100_000);
  expect(many.after(200_000)).toBe(0);
});

it("medians and durations", () => {
  expect([medianOf([3, 1, 2]), medianOf([4, 1]), medianOf([])]).toEqual([2, 2.5, 0]);
  expect([1e3, 4.3e7, 3.5e8, 1.5e9, 59.97e9, 768e9, 49_180e9].map(durationText)).toEqual([
    "1.00 µs",
    "43.0 ms",
    "0.35 s",
    "1.50 s",
    "1 min",
    "12 min 48 s",
    "13 h 40 min",
  ]);
});

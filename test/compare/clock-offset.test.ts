import { describe, expect, it } from "vitest";
import { compared } from "./two-points.ts";

/** Connections that open and close one after the other, from as many ports. */
function traffic(count: number, everySeconds: number): { text: string; parties: Record<string, string> } {
  const lines = [];
  for (let index = 0; index < count; index++) {
    const at = index * everySeconds;
    const time = (plus: number) => (at + plus).toFixed(3);
    const isn = `--- isn c ${1000 + index * 7919} s ${5_000_000 + index * 104_729}`;
    lines.push(...(index === 0 ? [] : [isn]));
    lines.push(`${time(0)} c > s [S]`, `${time(0.03)} s > c [S.]`, `${time(0.06)} c > s [.]`);
    lines.push(`${time(0.2)} c > s [F.]`, `${time(0.23)} s > c [F.]`, `${time(0.26)} c > s [.]`);
  }
  return { text: lines.join("\n"), parties: {} };
}

describe("the clocks", () => {
  it.each([
    { offset: 0, delay: { there: 0.01, back: 0.01 }, error: 1e-6 },
    { offset: 12.25, delay: { there: 0.01, back: 0.01 }, error: 1e-6 },
    { offset: -86_400, delay: { there: 0.002, back: 0.002 }, error: 1e-6 },
    { offset: 1.5, delay: { there: 0.001, back: 0.021 }, error: 0.0101 },
  ])("differ by $offset s, told within half the round trip", async ({ offset, delay, error }) => {
    const { clock } = await compared(traffic(12, 70).text, { offset, delay });
    expect(Math.abs((clock?.offsetSeconds ?? 0) - offset)).toBeLessThanOrEqual(error);
    expect(clock?.roundTripSeconds).toBeCloseTo(delay.there + delay.back, 6);
    expect(clock?.uncertaintySeconds).toBeCloseTo((delay.there + delay.back) / 2, 6);
    expect(clock?.driftPpm).toBeNull();
  });

  it("part", async () => {
    const { clock, totals } = await compared(traffic(40, 90).text, { offset: 2, drift: 40e-6 });
    expect(clock?.driftPpm).toBeCloseTo(40, 1);
    expect(totals).toMatchObject({ both: 40, withDiscrepancy: 0 });
  });

  it("cannot be compared without a segment that both saw", async () => {
    const { clock, totals } = await compared(traffic(2, 70).text, { watch: { a: [0, 30], b: [60, 100] } });
    expect(clock).toBeNull();
    expect(totals).toMatchObject({ both: 0, onlyA: 0, onlyB: 0, outside: 2 });
  });
});

describe("connections", () => {
  it("are told apart by their numbers when a port is used again", async () => {
    const { totals, flows } = await compared(traffic(30, 70).text, { offset: 70.1 });
    expect(totals).toMatchObject({ both: 30, translated: 0, onlyA: 0, onlyB: 0 });
    expect(new Set(flows.map(({ matchedBy }) => matchedBy))).toEqual(new Set(["addresses-and-numbers"]));
  });

  it("are recognised behind address translation", async () => {
    const translate = ({ ip, port }: { ip: string; port: number }) =>
      ip === "10.0.0.1" ? { ip: "192.0.2.1", port: port + 1000 } : { ip, port };
    const { totals, flows } = await compared(traffic(30, 70).text, { offset: -3, translate });
    expect(totals).toMatchObject({ both: 30, translated: 30, onlyA: 0, onlyB: 0 });
    const brief = await compared(traffic(30, 70).text, { offset: -3, translate, flows: "differing" });
    expect(brief).toMatchObject({ totals, flows: [], clock: { samples: { a: 60, b: 60 } } });
    expect(flows[0]).toMatchObject({ a: { client: { ip: "10.0.0.1" } }, b: { client: { ip: "192.0.2.1" } } });
  });

  it("whose SYN never came through are unanswered because it was lost", async () => {
    const text = `${traffic(2, 70).text}
      --- isn c 77 s 88
      200.0  c > s  [S]          # lost
      201.0  c > s  [S]  seq 0   # lost
      203.0  c > s  [S]  seq 0   # lost
      260.0  --  other traffic
    `;
    const { flows, totals, losses } = await compared(text);
    expect(totals).toMatchObject({ both: 2, onlyA: 1, onlyB: 0 });
    expect(flows.at(-1)).toMatchObject({ b: null, verdict: "unanswered", because: { segment: "SYN", fate: "lost" } });
    expect(losses).toEqual([
      { segment: "SYN", sender: "client", fate: "lost", from: "a", connections: 1, segments: 3, never: 1 },
    ]);
  });
});

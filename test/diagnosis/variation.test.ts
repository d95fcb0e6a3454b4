/** Each incident in any size, at any time, over IPv4 and IPv6, among everyday traffic, with or without its beginning, and two at once. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Finding, FindingKind } from "../../src/analysis/model.ts";
import { pcapFile } from "../build/captures.ts";
import { analyzed, runs } from "../laws/analyzing.ts";
import {
  connectionCap,
  dependencyStall,
  everyday,
  idlePool,
  neverAccepted,
  neverClosed,
  neverTouched,
  type Place,
  slowClose,
  V4,
  V6,
} from "./scenes.ts";
import { kindsOf, secondsAt, Traffic, weighty } from "./traffic.ts";

const OBSERVED_SECONDS = 40;

/** 0.7 s after the beginning: connections that are to be in use for a while stand by then. */
const CAPTURE_BEGINS_AT = BigInt(Date.UTC(2026, 0, 1) + 700) * 1_000_000n;

const place = fc.constantFrom(V4, V6);
/** Everyday connections before, during and after, to the same service. */
const healthy = fc.integer({ min: 0, max: 40 });
const seconds = (min: number, max: number) =>
  fc.integer({ min: min * 1000, max: max * 1000 }).map((millis) => millis / 1000);

interface Incident {
  readonly kind: FindingKind;
  readonly holder: (place: Place) => string;
  /** Where the incident happens, what happens, and what must be said of it. */
  readonly plan: fc.Arbitrary<Plan>;
}

interface Plan {
  play(traffic: Traffic, place: Place): void;
  readonly flowCount: number;
  readonly since: number;
  readonly evidence: Readonly<Record<string, unknown>>;
  /** Nothing else is served from then on. */
  readonly stallsAt?: number;
}

const near = (value: number, digits = 2) => expect.closeTo(value, digits);
const serverOf = ({ serverIp }: Place) => serverIp;

const INCIDENTS: readonly Incident[] = [
  {
    kind: "idle-pool",
    holder: ({ clients: [first = ""] }) => first,
    plan: fc.record({ count: fc.integer({ min: 3, max: 30 }), fin: seconds(8, 30) }).map(({ count, fin }) => ({
      play: (traffic, where) => idlePool(traffic, where, count, { fin }),
      flowCount: count,
      since: fin,
      evidence: { connections: count, open: count, idleTimeoutSeconds: null },
    })),
  },
  {
    kind: "never-closed",
    holder: serverOf,
    plan: fc
      .record({ count: fc.integer({ min: 3, max: 20 }), from: seconds(1, 8), every: seconds(0.2, 1.2) })
      .map(({ count, from, every }) => ({
        play: (traffic, where) => neverClosed(traffic, where, count, { from, every }),
        flowCount: count,
        since: from + 0.03,
        evidence: { connections: count, open: count },
      })),
  },
  {
    kind: "slow-close",
    holder: serverOf,
    plan: fc
      .record({ count: fc.integer({ min: 4, max: 20 }), patience: seconds(0.5, 3), more: seconds(0.8, 5) })
      .map(({ count, patience, more }) => ({
        play: (traffic, where) => slowClose(traffic, where, count, { patience, takes: patience + more }),
        flowCount: count,
        since: 1.01 + patience,
        evidence: {
          closed: count,
          open: 0,
          lastsMedianSeconds: near(more),
          clientTimeouts: [{ seconds: near(patience), connections: count }],
        },
      })),
  },
  {
    kind: "never-accepted",
    holder: serverOf,
    plan: fc
      .record({
        count: fc.integer({ min: 3, max: 25 }),
        dropped: fc.integer({ min: 0, max: 4 }),
        from: seconds(4, 15),
        patience: seconds(0.3, 4),
      })
      .map(({ count, dropped, from, patience }) => ({
        play: (traffic, where) => neverAccepted(traffic, where, count, { from, patience, dropped }),
        flowCount: count,
        since: from + 0.01 + patience,
        evidence: { connections: count, unansweredSyns: dropped },
        stallsAt: from,
      })),
  },
  {
    kind: "connection-cap",
    holder: serverOf,
    plan: fc
      .record({ cap: fc.integer({ min: 2, max: 30 }), refused: fc.integer({ min: 4, max: 40 }), from: seconds(2, 8) })
      .map(({ cap, refused, from }) => ({
        play: (traffic, where) => connectionCap(traffic, where, cap, refused, { from }),
        flowCount: refused,
        since: from,
        evidence: { cap, refused, refusedPerSecond: near(4, 1), timeWaitPeak: refused },
      })),
  },
  {
    kind: "never-touched",
    holder: serverOf,
    plan: fc
      .record({
        from: seconds(1, 6),
        period: seconds(0.4, 2),
        first: fc.integer({ min: 0, max: 5 }),
        rounds: fc.integer({ min: 4, max: 8 }),
      })
      .map(({ from, period, first, rounds }) => ({
        play: (traffic, where) =>
          neverTouched(traffic, where, first + rounds + 2, {
            from,
            period,
            untouched: (round) => round >= first && round < first + rounds,
          }),
        flowCount: 2 * rounds,
        since: from + first * period,
        evidence: { untouched: 2 * rounds, probes: 2 * rounds, periodSeconds: near(period) },
      })),
  },
  {
    kind: "dependency-stall",
    holder: serverOf,
    plan: fc
      .record({ size: fc.integer({ min: 3, max: 24 }), onset: seconds(4, 20), more: fc.integer({ min: 0, max: 8 }) })
      .map(({ size, onset, more }) => ({
        play: (traffic, where) => dependencyStall(traffic, where, size, { onset, more }),
        flowCount: size + more,
        since: onset,
        evidence: { poolSize: size, unansweredRequests: size + more, poolConnectionsInUse: 0 },
        stallsAt: onset,
      })),
  },
];

function expectFound(findings: readonly Finding[], { kind, holder }: Incident, plan: Plan, where: Place): void {
  const found = findings.filter((finding) => finding.kind === kind);
  expect(found).toMatchObject([
    { kind, holder: { ip: holder(where) }, flowCount: plan.flowCount, evidence: plan.evidence },
  ]);
  expect(Math.abs((secondsAt(found[0]?.since ?? null) ?? 0) - plan.since)).toBeLessThan(0.5);
}

describe("every incident, in any size and at any time", () => {
  it.each(INCIDENTS.map((incident) => [incident.kind, incident] as const))("%s", async (_, incident) => {
    await fc.assert(
      fc.asyncProperty(place, incident.plan, healthy, async (where, plan, count) => {
        const traffic = new Traffic();
        // The client of a cap has all its connections counted.
        const others = { ...where, clients: where.clients.slice(1, 2) };
        everyday(traffic, others, count, 0.3, (plan.stallsAt ?? OBSERVED_SECONDS) - 0.5);
        plan.play(traffic, where);
        const findings = weighty(await traffic.until(OBSERVED_SECONDS).findings());
        expectFound(findings, incident, plan, where);
        expect(kindsOf(findings)).toEqual([incident.kind]);
      }),
      runs(25),
    );
  });

  it("two at once, at two services", async () => {
    const pair = fc
      .tuple(fc.constantFrom(...INCIDENTS), fc.constantFrom(...INCIDENTS))
      .filter(([one, other]) => one.kind !== other.kind)
      .chain(([one, other]) =>
        fc.record({ one: fc.constant(one), other: fc.constant(other), first: one.plan, second: other.plan }),
      );
    const elsewhere: Place = {
      clients: ["10.1.0.1", "10.1.0.7", "10.1.0.9"],
      server: "10.1.0.2:9000",
      serverIp: "10.1.0.2",
      dependency: "10.1.0.3:5432",
    };
    await fc.assert(
      fc.asyncProperty(pair, async ({ one, other, first, second }) => {
        const traffic = new Traffic();
        first.play(traffic, V4);
        second.play(traffic, elsewhere);
        const findings = weighty(await traffic.until(OBSERVED_SECONDS).findings());
        expectFound(findings, one, first, V4);
        expectFound(findings, other, second, elsewhere);
        expect(findings).toHaveLength(2);
      }),
      runs(40),
    );
  });

  it("with the beginning missing: what was established before is in use, stale or stalled all the same", async () => {
    const survivors: readonly FindingKind[] = ["idle-pool", "never-closed", "dependency-stall"];
    const incidents = INCIDENTS.filter(({ kind }) => survivors.includes(kind));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...incidents).chain((incident) => fc.tuple(fc.constant(incident), incident.plan)),
        place,
        async ([incident, plan], where) => {
          const traffic = new Traffic();
          plan.play(traffic, where);
          const frames = traffic.until(OBSERVED_SECONDS).conversation().frames();
          const late = frames.filter(({ at }) => at >= CAPTURE_BEGINS_AT);
          const { findings } = await analyzed([pcapFile(late, { resolution: "ns" })], { flows: "half-closed" });
          expect(findings.filter(({ kind }) => kind === incident.kind)).toMatchObject([{ flowCount: plan.flowCount }]);
        },
      ),
      runs(30),
    );
  });
});

describe("everyday traffic", () => {
  const day = fc.record({ where: place, count: fc.integer({ min: 1, max: 120 }), until: seconds(1, 30) });

  it("is no finding", async () => {
    await fc.assert(
      fc.asyncProperty(day, async ({ where, count, until }) => {
        const traffic = new Traffic();
        everyday(traffic, where, count, 0, until);
        expect(await traffic.until(until + 1).findings()).toEqual([]);
      }),
      runs(30),
    );
  });

  it("is no more than a remark when the capture loses and doubles packets, or puts them in another order", async () => {
    const fates = fc.array(fc.constantFrom("lost", "late", "twice", ...new Array(40).fill("kept")), {
      minLength: 50,
      maxLength: 50,
    });
    await fc.assert(
      fc.asyncProperty(day, fates, async ({ where, count, until }, fate) => {
        const traffic = new Traffic();
        everyday(traffic, where, count, 0, until);
        const frames = traffic
          .until(until + 5)
          .conversation()
          .frames();
        const told = frames.flatMap((frame, index) => {
          const what = fate[(index * 7) % fate.length];
          const late = { ...frame, at: frame.at + 2_000_000n };
          return what === "lost" ? [] : what === "late" ? [late] : what === "twice" ? [frame, late] : [frame];
        });
        told.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
        const { findings } = await analyzed([pcapFile(told, { resolution: "ns" })], { flows: "half-closed" });
        expect(weighty(findings)).toEqual([]);
      }),
      runs(40),
    );
  });
});

import type { Clock } from "../analysis/clock.ts";
import { toSeconds } from "../analysis/clock.ts";
import { idOf } from "../analysis/flow-name.ts";
import { VERSION } from "../version.ts";
import { type ClockOffset, estimateClock, offsetAt } from "./clock-offset.ts";
import type { FlowView } from "./flow-view.ts";
import { hostsBySide } from "./hosts-by-side.ts";
import { judgeTogether } from "./joint-verdict.ts";
import { discrepanciesOf, type Ground, otherPoint } from "./losses.ts";
import { Matcher, type Pair } from "./matching.ts";
import type { ByPoint, ClockComparison, ComparedFlow, Comparison, Discrepancy, PointName, PointView } from "./model.ts";
import type { PointLog } from "./point-log.ts";
import type { Settlement } from "./settlement.ts";
import { haveOtherEnds, Tally } from "./tally.ts";

/** A round trip is a measurement, too: a segment so much later than expected may still be on its way. */
const MARGIN_NANOS_MIN = 1e6;

/**
 * @param settled the flows of A, and what became of them while B was read
 * @param flows which flows are listed: those in which the points differ, or every one
 */
export function compare(logs: ByPoint<PointLog>, settled: Settlement, flows: "differing" | "every"): Comparison {
  const restB = logs.b.takeViews();
  const { witnesses } = settled;
  const clocks = { a: logs.a.reading.clock, b: logs.b.reading.clock };
  const baseNanos = Number(clocks.b.baseNanos - clocks.a.baseNanos);
  // Without a segment that both saw, clocks are taken to be right.
  const presumed: ClockOffset = { ...UNMEASURED, nanos: -baseNanos };
  const matcher = new Matcher(settled.rest(), restB);
  matchAll(matcher, witnesses, presumed);

  const known = [...witnesses, ...matcher.pairs];
  const clientAt = hostsBySide(known);
  const measured = estimateClock(known, clientAt);
  const ground = groundOf(logs, clocks, measured ?? presumed);
  const tally = new Tally(settled);
  const listed: { readonly order: number; readonly flow: ComparedFlow }[] = [];
  const list = (order: number, differs: boolean, flow: () => ComparedFlow) => {
    if (differs || flows === "every") listed.push({ order, flow: flow() });
  };
  for (const { a, b, matchedBy } of matcher.pairs) {
    const side = clientAt(a, b);
    const found = discrepanciesOf({ a, b }, side, ground);
    tally.addPair(a, b, side, found);
    const differs = found.length > 0 || a.verdict !== b.verdict;
    list(a.order, differs, () => flowOf({ a, b }, matchedBy, side, found, clocks));
  }
  for (const [point, rest] of [["a", matcher.onlyA] as const, ["b", matcher.onlyB] as const]) {
    for (const view of rest) {
      const ends = point === "a" ? { a: view, b: null } : { a: null, b: view };
      const side = clientAt(ends.a, ends.b);
      const lost = lostSyn(ends, view, side, ground);
      tally.addAlone(point, isOutside(point, view, ground), side, lost);
      const order = point === "a" ? view.order : view.order + AFTER_ALL_OF_A;
      list(order, lost.length > 0, () => flowOf(ends, null, side, lost, clocks));
    }
  }
  return {
    schemaVersion: 1,
    tool: { name: "closewait", version: VERSION },
    points: { a: logs.a.report(), b: logs.b.report() },
    clock: measured && clockOf(measured, baseNanos),
    totals: tally.totals,
    losses: tally.losses(),
    flows: listed.sort((x, y) => x.order - y.order).map(({ flow }) => flow),
  };
}

const UNMEASURED: ClockOffset = { nanos: 0, referenceAt: 0, drift: 0, roundTripNanos: null, samples: { a: 0, b: 0 } };

/** Record numbers are smaller. */
const AFTER_ALL_OF_A = 2 ** 52;

/** By numbers first: they tell how the clocks differ, which the others need. */
function matchAll(matcher: Matcher, witnesses: readonly Pair[], presumed: ClockOffset): void {
  matcher.matchByNumbers();
  const sure = [...witnesses, ...matcher.pairs];
  const preliminary = estimateClock(sure, hostsBySide(sure)) ?? presumed;
  matcher.matchByTime((at) => at + offsetAt(preliminary, at));
  if (sure.length === 0 && matcher.pairs.length === 0) matcher.matchByAddresses();
}

function groundOf(logs: ByPoint<PointLog>, clocks: ByPoint<Clock>, offset: ClockOffset): Ground {
  return {
    clocks,
    watches: { a: logs.a.watched(), b: logs.b.watched() },
    translate: (at, from) => (from === "a" ? at + offsetAt(offset, at) : at - offsetAt(offset, at - offset.nanos)),
    marginNanos: Math.max(MARGIN_NANOS_MIN, offset.roundTripNanos ?? 0),
  };
}

/** The other point was not capturing at the time. */
function isOutside(point: PointName, view: FlowView, { watches, translate, marginNanos }: Ground): boolean {
  const { from, until } = watches[otherPoint(point)];
  const [first, last] = [translate(view.firstAt, point), translate(view.lastAt, point)];
  return last < from + marginNanos || first > until - marginNanos;
}

/** Of a connection that one point saw: its SYN may have been lost on the way. What is answered came by another way, or past a filter. */
function lostSyn(
  views: ByPoint<FlowView | null>,
  { ends: { client, server } }: FlowView,
  side: PointName | null,
  ground: Ground,
): Discrepancy[] {
  if (client.syn === null || (client.segments > 0 && server.segments > 0)) return [];
  const found = discrepanciesOf(views, side, ground);
  return found.filter(({ segment, fate }) => segment === "SYN" && fate !== "not-captured");
}

function flowOf(
  { a, b }: ByPoint<FlowView | null>,
  matchedBy: ComparedFlow["matchedBy"],
  clientAt: PointName | null,
  discrepancies: ComparedFlow["discrepancies"],
  clocks: ByPoint<Clock>,
): ComparedFlow {
  const seen = [a, b].filter((view) => view !== null);
  return {
    a: a && pointView(a, clocks.a),
    b: b && pointView(b, clocks.b),
    matchedBy,
    ...judgeTogether(seen, discrepancies),
    clientAt,
    discrepancies,
  };
}

function pointView({ ends: { client, server }, firstAt, verdict, status }: FlowView, clock: Clock): PointView {
  const name = { clientIp: client.ip, clientPort: client.port, serverIp: server.ip, serverPort: server.port, firstAt };
  return {
    id: idOf(name, clock),
    client: { ip: client.ip, port: client.port },
    server: { ip: server.ip, port: server.port },
    verdict,
    status,
    segments: { client: client.segments, server: server.segments },
  };
}

function clockOf({ nanos, drift, roundTripNanos, samples }: ClockOffset, baseNanos: number): ClockComparison {
  return {
    offsetSeconds: toSeconds(nanos + baseNanos),
    uncertaintySeconds: roundTripNanos === null ? null : toSeconds(roundTripNanos / 2),
    roundTripSeconds: roundTripNanos === null ? null : toSeconds(roundTripNanos),
    driftPpm: drift === 0 ? null : drift * 1e6,
    samples,
  };
}

export function isTranslated({ a, b }: ComparedFlow): boolean {
  return a !== null && b !== null && haveOtherEnds(a, b);
}

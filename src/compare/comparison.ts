import type { Clock } from "../analysis/clock.ts";
import { toSeconds } from "../analysis/clock.ts";
import { endpointText, idOf } from "../analysis/flow-name.ts";
import type { Side } from "../analysis/model.ts";
import { VERSION } from "../version.ts";
import { type ClockOffset, estimateClock, offsetAt } from "./clock-offset.ts";
import type { FlowView } from "./flow-view.ts";
import { hostsBySide } from "./hosts-by-side.ts";
import { judgeTogether } from "./joint-verdict.ts";
import { discrepanciesOf, type Ground, otherPoint } from "./losses.ts";
import { Matcher } from "./matching.ts";
import type {
  ByPoint,
  ClockComparison,
  ComparedFlow,
  CompareTotals,
  Comparison,
  LossTotal,
  PointName,
  PointView,
} from "./model.ts";
import type { PointLog } from "./point-log.ts";

/** A round trip is a measurement, too: a segment so much later than expected may still be on its way. */
const MARGIN_NANOS_MIN = 1e6;

/** @param flows which flows are listed: those in which the points differ, or every one */
export function compare(logs: ByPoint<PointLog>, flows: "differing" | "every"): Comparison {
  const views = { a: logs.a.views(), b: logs.b.views() };
  const matcher = new Matcher(views.a, views.b);
  matcher.matchByNumbers();
  const clocks = { a: logs.a.reading.clock, b: logs.b.reading.clock };
  const baseNanos = Number(clocks.b.baseNanos - clocks.a.baseNanos);
  // Without a segment that both saw, clocks are taken to be right.
  const presumed: ClockOffset = { ...UNMEASURED, nanos: -baseNanos };
  const preliminary = estimateClock(matcher.pairs, hostsBySide(matcher.pairs)) ?? presumed;
  matcher.matchByTime((at) => at + offsetAt(preliminary, at));
  if (matcher.pairs.length === 0) matcher.matchByAddresses();

  const clientAt = hostsBySide(matcher.pairs);
  const measured = estimateClock(matcher.pairs, clientAt);
  const ground = groundOf(logs, clocks, measured ?? presumed);
  const both = matcher.pairs.map(({ a, b, matchedBy }) => {
    const side = clientAt(a, b);
    const discrepancies = discrepanciesOf({ a, b }, side, ground);
    return { order: a.order, flow: flowOf({ a, b }, matchedBy, side, discrepancies, clocks) };
  });
  const onlyA = matcher.onlyA.map((a) => alone("a", a, clientAt(a, null), ground));
  const onlyB = matcher.onlyB.map((b) => alone("b", b, clientAt(null, b), ground));
  const listed = [...both, ...onlyA].sort((x, y) => x.order - y.order).map(({ flow }) => flow);
  const all = [...listed, ...onlyB.map(({ flow }) => flow)];
  return {
    schemaVersion: 1,
    tool: { name: "closewait", version: VERSION },
    points: { a: logs.a.report(views.a.length), b: logs.b.report(views.b.length) },
    clock: measured && clockOf(measured, baseNanos),
    totals: totalsOf(
      both.map(({ flow }) => flow),
      onlyA,
      onlyB,
    ),
    losses: lossesOf(all),
    flows: flows === "every" ? all : all.filter(differs),
  };
}

const UNMEASURED: ClockOffset = { nanos: 0, referenceAt: 0, drift: 0, roundTripNanos: null, samples: { a: 0, b: 0 } };

/** Seen at both points and told differently, or seen at one with a segment that was lost. */
export function differs({ a, b, discrepancies }: ComparedFlow): boolean {
  return discrepancies.length > 0 || (a !== null && b !== null && a.verdict !== b.verdict);
}

function groundOf(logs: ByPoint<PointLog>, clocks: ByPoint<Clock>, offset: ClockOffset): Ground {
  return {
    clocks,
    watches: { a: logs.a.watched(), b: logs.b.watched() },
    translate: (at, from) => (from === "a" ? at + offsetAt(offset, at) : at - offsetAt(offset, at - offset.nanos)),
    marginNanos: Math.max(MARGIN_NANOS_MIN, offset.roundTripNanos ?? 0),
  };
}

interface Alone {
  readonly order: number;
  readonly flow: ComparedFlow;
  /** The other point was not capturing at the time. */
  readonly outside: boolean;
}

/** A connection of one point only: its SYN may have been lost on the way, or it came by another. */
function alone(point: PointName, view: FlowView, side: PointName | null, ground: Ground): Alone {
  const views = { a: point === "a" ? view : null, b: point === "b" ? view : null };
  const { from, until } = ground.watches[otherPoint(point)];
  const [first, last] = [ground.translate(view.firstAt, point), ground.translate(view.lastAt, point)];
  const outside = last < from + ground.marginNanos || first > until - ground.marginNanos;
  // Whatever is answered went past the other point unseen: nothing of it was lost there.
  const onesided = view.ends.client.segments === 0 || view.ends.server.segments === 0;
  const discrepancies = onesided && view.ends.client.syn !== null ? discrepanciesOf(views, side, ground) : [];
  const lost = discrepancies.filter(({ segment, fate }) => segment === "SYN" && fate !== "not-captured");
  return { order: view.order, flow: flowOf(views, null, side, lost, ground.clocks), outside };
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

function totalsOf(both: readonly ComparedFlow[], onlyA: readonly Alone[], onlyB: readonly Alone[]): CompareTotals {
  const inside = (alone: readonly Alone[]) => alone.filter(({ outside }) => !outside).length;
  return {
    both: both.length,
    translated: both.filter(isTranslated).length,
    onlyA: inside(onlyA),
    onlyB: inside(onlyB),
    outside: onlyA.length + onlyB.length - inside(onlyA) - inside(onlyB),
    withDiscrepancy: both.filter(({ discrepancies }) => discrepancies.length > 0).length,
    verdictsDiffer: both.filter(({ a, b }) => a?.verdict !== b?.verdict).length,
  };
}

export function isTranslated({ a, b }: ComparedFlow): boolean {
  if (a === null || b === null) return false;
  return (["client", "server"] as Side[]).some(
    (side) => endpointText(a[side].ip, a[side].port) !== endpointText(b[side].ip, b[side].port),
  );
}

function lossesOf(flows: readonly ComparedFlow[]): LossTotal[] {
  const totals = new Map<string, { -readonly [Field in keyof LossTotal]: LossTotal[Field] }>();
  for (const { clientAt, discrepancies } of flows) {
    for (const { segment, sender, fate, seenAt, copies, arrivedLater } of discrepancies) {
      const from = clientAt === null ? seenAt : sender === "client" ? clientAt : otherPoint(clientAt);
      const key = `${segment} ${sender} ${fate} ${from}`;
      const total = totals.get(key) ?? { segment, sender, fate, from, connections: 0, segments: 0, never: 0 };
      totals.set(key, total);
      total.connections++;
      total.segments += Math.abs(copies.a - copies.b);
      if (!arrivedLater) total.never++;
    }
  }
  return [...totals.values()].sort((x, y) => y.connections - x.connections || compareText(keyOf(x), keyOf(y)));
}

const keyOf = ({ segment, sender, fate, from }: LossTotal): string => `${segment} ${sender} ${fate} ${from}`;
const compareText = (x: string, y: string): number => (x < y ? -1 : x > y ? 1 : 0);

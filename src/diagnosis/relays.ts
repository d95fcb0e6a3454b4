import { endpointText } from "../analysis/flow-name.ts";
import { type HalfCloseCase, holderPort } from "./case.ts";
import { aboutHalfCloses, type Draft, earliest, latest, wasNotClosed } from "./draft.ts";
import { holderName } from "./never-closed.ts";
import { groupBy, medianOf } from "./statistics.ts";
import { countOf, durationText, secondsOf } from "./words.ts";

/** A relay passes a FIN on within so long: 30 to 100 µs on an idle host. */
const PASSED_ON_NANOS_MAX = 50e6;
const PASSED_ON_NANOS_TYPICAL = 10e6;

/** A single pair may be chance, unless it is this close. */
const PAIR_NANOS_MAX = 1e6;

/** So much of what a holder holds must be passed on. */
const SHARE_MIN = 0.8;

/** What would come about by chance so often is none. */
const CHANCE_MAX = 0.05;

/** The half-closes of relays, each with the one that it was passed on to. */
export type Relays = ReadonlyMap<HalfCloseCase, HalfCloseCase>;

/**
 * A proxy's FIN to its other side follows the FIN it received at once. When that side never closes, the proxy waits on both legs: it holds
 * the first half-close, and is the closer of the second.
 */
export function findRelays(halfCloses: readonly HalfCloseCase[]): Relays {
  const open = halfCloses.filter(wasNotClosed);
  const passedOn = new Map<string, HalfCloseCase[]>();
  for (const [ip, cases] of groupBy(open, ({ closerIp }) => closerIp)) {
    passedOn.set(
      ip,
      cases.sort((a, b) => a.fin.at - b.fin.at),
    );
  }
  const relays = new Map<HalfCloseCase, HalfCloseCase>();
  for (const group of groupBy(open, holderName).values()) {
    const [{ holderIp, holderRole }] = group as [HalfCloseCase, ...HalfCloseCase[]];
    // A relay is the server of one leg and the client of the other.
    const far = (passedOn.get(holderIp) ?? []).filter((one) => one.holderRole === holderRole);
    const pairs = pairsOf(group, far);
    const delay = medianOf(pairs.map(([near, far]) => far.fin.at - near.fin.at));
    const limit = pairs.length === 1 ? PAIR_NANOS_MAX : PASSED_ON_NANOS_TYPICAL;
    if (pairs.length < SHARE_MIN * group.length || delay > limit || isChance(pairs, delay)) continue;
    for (const [near, far] of pairs) relays.set(near, far);
  }
  return relays;
}

/** Whether so many pairs would come about if the relay's address closed connections at any time. */
function isChance(pairs: readonly [HalfCloseCase, HalfCloseCase][], delayNanos: number): boolean {
  const fins = pairs.map(([, { fin }]) => fin.at);
  const span = Math.max(1, latest(fins) - earliest(fins));
  const chanceOfOne = 1 - Math.exp(-(pairs.length / span) * delayNanos);
  return pairs.length > 1 && chanceOfOne ** pairs.length > CHANCE_MAX;
}

/** Each with the first that was passed on right after it; none twice. */
function pairsOf(near: readonly HalfCloseCase[], far: readonly HalfCloseCase[]): [HalfCloseCase, HalfCloseCase][] {
  const pairs: [HalfCloseCase, HalfCloseCase][] = [];
  let next = 0;
  for (const one of [...near].sort((a, b) => a.fin.at - b.fin.at)) {
    while (next < far.length && (far[next]?.fin.at ?? 0) < one.fin.at) next++;
    const other = far[next];
    if (other === undefined || other.fin.at - one.fin.at > PASSED_ON_NANOS_MAX) continue;
    pairs.push([one, other]);
    next++;
  }
  return pairs;
}

/** What is said of the relays: victims of what was found about the far end. */
export function victimsOf(relays: Relays, found: readonly Draft[]): Draft[] {
  const causes = new Map(found.flatMap((draft) => draft.explains.map((one) => [one, draft] as const)));
  const groups = groupBy([...relays], ([near, far]) => `${holderName(near)} ${holderName(far)}`);
  return [...groups.values()].flatMap((pairs) => {
    const [[near, far]] = pairs as [[HalfCloseCase, HalfCloseCase], ...[HalfCloseCase, HalfCloseCase][]];
    const cause = causes.get(far);
    if (cause === undefined) return [];
    const port = holderPort(near);
    const where = port === null ? near.holderIp : endpointText(near.holderIp, port);
    const target = { ip: far.holderIp, port: far.holderRole === "server" ? far.name.serverPort : far.name.clientPort };
    const delay = medianOf(pairs.map(([one, other]) => other.fin.at - one.fin.at));
    const cases = pairs.map(([one]) => one);
    return [
      {
        kind: cause.kind,
        severity: "low" as const,
        confidence: pairs.length > 1 ? ("high" as const) : ("medium" as const),
        holder: { ip: near.holderIp, port },
        relayedTo: target,
        since: earliest(cases.map(({ since }) => since)),
        until: null,
        summary: `${where} holds ${countOf(cases.length, "connection")} only because ${endpointText(target.ip, target.port)} does not close: it passed each FIN on within ${durationText(delay)} and waits for the answer. It is a victim.`,
        evidence: { connections: cases.length, passedOnAfterSeconds: secondsOf(delay) },
        alternatives: [],
        ...aboutHalfCloses(cases),
      },
    ];
  });
}

/** Who passes on what this finding is about, for the finding about the far end. */
export function relayedBy(
  relays: Relays,
  { explains }: Draft,
): { ip: string; port: number | null; connections: number }[] {
  const explained = new Set(explains);
  const near = [...relays].filter(([, far]) => explained.has(far)).map(([one]) => one);
  return [...groupBy(near, holderName).values()].map((cases) => ({
    ip: (cases[0] as HalfCloseCase).holderIp,
    port: holderPort(cases[0] as HalfCloseCase),
    connections: cases.length,
  }));
}

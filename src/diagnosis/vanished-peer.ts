import { type Case, isHalfClose } from "./case.ts";
import { countBy, type Detector, type Draft, type Files, latest, type Proof, troubleProof } from "./draft.ts";
import { groupBy } from "./statistics.ts";
import { countOf, durationText, listText } from "./words.ts";

/** Who sent nothing for so long while others tried to reach it was not just slow. */
export const SILENT_NANOS_MIN = 2e9;

/**
 * Segments, FINs or keep-alive probes that went unanswered, and nothing came from that address any more.
 *
 * Deliberately not reported: an address that goes on sending on other connections (a path, or a firewall: fin-unacked tells of that),
 * single retransmissions, and a peer that is silent because nobody asked it.
 */
export const vanishedPeer: Detector = (files) =>
  [...goneAddresses(files)].map(([ip, { cases, lastHeardAt }]) =>
    vanished(ip, cases, lastHeardAt, latest(cases.map(({ until }) => until))),
  );

interface Gone {
  readonly lastHeardAt: number;
  /** What went unanswered since. */
  readonly cases: readonly Case[];
}

/** Addresses of which nothing came any more, although others tried to reach them. */
export function goneAddresses(files: Files): Map<string, Gone> {
  const unanswered: Case[] = [
    ...files.troubles.filter(({ trouble }) => trouble === "no-answer" || trouble === "fin-unacked"),
    ...files.halfCloses.filter(({ resetCause }) => resetCause === "keepalive-timeout"),
  ];
  if (unanswered.length === 0) return new Map();
  const heard = lastHeard(files);
  const gone = new Map<string, Gone>();
  for (const [ip, all] of groupBy(unanswered, silentIp)) {
    const lastHeardAt = heard.get(ip) ?? Number.NEGATIVE_INFINITY;
    // What went unanswered before the last sign of life had another reason.
    const cases = all.filter(({ until }) => until - lastHeardAt >= SILENT_NANOS_MIN);
    if (cases.length > 0) gone.set(ip, { lastHeardAt, cases });
  }
  return gone;
}

const silentIp = (one: Case): string => (isHalfClose(one) ? one.closerIp : one.silentIp);
const speakerIp = (one: Case): string => (isHalfClose(one) ? one.holderIp : one.speakerIp);

/** When each address was last heard of, on any connection. */
export function lastHeard({ services }: Files): Map<string, number> {
  const heard = new Map<string, number>();
  const note = (ip: string, at: number) => heard.set(ip, Math.max(at, heard.get(ip) ?? at));
  for (const service of services) {
    note(service.ip, service.lastHeardAt);
    for (const caller of service.callers.values()) note(caller.ip, caller.lastHeardAt);
  }
  return heard;
}

function vanished(ip: string, cases: readonly Case[], lastHeardAt: number, lastAttempt: number): Draft {
  const peers = countBy(cases, speakerIp);
  const keepAlive = cases.filter((one) => isHalfClose(one) || one.keepAlive).length;
  const fins = cases.filter((one) => isHalfClose(one) || one.trouble === "fin-unacked").length;
  return {
    kind: "vanished-peer",
    severity: cases.length >= 3 ? "medium" : "low",
    confidence: "medium",
    holder: { ip, port: null },
    peers,
    since: lastHeardAt,
    until: null,
    summary: `Nothing came from ${ip} any more, on any connection, while ${countOf(cases.length, "connection")} of ${listText([...peers.keys()])} went on trying for ${durationText(lastAttempt - lastHeardAt)}: it is gone, or out of reach.`,
    evidence: {
      connections: cases.length,
      keepAliveUnanswered: keepAlive,
      withFin: fins,
      triedForSeconds: (lastAttempt - lastHeardAt) / 1e9,
    },
    alternatives: ["a path that is broken in both directions, or in the direction of the capture point"],
    proofs: cases.map(proofOf),
    flowCount: cases.length,
    explains: [],
  };
}

function proofOf(one: Case): Proof {
  if (!isHalfClose(one)) return troubleProof(one);
  return {
    name: one.name,
    frames: [
      { shows: "FIN", sighting: one.fin },
      { shows: "gave up", sighting: one.end ?? one.finAck },
    ],
  };
}

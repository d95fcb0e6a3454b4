import { endpointText } from "../analysis/flow-name.ts";
import { type Case, isHalfClose, type TroubleCase } from "./case.ts";
import {
  countBy,
  type Detector,
  type Draft,
  earliest,
  type Files,
  latest,
  type Proof,
  severityOf,
  troubleProof,
} from "./draft.ts";
import { groupBy } from "./statistics.ts";
import { countOf, durationText, numberText } from "./words.ts";

/** Who sent nothing for so long while others tried to reach it was not just slow. */
const SILENT_NANOS_MIN = 2e9;

/**
 * Segments, FINs or keep-alive probes that went unanswered, and nothing came from that address any more.
 *
 * Deliberately not reported: an address that goes on sending on other connections (a path, or a firewall: fin-unacked tells of that),
 * single retransmissions, and a peer that is silent because nobody asked it.
 */
export const vanishedPeer: Detector = (files) => {
  const heard = lastHeard(files);
  const unanswered: Case[] = [
    ...files.troubles.filter(({ trouble }) => trouble === "no-answer" || trouble === "fin-unacked"),
    ...files.halfCloses.filter(({ resetCause }) => resetCause === "keepalive-timeout"),
  ];
  return [...groupBy(unanswered, silentIp)].flatMap(([ip, cases]) => {
    const lastAttempt = latest(cases.map(({ until }) => until));
    const lastHeardAt = heard.get(ip) ?? Number.NEGATIVE_INFINITY;
    if (lastAttempt - lastHeardAt < SILENT_NANOS_MIN) return [];
    return [vanished(ip, cases, lastHeardAt, lastAttempt)];
  });
};

const silentIp = (one: Case): string => (isHalfClose(one) ? one.closerIp : one.silentIp);
const speakerIp = (one: Case): string => (isHalfClose(one) ? one.holderIp : one.speakerIp);

/** When each address was last heard of, on any connection. */
function lastHeard({ services }: Files): Map<string, number> {
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
    summary: `${ip} is gone: nothing came from it any more, while ${countOf(cases.length, "connection")} of ${[...peers.keys()].slice(0, 3).join(", ")} went on trying for ${durationText(lastAttempt - lastHeardAt)}.`,
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

/**
 * FINs that were sent again and again and never acknowledged, by somebody who is there.
 *
 * Deliberately not reported: fewer than three copies (loss), FINs of the last seconds, and captures of one direction.
 */
export const finUnacked: Detector = (files) => {
  const heard = lastHeard(files);
  const unacked = files.troubles.filter(
    ({ trouble, silentIp: ip, until }) =>
      trouble === "fin-unacked" && until - (heard.get(ip) ?? Number.NEGATIVE_INFINITY) < SILENT_NANOS_MIN,
  );
  return [...groupBy(unacked, (one) => one.silentIp)].map(([ip, cases]) => ({
    kind: "fin-unacked" as const,
    severity: cases.length >= 3 ? ("medium" as const) : ("low" as const),
    confidence: "medium" as const,
    holder: { ip, port: null },
    peers: countBy(cases, (one) => one.speakerIp),
    since: earliest(cases.map(({ since }) => since)),
    until: null,
    summary: `${countOf(cases.length, "FIN")} to ${ip} ${cases.length === 1 ? "was" : "were"} never acknowledged, although sent up to ${latest(cases.map(({ attempts }) => attempts))} times: a path that is broken in one direction, or a firewall, not CLOSE-WAIT.`,
    evidence: { connections: cases.length, copiesMax: latest(cases.map(({ attempts }) => attempts)) },
    alternatives: [
      "a host whose receive buffer is full (zero window)",
      "acknowledgments that passed by the capture point",
    ],
    proofs: cases.map(proofOf),
    flowCount: cases.length,
    explains: [],
  }));
};

/**
 * Handshakes whose third ACK the server's kernel dropped: its accept queue was full (rules 13 and 26).
 *
 * Deliberately not reported: a SYN-ACK that was sent again because the third ACK was lost (what the client sends is acknowledged then),
 * and SYNs without an answer, which a firewall drops as well.
 */
export const acceptQueueOverflow: Detector = ({ troubles }) =>
  [
    ...groupBy(
      troubles.filter(({ trouble }) => trouble === "queue-full"),
      ({ service }) => service,
    ),
  ].map(([service, cases]) => {
    const bytes = cases.reduce((sum, one) => sum + one.bytes, 0);
    const dropped = troubles.filter((one) => one.service === service && one.trouble === "syn-unanswered").length;
    return {
      kind: "accept-queue-overflow" as const,
      severity: severityOf(cases.length),
      confidence: cases.some((one) => one.bytes > 0) ? ("high" as const) : ("medium" as const),
      holder: { ip: service.ip, port: service.port },
      peers: countBy(cases, (one) => one.speakerIp),
      since: earliest(cases.map(({ openedAt }) => openedAt)),
      until: null,
      summary: `The accept queue of ${endpointText(service.ip, service.port)} is full: ${countOf(cases.length, "client")} believed to be connected, and ${numberText(bytes)} bytes they sent were never acknowledged${dropped > 0 ? `; ${countOf(dropped, "further SYN")} got no answer` : ""}.`,
      evidence: { connections: cases.length, unacknowledgedBytes: bytes, unansweredSyns: dropped },
      alternatives: [
        "a firewall, or a path, that drops what follows the handshake",
        ...(cases.some((one) => one.bytes > 0)
          ? []
          : ["TCP_DEFER_ACCEPT: without data of the client it looks the same"]),
      ],
      proofs: cases.map(proofOf),
      flowCount: cases.length,
      explains: cases,
    };
  });

/** New connections that met a socket in CLOSE-WAIT and got no answer (rule 8). */
export const blockedByHalfClosed: Detector = ({ troubles }) =>
  [
    ...groupBy(
      troubles.filter(({ trouble }) => trouble === "blocked"),
      ({ service }) => service,
    ),
  ].map(([service, cases]: [unknown, TroubleCase[]]) => {
    const { ip, port } = service as { ip: string; port: number };
    return {
      kind: "blocked-by-half-closed" as const,
      severity: "medium" as const,
      confidence: "high" as const,
      holder: { ip, port },
      peers: countBy(cases, (one) => one.speakerIp),
      since: earliest(cases.map(({ since }) => since)),
      until: null,
      summary: `${countOf(cases.length, "connection attempt")} to ${endpointText(ip, port)} met a socket that is still in CLOSE-WAIT from the same port, and ${cases.length === 1 ? "was" : "were"} never answered: users see connect time-outs.`,
      evidence: { attempts: cases.length, syns: cases.reduce((sum, { attempts }) => sum + attempts, 0) },
      alternatives: [],
      proofs: cases.map(proofOf),
      flowCount: cases.length,
      explains: [],
    };
  });

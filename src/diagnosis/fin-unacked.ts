import { countBy, type Detector, earliest, latest, troubleProof } from "./draft.ts";
import { groupBy } from "./statistics.ts";
import { lastHeard, SILENT_NANOS_MIN } from "./vanished-peer.ts";
import { countOf } from "./words.ts";

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
    proofs: cases.map(troubleProof),
    flowCount: cases.length,
    explains: [],
  }));
};

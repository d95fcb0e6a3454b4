import { endpointText } from "../analysis/flow-name.ts";
import { countBy, type Detector, earliest, troubleProof } from "./draft.ts";
import { groupBy } from "./statistics.ts";
import { countOf } from "./words.ts";

/**
 * New connections that met a socket in CLOSE-WAIT and got no answer (rule 8).
 *
 * Deliberately not reported: connections that the challenge ACK and the RST cleared the way for; they cost a second and go on.
 */
export const blockedByHalfClosed: Detector = ({ troubles }) =>
  [
    ...groupBy(
      troubles.filter(({ trouble }) => trouble === "blocked"),
      ({ service }) => service,
    ),
  ].map(([{ ip, port }, cases]) => {
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
      proofs: cases.map(troubleProof),
      flowCount: cases.length,
      explains: [],
    };
  });

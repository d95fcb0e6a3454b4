import { endpointText } from "../analysis/flow-name.ts";
import { countBy, type Detector, earliest, severityOf, troubleProof } from "./draft.ts";
import { groupBy } from "./statistics.ts";
import { countOf, numberText } from "./words.ts";

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
    // With SYN cookies no SYN-ACK comes again, but neither does one where a path drops what follows the handshake.
    const isProved = bytes > 0 && cases.some(({ synAckRepeated }) => synAckRepeated);
    const sent =
      bytes > 0 ? `${numberText(bytes)} bytes they sent were never acknowledged` : "their FINs were never acknowledged";
    const dropped = troubles.filter((one) => one.service === service && one.trouble === "syn-unanswered").length;
    return {
      kind: "accept-queue-overflow" as const,
      severity: severityOf(cases.length),
      confidence: isProved ? ("high" as const) : ("medium" as const),
      holder: { ip: service.ip, port: service.port },
      peers: countBy(cases, (one) => one.speakerIp),
      since: earliest(cases.map(({ openedAt }) => openedAt)),
      until: null,
      summary: `The accept queue of ${endpointText(service.ip, service.port)} ${isProved ? "is" : "seems to be"} full: ${countOf(cases.length, "client")} believed to be connected, and ${sent}${dropped > 0 ? `; ${countOf(dropped, "further SYN")} got no answer` : ""}.`,
      evidence: { connections: cases.length, unacknowledgedBytes: bytes, unansweredSyns: dropped },
      alternatives: [
        "a firewall, or a path, that drops what follows the handshake",
        ...(bytes > 0 ? [] : ["TCP_DEFER_ACCEPT: without data of the client it looks the same"]),
      ],
      proofs: cases.map(troubleProof),
      flowCount: cases.length,
      explains: cases,
    };
  });

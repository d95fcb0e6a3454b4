import { endpointText } from "../analysis/flow-name.ts";
import type { Endpoint, Flow, HalfClose, Side } from "../analysis/model.ts";

/** A record of the source. */
export interface Place {
  readonly capture: number;
  readonly frame: number;
}

/** What one record proves; `frameOf` names other records as the reader of the comment finds them. */
export interface Evidence {
  readonly place: Place;
  readonly comment: (frameOf: (place: Place) => string) => string;
}

/** One number for a record of the whole input. */
export const markOf = ({ capture, frame }: Place): number => capture * 2 ** 32 + frame;

/** How addresses are written: as they are, or as they are anonymized. */
export type EndpointWriter = (endpoint: Endpoint) => string;

export const plainEndpoint: EndpointWriter = ({ ip, port }) => endpointText(ip, port);

/** What the verdict of a flow rests on, record by record. */
export function evidenceOf(flow: Flow, write: EndpointWriter): Evidence[] {
  const { halfClose, closer, holder } = flow;
  if (halfClose !== null && closer !== null && holder !== null) {
    return halfCloseEvidence(halfClose, closer, { closer: write(flow[closer]), holder: write(flow[holder]) });
  }
  if (flow.reset === null) return [];
  const { sender } = flow.reset;
  return [{ place: flow.reset, comment: () => `RST from ${write(flow[sender])}: the connection is reset` }];
}

interface Names {
  readonly closer: string;
  readonly holder: string;
}

function halfCloseEvidence(halfClose: HalfClose, closerSide: Side, names: Names): Evidence[] {
  const { fin, finAck, end } = halfClose;
  const { closer, holder } = names;
  const evidence: Evidence[] = [
    {
      place: fin,
      comment: (frameOf) =>
        `FIN from ${closer}, acknowledged in ${frameOf(finAck)}, ${endText(halfClose, names, frameOf)}`,
    },
    {
      place: finAck,
      comment: (frameOf) =>
        `ACK of the FIN in ${frameOf(fin)}: ${holder} knows that ${closer} will send no more, and is in CLOSE-WAIT until it closes`,
    },
  ];
  if (end === null) return evidence;
  const sender = end.sender === closerSide ? closer : holder;
  const what = { fin: "FIN", reset: "RST", reuse: end.cause === null ? "SYN" : "RST" }[end.by];
  evidence.push({
    place: end,
    comment: (frameOf) =>
      `${what} from ${sender} ends the CLOSE-WAIT of ${holder} ${lasted(halfClose)} after the FIN in ${frameOf(fin)}${cause(end.cause)}`,
  });
  const { answers } = end;
  if (answers !== null && end.cause === "write-after-close") {
    evidence.push({
      place: answers,
      comment: (frameOf) =>
        `written by ${holder} after the FIN of ${closer} in ${frameOf(fin)}: answered by the RST in ${frameOf(end)}`,
    });
  }
  return evidence;
}

function endText(halfClose: HalfClose, { holder }: Names, frameOf: (place: Place) => string): string {
  const { end, status } = halfClose;
  if (end === null && status === "draining") return `not yet answered by ${holder}, which still sends`;
  if (end === null && status === "recent") return `not yet answered by ${holder} where the capture ends`;
  if (end === null) return `never answered by ${holder}`;
  if (end.by === "fin") return `answered by the FIN of ${holder} in ${frameOf(end)} after ${lasted(halfClose)}`;
  const how = end.by === "reuse" ? "its port was used again in" : "ended by the RST in";
  return `never answered by ${holder}; ${how} ${frameOf(end)} after ${lasted(halfClose)}`;
}

const lasted = ({ seconds }: HalfClose): string => `${Number(seconds.toPrecision(6))} s`;

const cause = (found: string | null): string => (found === null ? "" : ` (${found})`);

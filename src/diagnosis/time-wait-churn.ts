import { endpointText } from "../analysis/flow-name.ts";
import type { Detector } from "./draft.ts";
import { countOf, numberText } from "./words.ts";

/** Linux's net.ipv4.ip_local_port_range: 32768 to 60999. A client has so many ports for one server endpoint. */
const LOCAL_PORT_COUNT = 28_232;

/** Of them in TIME-WAIT. */
const SHARE_WORTH_A_REMARK = 0.2;
const SHARE_DANGEROUS = 0.5;

/**
 * A client opens and closes connections to one endpoint so fast that their TIME-WAIT sockets fill its port range.
 *
 * Deliberately not reported: TIME-WAIT on the server's side, which costs a little memory and no ports, and any rate that leaves most
 * ports free.
 */
export const timeWaitChurn: Detector = ({ services, timeWaitNanos, observedUntil }) =>
  services.flatMap((service) =>
    [...service.callers.values()].flatMap((caller) => {
      const { closedByClient, firstCloseAt, lastCloseAt } = caller;
      const seconds = (lastCloseAt - firstCloseAt) / 1e9;
      const atOnce = closedByClient * Math.min(1, timeWaitNanos / Math.max(1, lastCloseAt - firstCloseAt));
      const share = atOnce / LOCAL_PORT_COUNT;
      if (share < SHARE_WORTH_A_REMARK) return [];
      const where = endpointText(service.ip, service.port);
      return [
        {
          kind: "time-wait-churn" as const,
          severity: share >= SHARE_DANGEROUS ? ("medium" as const) : ("low" as const),
          confidence: "medium" as const,
          holder: { ip: caller.ip, port: null },
          peers: new Map([[service.ip, closedByClient]]),
          since: firstCloseAt,
          until: observedUntil - lastCloseAt > timeWaitNanos ? lastCloseAt : null,
          summary: `${caller.ip} (client) closed ${countOf(closedByClient, "connection")} to ${where} within ${numberText(seconds)} s: about ${numberText(atOnce)} sockets in TIME-WAIT, ${Math.round(share * 100)} % of its usual port range.`,
          evidence: { closed: closedByClient, seconds, timeWaitPeak: Math.round(atOnce), portRangeShare: share },
          alternatives: ["several clients behind that address (NAT): each has ports of its own"],
          proofs: [],
          flowCount: closedByClient,
          explains: [],
        },
      ];
    }),
  );

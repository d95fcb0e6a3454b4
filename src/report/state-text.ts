import type { StateName } from "../analysis/model.ts";

/** States as `ss` prints them, in the order in which a connection may pass through them. */
const SS_NAMES: Readonly<Record<StateName, string>> = {
  LISTEN: "LISTEN",
  "SYN-SENT": "SYN-SENT",
  "SYN-RECEIVED": "SYN-RECV",
  ESTABLISHED: "ESTAB",
  "FIN-WAIT-1": "FIN-WAIT-1",
  "FIN-WAIT-2": "FIN-WAIT-2",
  "CLOSE-WAIT": "CLOSE-WAIT",
  CLOSING: "CLOSING",
  "LAST-ACK": "LAST-ACK",
  "TIME-WAIT": "TIME-WAIT",
  CLOSED: "UNCONN",
};

/** The states of a socket that packets can show: listening ones send none, and closed ones are no sockets. */
export const SOCKET_STATES: readonly StateName[] = (Object.keys(SS_NAMES) as StateName[]).filter(
  (state) => state !== "LISTEN" && state !== "CLOSED",
);

export function ssName(state: StateName): string {
  return SS_NAMES[state];
}

/** The mark of a state that no packet shows, and what it means. */
export const ASSUMED_MARK = "?";
export const ASSUMED_LEGEND = `STATE${ASSUMED_MARK}: assumed by a timer of the kernel, not seen in a packet.`;

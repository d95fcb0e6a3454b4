/**
 * The connection states of RFC 9293 §3.3.2 and the events that change them, as far as a wire shows them. One line, one transition: an
 * endpoint in STATE that does or receives this changes to STATE.
 */
export type State =
  | "CLOSED"
  | "LISTEN"
  | "SYN-SENT"
  | "SYN-RECEIVED"
  | "ESTABLISHED"
  | "FIN-WAIT-1"
  | "FIN-WAIT-2"
  | "CLOSE-WAIT"
  | "CLOSING"
  | "LAST-ACK"
  | "TIME-WAIT";

export type StateEvent =
  | "snd SYN"
  | "rcv SYN, snd SYN-ACK"
  | "rcv SYN-ACK"
  | "rcv ACK of SYN"
  | "snd FIN"
  | "rcv FIN"
  | "rcv ACK of FIN"
  | "RST"
  | "time-out";

export const TRANSITIONS: { readonly [S in State]: { readonly [E in StateEvent]?: State } } = {
  CLOSED: { "snd SYN": "SYN-SENT", "rcv SYN, snd SYN-ACK": "SYN-RECEIVED" },
  LISTEN: { "rcv SYN, snd SYN-ACK": "SYN-RECEIVED" },
  // Simultaneous open: both ends sent a SYN (figure 7).
  "SYN-SENT": {
    "rcv SYN-ACK": "ESTABLISHED",
    "rcv SYN, snd SYN-ACK": "SYN-RECEIVED",
    RST: "CLOSED",
    "time-out": "CLOSED",
  },
  "SYN-RECEIVED": {
    "rcv ACK of SYN": "ESTABLISHED",
    "snd FIN": "FIN-WAIT-1",
    "rcv FIN": "CLOSE-WAIT",
    RST: "CLOSED",
    "time-out": "CLOSED",
  },
  ESTABLISHED: { "snd FIN": "FIN-WAIT-1", "rcv FIN": "CLOSE-WAIT", RST: "CLOSED" },
  // Active close: this endpoint sent the first FIN.
  "FIN-WAIT-1": { "rcv ACK of FIN": "FIN-WAIT-2", "rcv FIN": "CLOSING", RST: "CLOSED", "time-out": "CLOSED" },
  // Linux gives up on an orphan after tcp_fin_timeout; the RFC lets it wait for ever.
  "FIN-WAIT-2": { "rcv FIN": "TIME-WAIT", RST: "CLOSED", "time-out": "CLOSED" },
  // Passive close: the peer's FIN came first. No timer ends it.
  "CLOSE-WAIT": { "snd FIN": "LAST-ACK", RST: "CLOSED" },
  "LAST-ACK": { "rcv ACK of FIN": "CLOSED", RST: "CLOSED", "time-out": "CLOSED" },
  // Simultaneous close (figure 13).
  CLOSING: { "rcv ACK of FIN": "TIME-WAIT", RST: "CLOSED", "time-out": "CLOSED" },
  "TIME-WAIT": { RST: "CLOSED", "time-out": "CLOSED" },
};

/** The state after an event; an event that the state does not know changes nothing. */
export const after = (state: State, event: StateEvent): State => TRANSITIONS[state][event] ?? state;

import type { Endpoint, StateName } from "./model.ts";

/** What the receive queue of a socket in CLOSE-WAIT says; unknown: the output has no queues. */
export type RecvQueueMeaning = "eof-read" | "fin-unread" | "data-unread" | "unknown";

export interface HostCheckProcess {
  readonly name: string;
  readonly pid: number | null;
}

/** One socket of a host, by its own list and by the captures. */
export interface HostCheckSocket {
  readonly local: Endpoint;
  readonly peer: Endpoint;
  /** Null: it is not in the list. */
  readonly onHost: StateName | null;
  /** At the end of observation; null: the captures show nothing of it. */
  readonly inCapture: StateName | null;
  /** Null: there is nothing to compare. */
  readonly agrees: boolean | null;
  readonly recvQueue: number | null;
  readonly sendQueue: number | null;
  readonly processes: readonly HostCheckProcess[];
  readonly flow: string | null;
}

/** The sockets in CLOSE-WAIT of one address and port of a host. */
export interface HostCheckEndpoint {
  readonly endpoint: Endpoint;
  readonly closeWait: number;
  /** Of them, those that the captures show. */
  readonly inCapture: number;
  readonly processes: readonly HostCheckProcess[];
}

/** A host's own list of sockets (`ss`, `netstat`), held against the captures. */
export interface HostCheck {
  readonly source: string;
  /** The host's own addresses, as the list shows them. */
  readonly addresses: readonly string[];
  readonly sockets: number;
  readonly counts: Readonly<Partial<Record<StateName, number>>>;
  /** The list has no column of states: taken for the answer to `ss -tan state close-wait`. */
  readonly stateAssumed: boolean;
  readonly unreadLines: number;
  readonly leftOut: number;
  /** Sockets that both know, in the same state and in different ones. */
  readonly agree: number;
  readonly differ: number;
  readonly closeWait: {
    readonly onHost: number;
    /** Of them, those of which the captures show packets, and those that are in CLOSE-WAIT by these, too. */
    readonly inCapture: number;
    readonly agreed: number;
    /** They began before the capture and were silent in it, came later, or took another path. */
    readonly notInCapture: number;
    /** In CLOSE-WAIT by the captures, and not in the list. */
    readonly gone: number;
    /** Of those in the list, the ones that several processes have: whoever closes is not the last. */
    readonly shared: number;
    readonly recvQueue: Readonly<Record<RecvQueueMeaning, number>>;
  };
  /** Most sockets in CLOSE-WAIT first. */
  readonly endpoints: readonly HostCheckEndpoint[];
  /** Sockets that both know, if they are in CLOSE-WAIT or disagree, and those that are gone; the first thousand. */
  readonly compared: readonly HostCheckSocket[];
}

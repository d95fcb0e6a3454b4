import type { CaptureComment } from "../capture/annotations.ts";
import type { Grouping } from "./groupings.ts";
import type { HostCheck } from "./host-check.ts";

/**
 * The result as data: what `--format json` prints and what the library returns. Field names and meanings are a contract
 * (schema version 1, `src/report/analysis.schema.json`); fields may be added, never renamed or given another meaning.
 *
 * Times are ISO 8601 in UTC with nanoseconds; durations are seconds; `frame` counts the records of its capture from 1.
 */
export type Timestamp = string;
export type Side = "client" | "server";

export interface Endpoint {
  readonly ip: string;
  readonly port: number;
}

export interface BySide<T> {
  readonly client: T;
  readonly server: T;
}

/** One record of one capture, and when it was captured. */
export interface Evidence {
  readonly at: Timestamp;
  readonly capture: number;
  readonly frame: number;
}

/** States of RFC 9293 §3.3.2, printed as the RFC prints them. */
export type StateName =
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

export type Verdict =
  | "opening"
  | "refused"
  | "unanswered"
  | "established"
  | "fin-unacked"
  | "half-closed"
  | "closing"
  | "closed"
  | "reset"
  | "undecided";

/** Why a flow is undecided, or why its verdict deserves less confidence. */
export type Reason =
  | "one-way-capture"
  | "capture-loss"
  | "mid-stream"
  | "ack-not-captured"
  | "reused"
  | "blocked-by-half-closed"
  | "closer-not-reading"
  | "evicted"
  | "sequence-anomaly";

export type HalfCloseStatus = "stuck" | "draining" | "recent" | "ended";

export type EndCause = "write-after-close" | "unread-data-or-abort" | "keepalive-timeout" | "reaped" | "challenge-ack";

/** How and when a half-close ended. */
export interface HalfCloseEnd extends Evidence {
  readonly by: "fin" | "reset" | "reuse";
  readonly sender: Side;
  /** The segment that a reset answers. */
  readonly answers: Evidence | null;
  readonly cause: EndCause | null;
}

/** One end received a FIN, acknowledged it, and had not sent its own: its socket was in CLOSE-WAIT. */
export interface HalfClose {
  /** stuck: open and older than --min-age, nothing sent lately; draining: the holder still sends; recent: younger; ended. */
  readonly status: HalfCloseStatus;
  /** When the holder entered CLOSE-WAIT: the FIN, in order. */
  readonly since: Timestamp;
  readonly sinceUncertainSeconds: number;
  readonly fin: Evidence & { readonly copies: number };
  readonly finAck: Evidence;
  readonly end: HalfCloseEnd | null;
  /** (end, or end of observation) - since. */
  readonly seconds: number;
  /** Still open at the end of observation: it lasted at least this long. */
  readonly atLeast: boolean;
  /** New octets of the holder after it acknowledged the FIN. */
  readonly bytesAfterFin: number;
  /** The holder's last new octet after the FIN. */
  readonly lastPayloadAt: Timestamp | null;
  /** Last segment of the holder. */
  readonly lastSignOfLifeAt: Timestamp;
  /** Last segment of the closer. */
  readonly closerLastSeenAt: Timestamp;
  readonly idleBeforeFinSeconds: number;
  /** The closer's payload since the holder's last payload. */
  readonly unanswered: { readonly since: Timestamp; readonly frame: number; readonly bytes: number } | null;
  /** Only provable under the holder's zero window, else null. */
  readonly unreadBytesAtLeast: number | null;
}

/** One incarnation of one TCP connection as seen in the captures. */
export interface Flow {
  /** client-server@first segment; IPv6 addresses in brackets. */
  readonly id: string;
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly roles: "handshake" | "guessed";
  readonly openedAt: Timestamp | null;
  readonly establishedAt: Timestamp | null;
  readonly firstAt: Timestamp;
  readonly lastAt: Timestamp;
  readonly segments: BySide<number>;
  readonly payloadBytes: BySide<number>;
  /** Payload on the wire minus sequence range: at least. */
  readonly retransmittedBytes: BySide<number>;
  readonly captures: readonly number[];
  /** Id of the NAT or tunnel twin that shows the same connection; a pair counts once. */
  readonly sameAs: string | null;
  /** At the end of observation. */
  readonly states: BySide<StateName>;
  /** Sides whose state a timer and not a packet decided. */
  readonly assumed: readonly Side[];
  readonly verdict: Verdict;
  readonly reasons: readonly Reason[];
  /** The end whose FIN came first; null on simultaneous close. Kept after the end. */
  readonly closer: Side | null;
  readonly holder: Side | null;
  readonly halfClose: HalfClose | null;
  readonly reset: (Evidence & { readonly sender: Side; readonly answers: Evidence | null }) | null;
  /** Whether each end is in the list of known hosts; only with --known-hosts. */
  readonly known?: BySide<boolean>;
}

/** One address whose connections a holder has in CLOSE-WAIT. */
export interface HolderPeer {
  readonly ip: string;
  readonly count: number;
  readonly stuck: number;
  readonly oldestSeconds: number;
  /** Whether it is in the list of known hosts; only with --known-hosts. */
  readonly known?: boolean;
}

/** When so many descriptors are used up if it goes on like this. */
export interface Exhaustion {
  readonly descriptors: number;
  /** From the end of observation on. */
  readonly inSeconds: number;
  readonly at: Timestamp;
}

/** How many sockets were in CLOSE-WAIT, at equally distant moments. */
export interface Gauge {
  readonly from: Timestamp;
  readonly until: Timestamp;
  readonly counts: readonly number[];
}

/** One address (and port, for servers) that holds half-closed connections. */
export interface Holder {
  /** For a client the port is null: every connection has another. */
  readonly endpoint: { readonly ip: string; readonly port: number | null };
  readonly role: Side;
  readonly stuck: number;
  readonly halfClosed: number;
  /** All flows of this endpoint. */
  readonly flows: number;
  /** halfClosed of flows. */
  readonly share: number;
  /** Connections to this server that it answered after the first half-close began; null for a client. */
  readonly servedMeanwhile: number | null;
  readonly peers: readonly HolderPeer[];
  readonly oldestSeconds: number;
  /** Of those still open: half of them have lasted at least so long. */
  readonly medianSeconds: number;
  /** How long a half-close lasts here, open ones taken into account (Kaplan-Meier); null where too few were seen to end. */
  readonly lastsMedianSeconds: number | null;
  readonly lastsP95Seconds: number | null;
  /** A straight line through the count of sockets in CLOSE-WAIT over time, and its standard error; null when there is no trend. */
  readonly growthPerHour: number | null;
  readonly growthErrorPerHour: number | null;
  /** When it stopped growing; null while it grows, and when there is no trend. */
  readonly growthUntil: Timestamp | null;
  /** When descriptors are used up if it goes on like this; empty unless it grows. */
  readonly exhaustion: readonly Exhaustion[];
  readonly gauge: Gauge;
  /** What this endpoint normally takes to close after the peer's FIN. */
  readonly closedMedianSeconds: number | null;
  readonly closedP99Seconds: number | null;
  readonly closedCount: number;
}

export interface CaptureProblem {
  readonly kind: string;
  readonly count: number;
  readonly message: string;
}

/** What a capture holds beside packets. */
export interface CaptureAnnotations {
  readonly comments: readonly CaptureComment[];
  /** Comments beyond the first thousand. */
  readonly commentsLeftOut: number;
  /** Blocks that hold no packets and were passed over, by name. */
  readonly otherBlocks: Readonly<Record<string, number>>;
}

export interface CaptureReport {
  readonly path: string;
  readonly format: "pcap" | "pcapng" | null;
  readonly compression: string | null;
  readonly linkTypes: readonly string[];
  readonly packets: number;
  readonly tcpSegments: number;
  readonly firstAt: Timestamp | null;
  readonly lastAt: Timestamp | null;
  readonly observedUntil: Timestamp | null;
  readonly durationSeconds: number;
  readonly cutShort: boolean;
  /** Packets dropped before they reached the file; null when the file says nothing. */
  readonly dropped: number | null;
  readonly problems: readonly CaptureProblem[];
  /** Only if there are any. */
  readonly annotations?: CaptureAnnotations;
}

export interface Totals {
  readonly packets: number;
  readonly tcpSegments: number;
  readonly duplicates: number;
  /** Frames that yielded no segment, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  readonly flows: number;
  readonly halfClosed: number;
  readonly stuck: number;
  readonly draining: number;
  readonly recent: number;
  readonly ended: number;
  readonly undecided: number;
  /** Why these are: a flow may have several reasons, or none. */
  readonly undecidedByReason: Readonly<Partial<Record<Reason, number>>>;
  readonly byVerdict: Readonly<Partial<Record<Verdict, number>>>;
}

/** The patterns that are recognised. */
export type FindingKind =
  | "idle-pool"
  | "never-closed"
  | "slow-close"
  | "never-accepted"
  | "accept-queue-overflow"
  | "connection-cap"
  | "time-wait-churn"
  | "never-touched"
  | "unread-data"
  | "dependency-stall"
  | "write-after-close"
  | "fin-burst"
  | "vanished-peer"
  | "fin-unacked"
  | "client-timeout"
  | "server-idle-timeout"
  | "blocked-by-half-closed";

export type Level = "high" | "medium" | "low";

/** One flow of a finding, and where to look at it. */
export interface FindingExample {
  readonly flow: string;
  /** What these frames show, such as `FIN` and `ACK of the FIN`. */
  readonly frames: readonly (Evidence & { readonly shows: string })[];
}

/** A pattern behind half-closed, refused or broken connections, and its cause as far as the packets tell. */
export interface Finding {
  readonly kind: FindingKind;
  readonly severity: Level;
  /** How sure it is that this is the cause. */
  readonly confidence: Level;
  /** Who is at fault. */
  readonly holder: { readonly ip: string; readonly port: number | null } | null;
  readonly peers: readonly { readonly ip: string; readonly count: number }[];
  /** The holder only passes on what this endpoint does not do: it is a victim, and the cause is there. */
  readonly relayedTo: Endpoint | null;
  readonly since: Timestamp;
  /** When it last happened; null while it goes on. */
  readonly until: Timestamp | null;
  readonly summary: string;
  /** Numbers of this kind, each with its sample size. */
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly examples: readonly FindingExample[];
  /** What the packets cannot tell apart from it. */
  readonly alternatives: readonly string[];
  readonly advice: string;
  /** Ids, the first thousand. */
  readonly flows: readonly string[];
  readonly flowCount: number;
}

/** Half-closes that have something in common. */
export interface Group {
  /** A holder's or peer's address, a server's port, the network of a peer, or an hour. */
  readonly key: string;
  /** Open at the end: stuck, draining and recent. */
  readonly halfClosed: number;
  readonly stuck: number;
  readonly draining: number;
  readonly recent: number;
  readonly ended: number;
  /** Of those that are open; null without any. */
  readonly oldestSince: Timestamp | null;
  readonly medianSeconds: number | null;
  /** Of all that are open. */
  readonly share: number;
}

export interface Groups {
  readonly by: Grouping;
  /** Half-closes of groups beyond the first hundred thousand. */
  readonly leftOut: number;
  /** The largest first. */
  readonly groups: readonly Group[];
}

/** What `closewait analyze --format json` prints. */
export interface Analysis {
  readonly schemaVersion: 1;
  readonly tool: { readonly name: "closewait"; readonly version: string };
  readonly captures: readonly CaptureReport[];
  /** Names that the captures themselves give addresses of this result; only if there are any. */
  readonly names?: Readonly<Record<string, string>>;
  readonly totals: Totals;
  readonly options: Readonly<Record<string, unknown>>;
  readonly flows: readonly Flow[];
  readonly holders: readonly Holder[];
  readonly findings: readonly Finding[];
  /** Only with --group-by. */
  readonly groups?: Groups;
  /** Names of services by the ports of servers in this result; only with --ports. */
  readonly services?: Readonly<Record<string, string>>;
  /** Only with --ss. */
  readonly host?: HostCheck;
}

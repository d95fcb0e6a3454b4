import type { EndIndex } from "./conversation.ts";

/** A record that was seen: when (nanoseconds relative to the base time), and where to find it. */
export interface Sighting {
  readonly at: number;
  readonly capture: number;
  readonly frame: number;
}

/** A FIN of one end. */
export interface FinHistory extends Sighting {
  readonly copies: number;
  readonly lastCopyAt: number;
  /** The first segment of the peer that acknowledges it; null while none did. */
  readonly ack: Sighting | null;
  /** When the acknowledgment reached the sender, as far as the wire tells: after the last copy. */
  readonly ackArrivedAt: number | null;
  /** When it took effect at the receiver: in order (rules 2 and 4). Meaningful once acknowledged. */
  readonly effectiveAt: number;
  readonly effectiveUncertainNanos: number;
  /** Last payload of either end before it; -Infinity when there was none. */
  readonly idleSinceAt: number;
  /** The peer acknowledged the payload that came with it, and not the FIN itself. */
  readonly payloadAckedOnly: boolean;
  /** It acknowledges the peer's FIN, or was sent after the peer's FIN had been acknowledged. */
  readonly coversPeerFin: boolean;
}

/** Stands for an address and a port in a Map, where it costs less than a text: for IPv4 the 48 bits of both. */
export type EndpointKey = number | string;

/** What one end sent, and what is known of it. */
export interface EndHistory {
  readonly ip: string;
  readonly port: number;
  readonly endpoint: EndpointKey;
  readonly seen: boolean;
  readonly firstAt: number;
  readonly last: Sighting;
  /** Its last segment other than a RST: then there was a socket. */
  readonly aliveAt: number;
  readonly segments: number;
  readonly payloadBytes: number;
  /** Octets of the sequence between the lowest and the highest that were captured with payload, and all that came after a reset. */
  readonly rangeBytes: number;
  readonly syn:
    | (Sighting & { readonly isn: number; readonly copies: number; readonly lastAt: number; readonly withAck: boolean })
    | null;
  readonly fin: FinHistory | null;
  /** Its FIN was not captured, but its own or the peer's later numbers count one (rules 15 and 24): since when that is known. */
  readonly finInferredAt: number | null;
  /** Its first segment other than a SYN or RST. */
  readonly spokeAt: number | null;
  readonly lastPayloadAt: number | null;
  /** New octets after it acknowledged the peer's FIN, and the time of the last of them. */
  readonly bytesAfterPeerFin: number;
  readonly lastNewByteAt: number | null;
  /** Payload since the peer's last payload. */
  readonly unanswered: { readonly at: number; readonly frame: number; readonly bytes: number } | null;
  readonly probes: number;
  readonly lastProbeAt: number | null;
  /** Since when its receive window has been zero. */
  readonly zeroWindowAt: number | null;
  /** The largest window it advertised, scaled. */
  readonly windowMax: number;
  /** Payload of this end that its peer acknowledged or that lies inside its range was not captured. */
  readonly hasGaps: boolean;
  readonly hasAnomalies: boolean;
}

export interface ResetHistory extends Sighting {
  readonly sender: EndIndex;
  readonly hadAck: boolean;
  readonly answers: Sighting | null;
  readonly answersPayload: boolean;
  readonly afterUnansweredProbes: boolean;
  /** It answered a SYN. */
  readonly refused: boolean;
  /** It answered a challenge ACK that a new incarnation's SYN had met (rule 8). */
  readonly byReuse: boolean;
}

/** One incarnation of one connection: what the wire proves of both ends. Verdicts and everything after derive from this. */
export interface FlowHistory {
  /** Record number of the first segment. */
  readonly order: number;
  readonly tunnel: number;
  readonly ends: readonly [EndHistory, EndHistory];
  /** The active opener; null when no SYN was captured. */
  readonly opener: EndIndex | null;
  readonly fromStart: boolean;
  readonly firstAt: number;
  readonly lastAt: number;
  /** When the passive opener received the third ACK. */
  readonly establishedAt: number | null;
  readonly synAckRepeated: boolean;
  /**
   * The accept queue was full to the end (rules 13 and 26): SYN-ACKs came again after a valid third ACK, and what the opener then sent was
   * never acknowledged. The passive opener is in SYN-RECEIVED, whatever the active one believes.
   */
  readonly queueFull: boolean;
  /** The active opener received a SYN-ACK: what it or its peer sent afterwards proves it. */
  readonly openerAnswered: boolean;
  /** The end whose FIN came first; null without FIN, and on simultaneous close. */
  readonly closer: EndIndex | null;
  readonly simultaneousClose: boolean;
  readonly reset: ResetHistory | null;
  /** The SYN of the next incarnation, answered although this one had not ended. */
  readonly reusedBy: (Sighting & { readonly sender: EndIndex }) | null;
  /** A SYN of the next incarnation, whatever became of it: its sender had no socket of this one any more. */
  readonly reopened: (Sighting & { readonly sender: EndIndex }) | null;
  /** When the SYN of the next incarnation came: whatever timer still ran had no one left to run for. */
  readonly supersededAt: number | null;
  /** One socket that is connected to itself: every segment stands at the first end. */
  readonly toItself: boolean;
  /** This SYN met a half-closed incarnation and was never answered. */
  readonly blocked: boolean;
  readonly captures: readonly number[];
}

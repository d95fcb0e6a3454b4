import type { Endpoint } from "./endpoint.ts";

/** A TCP segment as it passes the capture point: plain data, to be changed with `{ ...segment, ttl: 63 }`. */
export interface TestSegment {
  /** Nanoseconds since the epoch. */
  readonly at: bigint;
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** As tcpdump prints them: letters of `FSRP.UEWe`; empty when none is set. */
  readonly flags: string;
  /** Absolute. */
  readonly seq: number;
  /** Absolute; as in the header, also without the ACK flag. */
  readonly ack: number;
  /** Octets of payload. The octet at a sequence number is always the same, so retransmissions repeat it. */
  readonly length: number;
  /** As in the header, unscaled; 64240 unless given. */
  readonly window?: number;
  readonly urgentPointer?: number;
  readonly options?: TcpOptions;
  /** IPv4 identification; 0 unless given. */
  readonly ipId?: number;
  /** IPv4 TTL, IPv6 hop limit; 64 unless given. */
  readonly ttl?: number;
}

export interface TcpOptions {
  readonly mss?: number;
  readonly windowScale?: number;
  readonly sackPermitted?: boolean;
  readonly timestamps?: { readonly value: number; readonly echo: number };
  /** Left and right edges, absolute. */
  readonly sack?: readonly (readonly [left: number, right: number])[];
}

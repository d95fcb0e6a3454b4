import type { EntryCursor } from "./entries.ts";

/** Who a transcript belongs to, as the flow table keeps it. Valid during the call it is passed to. */
export interface FlowKey {
  readonly ipv6: boolean;
  /** IPv4 addresses (the hashes, for IPv6). */
  readonly addressA: number;
  readonly addressB: number;
  /** The words of the IPv6 addresses: A is 0 … 3, B is 4 … 7. */
  word(index: number): number;
  readonly portA: number;
  readonly portB: number;
  readonly tunnel: number;
  /** Record number of the slot's first segment. */
  readonly order: number;
}

/**
 * What the flow table is given to end transcripts with: it stores entries and knows nothing of TCP beyond the flags' names, while
 * replay knows nothing of tables. A state is the compact result of entries already replayed, named by its index.
 *
 * One flow at a time is in hand: `fold()` or `take()` takes it there, `keep()` or `release()` lays it down.
 */
export interface Fold {
  /**
   * Replays the entries onto a state (NONE: from nothing). Returns the capture time from which the flow is over, if no segment comes before;
   * Infinity while anything may still happen.
   */
  fold(key: FlowKey, entries: EntryCursor, state: number): number;
  /** Takes in hand what was kept. */
  take(state: number): void;
  /** Lays down what is in hand, to be taken or folded further: its index. */
  keep(): number;
  /** Hands out what became of the flow in hand, and frees its state. */
  release(key: FlowKey): void;
  /** No flow is over sooner after its last segment. Nanoseconds. */
  readonly settleNanosMin: number;
}

import type { WrittenNumber } from "./line-scanner.ts";

const MODULUS = 2 ** 32;

/** One party's sequence numbers towards one other: what 0 means, and where it is. */
export class Numbering {
  readonly isn: number;
  /** Highest end of what the party has sent, FIN and SYN included; undefined until it has sent something. */
  #sent: number | undefined;
  /** What the other party has acknowledged: the only clue while nothing was sent. */
  #acknowledged = 0;

  constructor(isn: number) {
    this.isn = isn;
  }

  /** Counted from the ISN. */
  get next(): number {
    return this.#sent ?? this.#acknowledged;
  }

  absolute({ value, absolute }: WrittenNumber): number {
    return absolute ? value : wrapped(this.isn + value);
  }

  /** Numbers written with `=` belong to somebody else's count, such as an old incarnation's, and are not noted. */
  noteSent(seq: WrittenNumber, octets: number): void {
    if (seq.absolute) return;
    const end = seq.value + octets;
    this.#sent = Math.max(this.#sent ?? end, end);
  }

  noteAcknowledged(ack: WrittenNumber): void {
    if (!ack.absolute) this.#acknowledged = Math.max(this.#acknowledged, ack.value);
  }
}

/** Into 0 to 2^32 - 1. */
export function wrapped(sequenceNumber: number): number {
  return ((sequenceNumber % MODULUS) + MODULUS) % MODULUS;
}

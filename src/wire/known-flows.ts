import ipaddr from "ipaddr.js";
import { SeededHash } from "./seeded-hash.ts";
import { IPV6, type SegmentBatch } from "./segment-batch.ts";

/** An address as text, and a port. */
export interface KnownEnd {
  readonly ip: string;
  readonly port: number;
}

interface Known<Value> {
  readonly ipv6: boolean;
  /** The words of address A, then those of B; of IPv4 addresses there is one each. */
  readonly words: readonly number[];
  readonly ports: number;
  readonly tunnel: number;
  readonly value: Value;
  /** Another one with the same hash. */
  readonly next: Known<Value> | undefined;
}

/** Finds out whether a row of a batch belongs to one of some flows, most of the time by its hash alone. */
export class KnownFlows<Value> {
  readonly #hash: SeededHash;
  readonly #byHash = new Map<number, Known<Value>>();

  /** `seed`: that of the decoder that writes the rows. */
  constructor(seed: number) {
    this.#hash = new SeededHash(seed);
  }

  /** `a` and `b` in the order of the key: lower address, or lower port, first. */
  add(a: KnownEnd, b: KnownEnd, tunnel: number, value: Value): void {
    const [wordsA, wordsB] = [wordsOf(a.ip), wordsOf(b.ip)];
    const ports = (a.port << 16) | b.port;
    const hash = this.#hash.of(this.#addressOf(wordsA), this.#addressOf(wordsB), ports, tunnel);
    const next = this.#byHash.get(hash);
    this.#byHash.set(hash, { ipv6: wordsA.length > 1, words: [...wordsA, ...wordsB], ports, tunnel, value, next });
  }

  find(batch: SegmentBatch, row: number): Value | undefined {
    let known = this.#byHash.get(batch.hash[row] as number);
    while (known !== undefined && !hasKey(batch, row, known)) known = known.next;
    return known?.value;
  }

  #addressOf(words: readonly number[]): number {
    const [word0 = 0, word1 = 0, word2 = 0, word3 = 0] = words;
    return words.length === 1 ? word0 : this.#hash.of(word0, word1, word2, word3);
  }
}

function hasKey(batch: SegmentBatch, row: number, { ipv6, words, ports, tunnel }: Known<unknown>): boolean {
  if (batch.ports[row] !== ports || batch.tunnel[row] !== tunnel) return false;
  if ((((batch.traits[row] as number) & IPV6) !== 0) !== ipv6) return false;
  if (!ipv6) return batch.addressA[row] === words[0] && batch.addressB[row] === words[1];
  return words.every((word, index) => batch.words[row * 8 + index] === word);
}

/** An address as signed 32-bit words. */
function wordsOf(ip: string): number[] {
  const octets = Uint8Array.from(ipaddr.parse(ip).toByteArray());
  const view = new DataView(octets.buffer);
  return Array.from({ length: octets.length / 4 }, (_, word) => view.getInt32(word * 4));
}

import type { SeededHash } from "./seeded-hash.ts";
import { ACK, FROM_B, type SegmentBatch, SYN } from "./segment-batch.ts";
import { advance } from "./sequence-number.ts";

/** SYNs of one generation; two are remembered. An answer comes within a round trip. */
const SYN_COUNT_MAX = 1 << 13;
/** Networks that one SYN passes through; of more, the later ones are not remembered. */
const NETWORK_COUNT_MAX = 8;
/** Connections whose directions lie in two networks; of more, those that were silent for longest are forgotten. */
const PAIR_COUNT_MAX = 1 << 16;

/** One direction of a connection. For IPv6 the addresses are hashes of 32 bits each, as in the batch. */
interface Direction {
  readonly addressA: number;
  readonly addressB: number;
  readonly ports: number;
  readonly fromB: boolean;
}

interface Opening extends Direction {
  /** The networks in which the SYN was seen, on its way through routers. */
  readonly tunnels: number[];
}

interface Pair extends Direction {
  readonly tunnel: number;
  /** Where the direction of the SYN lies, which stands for both. */
  readonly partner: number;
}

/**
 * A routed overlay may carry the two directions of a connection in networks with different identifiers: each packet goes into that of its
 * destination (asymmetric routing in VXLAN, logical routers in GENEVE). The handshake tells: a SYN-ACK that answers a SYN which was seen in other
 * networks only. From there on its direction counts as of the network of the SYN. Tenants with equal addresses stay apart, for they
 * have other initial sequence numbers.
 */
export class TunnelPairs {
  readonly #hash: SeededHash;
  #recent = new Map<number, Opening>();
  #older = new Map<number, Opening>();
  readonly #pairs = new Map<number, Pair>();

  constructor(hash: SeededHash) {
    this.#hash = hash;
  }

  /** Puts a row that was seen in a tunnel into the one of its connection. */
  unify(batch: SegmentBatch, row: number): void {
    const handshake = (batch.flags[row] as number) & (SYN | ACK);
    if (handshake === SYN) this.#noteOpening(batch, row);
    else {
      if (handshake === (SYN | ACK)) this.#notePair(batch, row);
      if (this.#pairs.size > 0) this.#move(batch, row);
    }
  }

  #noteOpening(batch: SegmentBatch, row: number): void {
    const key = this.#keyOf(batch, row, advance(batch.seq[row] as number, 1));
    const tunnel = batch.tunnel[row] as number;
    const known = this.#recent.get(key) ?? this.#older.get(key);
    if (known !== undefined && isSame(known, batch, row)) {
      if (!known.tunnels.includes(tunnel) && known.tunnels.length < NETWORK_COUNT_MAX) known.tunnels.push(tunnel);
      return;
    }
    if (this.#recent.size >= SYN_COUNT_MAX) [this.#older, this.#recent] = [this.#recent, new Map()];
    this.#recent.set(key, { ...directionOf(batch, row), tunnels: [tunnel] });
  }

  #notePair(batch: SegmentBatch, row: number): void {
    const key = this.#keyOf(batch, row, batch.ack[row] as number);
    const opening = this.#recent.get(key) ?? this.#older.get(key);
    const tunnel = batch.tunnel[row] as number;
    const [partner] = opening?.tunnels ?? [];
    if (opening === undefined || partner === undefined || opening.tunnels.includes(tunnel)) return;
    if (!isSame({ ...opening, fromB: !opening.fromB }, batch, row)) return;
    if (this.#pairs.size >= PAIR_COUNT_MAX) {
      for (const oldest of this.#pairs.keys()) {
        this.#pairs.delete(oldest);
        break;
      }
    }
    this.#pairs.set(this.#keyOf(batch, row, tunnel), { ...directionOf(batch, row), tunnel, partner });
  }

  #move(batch: SegmentBatch, row: number): void {
    const tunnel = batch.tunnel[row] as number;
    const key = this.#keyOf(batch, row, tunnel);
    const pair = this.#pairs.get(key);
    if (pair === undefined || pair.tunnel !== tunnel || !isSame(pair, batch, row)) return;
    this.#pairs.delete(key);
    this.#pairs.set(key, pair);
    batch.tunnel[row] = pair.partner;
    batch.hash[row] = this.#keyOf(batch, row, pair.partner);
  }

  #keyOf({ addressA, addressB, ports }: SegmentBatch, row: number, word: number): number {
    return this.#hash.of(addressA[row] as number, addressB[row] as number, ports[row] as number, word);
  }
}

function directionOf({ addressA, addressB, ports, traits }: SegmentBatch, row: number): Direction {
  return {
    addressA: addressA[row] as number,
    addressB: addressB[row] as number,
    ports: ports[row] as number,
    fromB: ((traits[row] as number) & FROM_B) !== 0,
  };
}

function isSame(one: Direction, batch: SegmentBatch, row: number): boolean {
  const other = directionOf(batch, row);
  return (
    one.addressA === other.addressA &&
    one.addressB === other.addressB &&
    one.ports === other.ports &&
    one.fromB === other.fromB
  );
}

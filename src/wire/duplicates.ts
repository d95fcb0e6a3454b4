import { mix } from "./seeded-hash.ts";
import { FROM_B, IPV6, type SegmentBatch, TIMESTAMPS } from "./segment-batch.ts";

/** Sets of WAYS fingerprints each: a copy is still known after some thousand other segments. */
const SETS = 2 ** 12;
const WAYS = 4;

/** A counter tells datagrams apart for as long as it does not wrap, which takes more than a second at any plausible rate. */
const WITH_IDENTIFICATION_NANOS = 1e9;
/** Without one only time is left: the path through a bridge or router, below any retransmission timeout. */
const WITHOUT_IDENTIFICATION_NANOS = 3e6;

/** A fingerprint: one cache line of 32-bit words; IPv6 addresses lie in a plane of their own. */
const FINGERPRINT = {
  ADDRESS_A: 0,
  ADDRESS_B: 1,
  PORTS: 2,
  TUNNEL: 3,
  SEQ: 4,
  ACK: 5,
  LENGTH: 6,
  TSVAL: 7,
  TSECR: 8,
  FLAGS_AND_WINDOW: 9,
  IDENTIFICATION_AND_TRAITS: 10,
  WORDS: 16,
} as const;

const ADDRESS_WORDS = 8;
const COMPARED_TRAITS = FROM_B | IPV6 | TIMESTAMPS;

/**
 * Remembers the latest segments, to recognise copies: one datagram captured twice on its way, on several interfaces of a
 * host (`-i any`), on a span port, or in two captures that are merged.
 *
 * A copy agrees in addresses, ports, tunnel, sequence and acknowledgment number, flags, length, window and timestamps. What
 * a retransmission or a repeated acknowledgment changes is the IP identification; so the same non-zero one is demanded within a second. Where there is none
 * (IPv6, or zero as in many answers without a socket) a copy must come within 3 ms. TTL and interface change on the way and are ignored.
 *
 * The memory is set-associative; in a set the oldest goes first. Losing a fingerprint means that a copy is kept, never that a packet is lost.
 */
export class DuplicateMemory {
  /** Hash of the whole fingerprint, to find candidates; all ways of a set lie together. */
  readonly #tags = new Int32Array(SETS * WAYS);
  readonly #times = new Float64Array(SETS * WAYS).fill(Number.NEGATIVE_INFINITY);
  readonly #fingerprints = new Int32Array(SETS * WAYS * FINGERPRINT.WORDS);
  readonly #addresses = new Int32Array(SETS * WAYS * ADDRESS_WORDS);
  /** The way of each set that is overwritten next. */
  readonly #oldest = new Uint8Array(SETS);

  /** Whether `row` of the batch is a copy of a segment that was asked about before; remembers it when it is not. */
  isCopy(batch: SegmentBatch, row: number, identification: number): boolean {
    const tag = tagOf(batch, row, identification);
    const time = batch.time[row] as number;
    const nanosMax = identification === 0 ? WITHOUT_IDENTIFICATION_NANOS : WITH_IDENTIFICATION_NANOS;
    const set = tag & (SETS - 1);
    const first = set * WAYS;
    for (let entry = first; entry < first + WAYS; entry++) {
      if (this.#tags[entry] !== tag || !this.#equals(entry, batch, row, identification)) continue;
      // Files and interfaces may be out of step by a little: earlier counts like later.
      if (Math.abs(time - (this.#times[entry] as number)) <= nanosMax) return true;
      this.#times[entry] = time;
      return false;
    }
    const way = this.#oldest[set] as number;
    this.#oldest[set] = (way + 1) & (WAYS - 1);
    this.#remember(first + way, tag, batch, row, identification);
    return false;
  }

  #equals(entry: number, batch: SegmentBatch, row: number, identification: number): boolean {
    const f = this.#fingerprints;
    const at = entry * FINGERPRINT.WORDS;
    return (
      f[at + FINGERPRINT.SEQ] === batch.seq[row] &&
      f[at + FINGERPRINT.ACK] === batch.ack[row] &&
      f[at + FINGERPRINT.LENGTH] === batch.length[row] &&
      f[at + FINGERPRINT.PORTS] === batch.ports[row] &&
      f[at + FINGERPRINT.ADDRESS_A] === batch.addressA[row] &&
      f[at + FINGERPRINT.ADDRESS_B] === batch.addressB[row] &&
      f[at + FINGERPRINT.TUNNEL] === batch.tunnel[row] &&
      f[at + FINGERPRINT.TSVAL] === batch.tsval[row] &&
      f[at + FINGERPRINT.TSECR] === batch.tsecr[row] &&
      f[at + FINGERPRINT.FLAGS_AND_WINDOW] === flagsAndWindow(batch, row) &&
      f[at + FINGERPRINT.IDENTIFICATION_AND_TRAITS] === identificationAndTraits(batch, row, identification) &&
      (((batch.traits[row] as number) & IPV6) === 0 || this.#equalsAddresses(entry, batch, row))
    );
  }

  /** The hashes of IPv6 addresses agree already; only the words make it certain. */
  #equalsAddresses(entry: number, batch: SegmentBatch, row: number): boolean {
    for (let word = 0; word < ADDRESS_WORDS; word++) {
      if (this.#addresses[entry * ADDRESS_WORDS + word] !== batch.words[row * ADDRESS_WORDS + word]) return false;
    }
    return true;
  }

  #remember(entry: number, tag: number, batch: SegmentBatch, row: number, identification: number): void {
    const f = this.#fingerprints;
    const at = entry * FINGERPRINT.WORDS;
    this.#tags[entry] = tag;
    this.#times[entry] = batch.time[row] as number;
    f[at + FINGERPRINT.ADDRESS_A] = batch.addressA[row] as number;
    f[at + FINGERPRINT.ADDRESS_B] = batch.addressB[row] as number;
    f[at + FINGERPRINT.PORTS] = batch.ports[row] as number;
    f[at + FINGERPRINT.TUNNEL] = batch.tunnel[row] as number;
    f[at + FINGERPRINT.SEQ] = batch.seq[row] as number;
    f[at + FINGERPRINT.ACK] = batch.ack[row] as number;
    f[at + FINGERPRINT.LENGTH] = batch.length[row] as number;
    f[at + FINGERPRINT.TSVAL] = batch.tsval[row] as number;
    f[at + FINGERPRINT.TSECR] = batch.tsecr[row] as number;
    f[at + FINGERPRINT.FLAGS_AND_WINDOW] = flagsAndWindow(batch, row);
    f[at + FINGERPRINT.IDENTIFICATION_AND_TRAITS] = identificationAndTraits(batch, row, identification);
    if (((batch.traits[row] as number) & IPV6) === 0) return;
    for (let word = 0; word < ADDRESS_WORDS; word++) {
      this.#addresses[entry * ADDRESS_WORDS + word] = batch.words[row * ADDRESS_WORDS + word] as number;
    }
  }
}

function flagsAndWindow(batch: SegmentBatch, row: number): number {
  return ((batch.flags[row] as number) << 16) | (batch.window[row] as number);
}

function identificationAndTraits(batch: SegmentBatch, row: number, identification: number): number {
  return (((batch.traits[row] as number) & COMPARED_TRAITS) << 16) | identification;
}

/** From the fields in which the segments of one flow differ, and the flow's own hash. */
function tagOf(batch: SegmentBatch, row: number, identification: number): number {
  const numbers = Math.imul(batch.seq[row] as number, 0x9e3779b1) + Math.imul(batch.ack[row] as number, 0x85ebca77);
  const rest = Math.imul(identificationAndTraits(batch, row, identification), 0xc2b2ae3d);
  const more = Math.imul(flagsAndWindow(batch, row) ^ (batch.length[row] as number), 0x27d4eb2f);
  return mix((batch.hash[row] as number) ^ (numbers + rest + more));
}

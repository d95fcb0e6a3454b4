import { mix } from "./seeded-hash.ts";
import { FROM_B, IPV6, type SegmentBatch, TIMESTAMPS } from "./segment-batch.ts";

/** So many segments are remembered: a copy is still known after thousands of others. */
const COUNT = 2 ** 14;

/** They are found in sets of four places, a cache line for two sets. A place is two words: tag, number of the fingerprint. */
const WAYS = 4;
const SETS = COUNT / WAYS;
const PLACE_WORDS = 2;
const SET_WORDS = WAYS * PLACE_WORDS;

/** A 16-bit counter does not come round within a second at any rate one sender has. */
const WITH_IDENTIFICATION_NANOS = 1e9;
/** Without it only time is left: the path through a bridge or a router, far below any retransmission timeout. */
const WITHOUT_IDENTIFICATION_NANOS = 3e6;

/** A fingerprint is one cache line of sixteen words; IPv6 addresses lie in a plane of their own. */
const FINGERPRINT = {
  SEQ: 0,
  ACK: 1,
  LENGTH: 2,
  FLAGS_AND_WINDOW: 3,
  IDENTIFICATION_AND_TRAITS: 4,
  ADDRESS_A: 5,
  ADDRESS_B: 6,
  PORTS: 7,
  TUNNEL: 8,
  TSVAL: 9,
  TSECR: 10,
  WORDS: 16,
  /** The last two words together: capture time as float64. */
  TIME: 7,
  DOUBLES: 8,
} as const;

const ADDRESS_WORDS = 8;
const COMPARED_TRAITS = FROM_B | IPV6 | TIMESTAMPS;

/**
 * Remembers the latest segments, to recognise copies: one datagram captured several times on its way, on all interfaces of a
 * host (`-i any`), on a span port, or in two captures that are merged.
 *
 * A copy agrees in addresses, ports, tunnel, sequence and acknowledgment number, flags, length, window and timestamps. What tells
 * a retransmission from a copy is the IP identification: the same non-zero one within a second is a copy, another one
 * never. Where there is none (IPv6, or zero as in answers without a socket) a copy comes within 3 ms. TTL and interface change on the way.
 *
 * Fingerprints are written one after the other, round and round, and found by a tag that has four places to be, of which the one written
 * longest ago gives way. One lost too early means that a copy is kept, never that a segment is lost: what is compared in the end is
 * the segment itself, not a hash of it. A place whose fingerprint was written over therefore needs no clearing: it equals nothing else.
 */
export class DuplicateMemory {
  readonly #places = new Int32Array(SETS * SET_WORDS);
  /** Per set, the way that gives way next. */
  readonly #oldest = new Uint8Array(SETS);
  readonly #fingerprints = new Int32Array(COUNT * FINGERPRINT.WORDS);
  readonly #times = new Float64Array(this.#fingerprints.buffer);
  /** There from the first IPv6 segment on. */
  #addresses = new Int32Array(0);
  #next = 1;

  constructor() {
    // Where nothing was written yet the first fingerprint is named: it equals no segment, since none has this length.
    this.#fingerprints[FINGERPRINT.LENGTH] = -1;
  }

  /** Takes out of the batch, from row `first` on, what is a copy of a segment that was shown before; the rest is remembered. Returns how many. */
  dropCopies(batch: SegmentBatch, first: number): number {
    const { rows, hash, length, seq, ack, identification } = batch;
    let kept = first;
    for (let row = first; row < rows; row++) {
      const id = identification[row] as number;
      const tag = tagOf(hash[row] as number, id, length[row] as number, seq[row] as number, ack[row] as number);
      if (this.#isCopy(tag, batch, row, id)) continue;
      if (kept < row) batch.move(row, kept);
      kept++;
    }
    batch.rows = kept;
    return rows - kept;
  }

  #isCopy(tag: number, batch: SegmentBatch, row: number, identification: number): boolean {
    const places = this.#places;
    const first = (tag & (SETS - 1)) * SET_WORDS;
    for (let place = first; place < first + SET_WORDS; place += PLACE_WORDS) {
      if (places[place] !== tag) continue;
      const entry = places[place + 1] as number;
      if (this.#equals(entry, batch, row, identification)) return this.#isInTime(entry, batch, row, identification);
    }
    const entry = this.#next;
    this.#next = (entry + 1) & (COUNT - 1);
    const oldest = this.#oldest;
    const set = tag & (SETS - 1);
    const way = oldest[set] as number;
    oldest[set] = (way + 1) & (WAYS - 1);
    places[first + way * PLACE_WORDS] = tag;
    places[first + way * PLACE_WORDS + 1] = entry;
    this.#remember(entry, batch, row, identification);
    return false;
  }

  /** Merged files may be out of step by a little: before counts like after. What is no copy in time begins anew. */
  #isInTime(entry: number, batch: SegmentBatch, row: number, identification: number): boolean {
    const timeAt = entry * FINGERPRINT.DOUBLES + FINGERPRINT.TIME;
    const time = batch.time[row] as number;
    const nanosMax = identification === 0 ? WITHOUT_IDENTIFICATION_NANOS : WITH_IDENTIFICATION_NANOS;
    if (Math.abs(time - (this.#times[timeAt] as number)) <= nanosMax) return true;
    this.#times[timeAt] = time;
    return false;
  }

  #equals(entry: number, batch: SegmentBatch, row: number, identification: number): boolean {
    const known = this.#fingerprints;
    const at = entry * FINGERPRINT.WORDS;
    return (
      known[at + FINGERPRINT.SEQ] === batch.seq[row] &&
      known[at + FINGERPRINT.ACK] === batch.ack[row] &&
      known[at + FINGERPRINT.IDENTIFICATION_AND_TRAITS] === identificationAndTraits(batch, row, identification) &&
      known[at + FINGERPRINT.FLAGS_AND_WINDOW] === flagsAndWindow(batch, row) &&
      known[at + FINGERPRINT.LENGTH] === batch.length[row] &&
      known[at + FINGERPRINT.TSVAL] === batch.tsval[row] &&
      known[at + FINGERPRINT.TSECR] === batch.tsecr[row] &&
      known[at + FINGERPRINT.ADDRESS_A] === batch.addressA[row] &&
      known[at + FINGERPRINT.ADDRESS_B] === batch.addressB[row] &&
      known[at + FINGERPRINT.PORTS] === batch.ports[row] &&
      known[at + FINGERPRINT.TUNNEL] === batch.tunnel[row] &&
      (((batch.traits[row] as number) & IPV6) === 0 || this.#equalsAddresses(entry, batch, row))
    );
  }

  /** The hashes of the IPv6 addresses agree already; the words make it certain. */
  #equalsAddresses(entry: number, batch: SegmentBatch, row: number): boolean {
    for (let word = 0; word < ADDRESS_WORDS; word++) {
      if (this.#addresses[entry * ADDRESS_WORDS + word] !== batch.words[row * ADDRESS_WORDS + word]) return false;
    }
    return true;
  }

  #remember(entry: number, batch: SegmentBatch, row: number, identification: number): void {
    const known = this.#fingerprints;
    const at = entry * FINGERPRINT.WORDS;
    this.#times[entry * FINGERPRINT.DOUBLES + FINGERPRINT.TIME] = batch.time[row] as number;
    known[at + FINGERPRINT.SEQ] = batch.seq[row] as number;
    known[at + FINGERPRINT.ACK] = batch.ack[row] as number;
    known[at + FINGERPRINT.IDENTIFICATION_AND_TRAITS] = identificationAndTraits(batch, row, identification);
    known[at + FINGERPRINT.FLAGS_AND_WINDOW] = flagsAndWindow(batch, row);
    known[at + FINGERPRINT.LENGTH] = batch.length[row] as number;
    known[at + FINGERPRINT.TSVAL] = batch.tsval[row] as number;
    known[at + FINGERPRINT.TSECR] = batch.tsecr[row] as number;
    known[at + FINGERPRINT.ADDRESS_A] = batch.addressA[row] as number;
    known[at + FINGERPRINT.ADDRESS_B] = batch.addressB[row] as number;
    known[at + FINGERPRINT.PORTS] = batch.ports[row] as number;
    known[at + FINGERPRINT.TUNNEL] = batch.tunnel[row] as number;
    if (((batch.traits[row] as number) & IPV6) !== 0) this.#rememberAddresses(entry, batch, row);
  }

  #rememberAddresses(entry: number, batch: SegmentBatch, row: number): void {
    if (this.#addresses.length === 0) this.#addresses = new Int32Array(COUNT * ADDRESS_WORDS);
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

/** A hash of what the segments of one flow differ in, so that a burst does not push out its own members. */
export function tagOf(hash: number, identification: number, length: number, seq: number, ack: number): number {
  let h = hash ^ identification ^ length;
  h = (h + Math.imul(seq, 0x9e3779b1)) | 0;
  h = (h + Math.imul(ack, 0x85ebca77)) | 0;
  return mix(h);
}

import type { Dissection } from "./dissection.ts";

/** Room for the header with the addresses: as long as IPv6's. */
const HEADER_OCTETS = 40;

/** So many octets of a datagram are kept, from its first: headers of tunnels and of TCP need a hundred or two, and nobody asks for more. */
const KEPT_OCTETS = 256;

/** The longest datagram, in parts of 512 octets; 576 pass everywhere (RFC 791 §3.1). */
export const PARTS_MAX = 128;

/** Four words for each address, identification, protocol and version, tunnel. */
export const KEY_WORDS = 11;

/** Parts of the longest datagram that Ethernet carries. Copies that have more are not compared: that would cost too much. */
const COMPARED_PARTS_MAX = 48;

const UNKNOWN = -1;

/**
 * A datagram whose parts are arriving. It keeps the first octets and, of all others, only that they were there: how long the datagram is
 * tells its last part, however little of each was captured. Of fixed size, to be used again and again.
 */
export class PendingDatagram {
  startedAt = 0;
  /** Of two with one key the later one has the higher number. */
  number = 0;
  /** Frames whose parts are here. */
  frames = 0;
  /** Its parts contradict each other: it will never be whole, and what comes of it is not part of another. */
  isSpoiled = false;
  /** What it carries, by its first part. */
  protocol = UNKNOWN;
  #octets = UNKNOWN;
  #octetsInParts = 0;
  #partCount = 0;
  /** Begin and end of each part. */
  readonly #parts = new Int32Array(2 * PARTS_MAX);
  readonly #key = new Int32Array(KEY_WORDS);
  readonly #kept = new DataView(new ArrayBuffer(HEADER_OCTETS + KEPT_OCTETS));
  readonly #isKept = new Uint8Array(KEPT_OCTETS);

  /** `headerOctets` at `d.ip` hold the addresses, which are those of all parts. */
  begin(d: Dissection, key: Int32Array, number: number, headerOctets: number): void {
    this.startedAt = d.time;
    this.number = number;
    this.frames = 0;
    this.isSpoiled = false;
    this.protocol = UNKNOWN;
    this.#octets = UNKNOWN;
    this.#octetsInParts = 0;
    this.#partCount = 0;
    this.#key.set(key);
    this.#isKept.fill(0);
    for (let octet = 0; octet < headerOctets; octet++) this.#kept.setUint8(octet, d.view.getUint8(d.ip + octet));
  }

  hasKey(key: Int32Array): boolean {
    return key.every((word, index) => word === this.#key[index]);
  }

  /** Whether exactly this part is here: then another one like it is a copy, of a copy of this datagram. */
  hasPart(begin: number, end: number): boolean {
    for (let part = 0; part < this.#partCount; part++) {
      if (this.#parts[2 * part] === begin && this.#parts[2 * part + 1] === end) return true;
    }
    return false;
  }

  /**
   * Takes the part at `d.at`, and whether more follow. Overlapping parts of IPv6 spoil the datagram (RFC 5722 §3); of IPv4 the
   * octets that came first stay.
   */
  add(d: Dissection, protocol: number, begin: number, end: number, more: boolean): void {
    if (this.isSpoiled) return;
    const octets = more ? this.#octets : end;
    const isContradicted =
      (this.#octets !== UNKNOWN && octets !== this.#octets) || (octets !== UNKNOWN && this.#lastEnd(end) > octets);
    if (isContradicted || this.#partCount === PARTS_MAX || (d.v6 && this.#overlaps(begin, end))) {
      this.isSpoiled = true;
      return;
    }
    this.#octets = octets;
    if (begin === 0) this.protocol = protocol;
    this.#parts[2 * this.#partCount] = begin;
    this.#parts[2 * this.#partCount + 1] = end;
    this.#partCount++;
    this.#octetsInParts += end - begin;
    this.#keep(d, begin);
  }

  /** Becomes a copy of `first`, with what `others` have beside it. They were captured of one datagram, of which none is whole. */
  combine(first: PendingDatagram, others: readonly PendingDatagram[]): void {
    this.frames = first.frames;
    this.isSpoiled = first.isSpoiled;
    this.protocol = first.protocol;
    this.#octets = first.#octets;
    this.#octetsInParts = first.#octetsInParts;
    this.#partCount = first.#partCount;
    this.#parts.set(first.#parts);
    this.#isKept.set(first.#isKept);
    for (let octet = 0; octet < this.#kept.byteLength; octet++) this.#kept.setUint8(octet, first.#kept.getUint8(octet));
    if (this.#partCount > COMPARED_PARTS_MAX) return;
    for (const other of others) this.#takeFrom(other);
  }

  #takeFrom(other: PendingDatagram): void {
    const octets = this.#octets === UNKNOWN ? other.#octets : this.#octets;
    const isContradicted =
      (other.#octets !== UNKNOWN && other.#octets !== octets) ||
      (octets !== UNKNOWN && Math.max(this.#lastEnd(0), other.#lastEnd(0)) > octets);
    if (other.isSpoiled || other.#partCount > COMPARED_PARTS_MAX || isContradicted) return;
    this.#octets = octets;
    for (let part = 0; part < other.#partCount; part++) {
      const begin = other.#parts[2 * part] as number;
      const end = other.#parts[2 * part + 1] as number;
      if (this.#partCount === PARTS_MAX || this.#overlaps(begin, end)) continue;
      if (begin === 0) this.protocol = other.protocol;
      this.#parts[2 * this.#partCount] = begin;
      this.#parts[2 * this.#partCount + 1] = end;
      this.#partCount++;
      this.#octetsInParts += end - begin;
      for (let octet = begin; octet < Math.min(end, KEPT_OCTETS); octet++) {
        if (other.#isKept[octet] === 0 || this.#isKept[octet] === 1) continue;
        this.#isKept[octet] = 1;
        this.#kept.setUint8(HEADER_OCTETS + octet, other.#kept.getUint8(HEADER_OCTETS + octet));
      }
    }
  }

  get isWhole(): boolean {
    if (this.isSpoiled || this.#octets === UNKNOWN || this.#octetsInParts < this.#octets) return false;
    let reached = 0;
    for (let next = this.#reachFrom(0); next > reached; next = this.#reachFrom(next)) reached = next;
    return reached === this.#octets;
  }

  /** Lets `d` go on in this datagram as if it had come in one piece. */
  enter(d: Dissection): void {
    const kept = this.#isKept.indexOf(0);
    d.view = this.#kept;
    d.ip = 0;
    d.at = HEADER_OCTETS;
    d.wireEnd = HEADER_OCTETS + this.#octets;
    d.end = Math.min(HEADER_OCTETS + (kept < 0 ? KEPT_OCTETS : kept), d.wireEnd);
  }

  /** The highest end of the parts that begin at `octet` or before. */
  #reachFrom(octet: number): number {
    let reached = octet;
    for (let part = 0; part < this.#partCount; part++) {
      if ((this.#parts[2 * part] as number) > reached) continue;
      reached = Math.max(reached, this.#parts[2 * part + 1] as number);
    }
    return reached;
  }

  #lastEnd(end: number): number {
    let last = end;
    for (let part = 0; part < this.#partCount; part++) last = Math.max(last, this.#parts[2 * part + 1] as number);
    return last;
  }

  #overlaps(begin: number, end: number): boolean {
    for (let part = 0; part < this.#partCount; part++) {
      if (begin < (this.#parts[2 * part + 1] as number) && end > (this.#parts[2 * part] as number)) return true;
    }
    return false;
  }

  #keep(d: Dissection, begin: number): void {
    const octets = Math.min(d.end - d.at, KEPT_OCTETS - begin);
    for (let octet = 0; octet < octets; octet++) {
      if (this.#isKept[begin + octet] === 1) continue;
      this.#isKept[begin + octet] = 1;
      this.#kept.setUint8(HEADER_OCTETS + begin + octet, d.view.getUint8(d.at + octet));
    }
  }
}

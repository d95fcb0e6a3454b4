import type { Dissection, FragmentJoin } from "./dissection.ts";
import { IP_PROTOCOL, TCP } from "./header-numbers.ts";
import { IPV4_HEADER } from "./ipv4.ts";
import { IPV6_HEADER } from "./ipv6.ts";
import { KEY_WORDS, PendingDatagram } from "./pending-datagram.ts";
import type { SeededHash } from "./seeded-hash.ts";
import type { SkipCounts } from "./skip-reasons.ts";

/** So many datagrams are waited for at once; then the one that began longest ago gives way. Two kilobytes each, from the first fragment on. */
export const PENDING_MAX = 1024;

/** Capture time after which the rest is not waited for any more: what Linux does (`ipfrag_time`), and RFC 1122 §3.3.2 at least. */
export const EXPIRY_NANOS = 30e9;

/** No host has more points at which one datagram is captured. */
export const COPIES_MAX = 8;

/** RFC 791 §3.1: the length has 16 bits. */
const DATAGRAM_OCTETS_MAX = 0xffff;

/** Copies of a datagram are captured within so long of each other, and no identification comes round that fast. */
const COPY_NANOS_MAX = 1e9;

const TCP_PROTOCOL = TCP - IP_PROTOCOL;

const VERSION_6 = 0x100;
const FREE = 0;

/**
 * Puts datagrams together whose fragments come in any order, and goes on where they became whole: a segment belongs to the frame that completed
 * it, as in tshark. Only headers and lengths are asked for, so that only the first octets of a datagram are kept.
 *
 * A datagram that never becomes whole gives no segment, even if its first fragment holds the TCP header. If the network lost the rest,
 * the receiver never saw the segment, and its repetition will come. If only the capture lost it, the length is unknown and with it the place
 * of a FIN: at the wrong place it would read as one that nobody acknowledged, and put blame where none is. That the peer acknowledges what was not
 * seen tells of the loss. The frames are counted as incomplete until the datagram is whole.
 *
 * A datagram that was captured more than once is put together as often, and its copies are found as those of segments are. A fragment that
 * is here already therefore belongs to a datagram beside it; the latest one it is missing in takes it, since identifications come round. If
 * only some fragments were captured twice, the copies together are whole where none of them is.
 */
export class FragmentStore implements FragmentJoin {
  /** By place; FREE where nothing is pending. */
  readonly #hashes = new Int32Array(PENDING_MAX);
  /** Grows to PENDING_MAX, then they are used in turn. */
  readonly #pending: PendingDatagram[] = [];
  /** The datagram that was last entered stays as it is until the next one is. */
  #entered = new PendingDatagram();
  readonly #combined = new PendingDatagram();
  #begun = 0;
  readonly #key = new Int32Array(KEY_WORDS);

  readonly #hash: SeededHash;
  readonly #counts: SkipCounts;

  /** `counts`: where the decoder counts what this store says of a frame; what was incomplete is moved when it is whole. */
  constructor(hash: SeededHash, counts: SkipCounts) {
    this.#hash = hash;
    this.#counts = counts;
  }

  join(d: Dissection, protocol: number, identification: number, begin: number, more: boolean): number {
    const end = begin + d.wireEnd - d.at;
    if (end > DATAGRAM_OCTETS_MAX) return d.skip("ip-header-malformed");
    if (end <= begin) return d.skip("fragment-incomplete");
    const hash = this.#readKey(d, protocol, identification);
    const place = this.#placeFor(d, hash, begin, end);
    if (place < 0) return d.skip("fragment-incomplete");

    const datagram = this.#pending[place] as PendingDatagram;
    datagram.add(d, protocol, begin, end, more);
    if (!datagram.isWhole && !this.#isWholeWithCopies(datagram, hash)) {
      datagram.frames++;
      if (protocol === TCP_PROTOCOL) this.#counts.incompleteTcpFragments++;
      return d.skip("fragment-incomplete");
    }
    this.#counts.byReason["fragment-incomplete"] -= datagram.frames;
    this.#counts.byReason.fragment += datagram.frames;
    if (protocol === TCP_PROTOCOL) this.#counts.incompleteTcpFragments -= datagram.frames;
    this.#hashes[place] = FREE;
    this.#pending[place] = this.#entered;
    this.#entered = datagram;
    datagram.enter(d);
    return IP_PROTOCOL + datagram.protocol;
  }

  /** Whether the datagram is whole with what its copies have; then it has that, too. */
  #isWholeWithCopies(datagram: PendingDatagram, hash: number): boolean {
    if (datagram.isSpoiled) return false;
    const copies: PendingDatagram[] = [];
    for (let place = this.#hashes.indexOf(hash); place >= 0; place = this.#hashes.indexOf(hash, place + 1)) {
      const other = this.#pending[place] as PendingDatagram;
      const isCopy = other !== datagram && other.hasKey(this.#key);
      if (isCopy && Math.abs(other.startedAt - datagram.startedAt) <= COPY_NANOS_MAX) copies.push(other);
    }
    if (copies.length === 0) return false;
    const combined = this.#combined;
    combined.combine(datagram, copies);
    if (!combined.isWhole) return false;
    datagram.combine(combined, []);
    return true;
  }

  /** Where the datagram is that this fragment belongs to, after making room for it if it is the first one here; -1: nowhere. */
  #placeFor(d: Dissection, hash: number, begin: number, end: number): number {
    let copies = 0;
    let latest = -1;
    for (let place = this.#hashes.indexOf(hash); place >= 0; place = this.#hashes.indexOf(hash, place + 1)) {
      const datagram = this.#pending[place] as PendingDatagram;
      if (!datagram.hasKey(this.#key)) continue;
      if (Math.abs(d.time - datagram.startedAt) > EXPIRY_NANOS) {
        this.#hashes[place] = FREE;
        continue;
      }
      if (datagram.isSpoiled) return place;
      copies++;
      const isLater = latest < 0 || datagram.number > (this.#pending[latest] as PendingDatagram).number;
      if (isLater && !datagram.hasPart(begin, end)) latest = place;
    }
    if (latest >= 0) return latest;
    return copies < COPIES_MAX ? this.#begin(d, hash) : -1;
  }

  #begin(d: Dissection, hash: number): number {
    const number = this.#begun++;
    const place = number % PENDING_MAX;
    if (place === this.#pending.length) this.#pending.push(new PendingDatagram());
    this.#hashes[place] = hash;
    (this.#pending[place] as PendingDatagram).begin(
      d,
      this.#key,
      number,
      d.v6 ? IPV6_HEADER.OCTETS : IPV4_HEADER.OCTETS_MIN,
    );
    return place;
  }

  /** RFC 791 §3.2 counts the protocol to the key, RFC 8200 §4.5 does not; the same datagram may be in two tunnels. */
  #readKey({ view, ip, v6, tunnel }: Dissection, protocol: number, identification: number): number {
    const key = this.#key;
    key.fill(0);
    const words = v6 ? 4 : 1;
    const source = ip + (v6 ? IPV6_HEADER.SOURCE : IPV4_HEADER.SOURCE);
    for (let word = 0; word < 2 * words; word++) key[word] = view.getInt32(source + 4 * word);
    key[8] = identification;
    key[9] = v6 ? VERSION_6 : protocol;
    key[10] = tunnel;
    return this.#hashOf(0, this.#hashOf(4, this.#hashOf(8, 0))) || 1;
  }

  /** Of four words of the key from `word` on, of which the last may lie behind its end, and of those before. */
  #hashOf(word: number, before: number): number {
    const key = this.#key;
    return this.#hash.of(
      key[word] as number,
      key[word + 1] as number,
      key[word + 2] as number,
      (key[word + 3] ?? 0) ^ before,
    );
  }
}

import type { CaptureRecord } from "../capture/record.ts";
import type { Layer } from "../wire/dissection.ts";
import { ETHER_TYPE, ETHERNET, IP_PROTOCOL, IPV4, IPV6, LINK, TCP, UDP_PORT } from "../wire/header-numbers.ts";
import { type Header, HeaderWalk } from "../wire/header-walk.ts";
import { IPV4_HEADER } from "../wire/ipv4.ts";
import { IPV6_HEADER } from "../wire/ipv6.ts";
import { LAYERS } from "../wire/layers.ts";
import { TCP_HEADER } from "../wire/tcp.ts";
import { adjustedChecksum } from "./checksum.ts";
import type { CryptoPan } from "./crypto-pan.ts";
import { blankTcpOptions } from "./tcp-option-blanks.ts";

/** LINKTYPE_RAW: a datagram without a link header. */
const LINK_TYPE_RAW = 101;

const MAC_OCTETS = 6;
const ETHERNET_ADDRESS = { destination: 0, source: 6 } as const;
/** https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html and …SLL2.html */
const SLL = { addressLength: 5, address: 6 } as const;
const SLL2 = { addressLength: 11, address: 12 } as const;
const SLL_ADDRESS_OCTETS = 8;

const IPV4_CHECKSUM = 10;
const UDP_CHECKSUM = 6;
const TCP_CHECKSUM = 16;
const IPV6_FRAGMENT_OCTETS = 8;
const EXTENSION_BODY = 2;
const NO_OPERATION = 1;

/** One decoder serves all numbers that announce the same kind of header: it stands for the kind. */
function kind(number: number): Layer {
  const layer = LAYERS.get(number);
  if (layer === undefined) throw new Error(`no header has the number ${number}`);
  return layer;
}

const ethernet = kind(ETHERNET);
const linuxSll = kind(LINK + 113);
const linuxSll2 = kind(LINK + 276);
const ipv4 = kind(IPV4);
const ipv6 = kind(IPV6);
const ipv6Extension = kind(IP_PROTOCOL + 60);
const ipv6Fragment = kind(IP_PROTOCOL + 44);
const udp = kind(IP_PROTOCOL + 17);

/** Headers that hold no addresses, or whose addresses are replaced. */
const KNOWN: ReadonlySet<unknown> = new Set([
  ...[ethernet, linuxSll, linuxSll2, ipv4, ipv6, ipv6Extension, ipv6Fragment, udp],
  ...[LINK + 0, LINK + 101, LINK + 108].map(kind), // loopback, raw
  ...[ETHER_TYPE + 0x8100, ETHER_TYPE + 0x8847, ETHER_TYPE + 0x8864].map(kind), // tags, MPLS, PPPoE
  ...[IP_PROTOCOL + 47, IP_PROTOCOL + 51, UDP_PORT + 4789].map(kind), // GRE, authentication, VXLAN
]);

/** What is left of a frame. */
export interface AnonymousFrame {
  readonly octets: Uint8Array;
  readonly originalLength: number;
  readonly linkType: number;
}

/** Where an IP header's addresses are, and what they were: the checksum inside covers them. */
interface PseudoHeader {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/**
 * Keeps the headers of a frame and nothing behind them, with other addresses in all of them. What is not known to be free of addresses,
 * options of IP and TCP included, is blanked; a link or tunnel header that is not known here is cut off, with all in front of it.
 */
export class Anonymizer {
  readonly #pan: CryptoPan;
  readonly #walk = new HeaderWalk();

  constructor(pan: CryptoPan) {
    this.#pan = pan;
  }

  anonymize(record: CaptureRecord): AnonymousFrame | null {
    const headers = this.#walk.headersOf(record);
    const kept = behindUnknown(headers);
    const [first] = kept;
    if (first === undefined) return null;
    const frameEnd = record.offset + record.capturedLength;
    const end = Math.min(frameEnd, this.#endOf(record.view, kept));
    const octets = new Uint8Array(record.view.buffer as ArrayBuffer, record.view.byteOffset + first.at, end - first.at);
    const cutOff = first.at - record.offset;
    const frame = octets.slice();
    let pseudo: PseudoHeader | null = null;
    for (const { number, at } of kept) pseudo = this.#rewrite(number, frame.subarray(at - first.at), pseudo);
    return {
      octets: frame,
      originalLength: Math.max(record.originalLength - cutOff, frame.length),
      linkType: cutOff > 0 ? LINK_TYPE_RAW : record.linkType,
    };
  }

  /** Behind the last header; payload begins there. */
  #endOf(view: DataView, headers: readonly Header[]): number {
    const last = headers.at(-1);
    if (last === undefined) return 0;
    const has = (octets: number) => last.at + octets <= view.byteLength;
    if (last.number === TCP) {
      if (!has(TCP_HEADER.DATA_OFFSET + 1)) return last.at + TCP_HEADER.OCTETS_MIN;
      return last.at + ((view.getUint8(last.at + TCP_HEADER.DATA_OFFSET) >>> 4) << 2);
    }
    // A later fragment ends the walk at the header that says so.
    const layer = LAYERS.get(last.number);
    if (layer === ipv4 && has(1)) return last.at + ((view.getUint8(last.at) & 0x0f) << 2);
    if (layer === ipv6Fragment) return last.at + IPV6_FRAGMENT_OCTETS;
    return last.at;
  }

  #rewrite(number: number, header: Uint8Array, pseudo: PseudoHeader | null): PseudoHeader | null {
    const layer = LAYERS.get(number);
    if (number === TCP) this.#tcp(header, pseudo);
    else if (layer === ipv4) return this.#ipv4(header, pseudo);
    else if (layer === ipv6) return this.#ipv6(header);
    else if (layer === ethernet) this.#ethernet(header);
    else if (layer === linuxSll) this.#cookedLink(header, SLL);
    else if (layer === linuxSll2) this.#cookedLink(header, SLL2);
    // Zero octets are Pad1 options (RFC 8200 §4.2), and a routing header of which nothing is left to visit.
    else if (layer === ipv6Extension) header.fill(0, EXTENSION_BODY, ((header[1] ?? 0) + 1) * 8);
    // It covers all that changes; zero says that there is none (RFC 768, RFC 6935).
    else if (layer === udp) header.fill(0, UDP_CHECKSUM, UDP_CHECKSUM + 2);
    return pseudo;
  }

  #ethernet(header: Uint8Array): void {
    for (const at of [ETHERNET_ADDRESS.destination, ETHERNET_ADDRESS.source])
      this.#link(header.subarray(at, at + MAC_OCTETS));
  }

  #cookedLink(header: Uint8Array, at: { readonly addressLength: number; readonly address: number }): void {
    const length = Math.min(header[at.addressLength] ?? 0, SLL_ADDRESS_OCTETS);
    if (length > 0) this.#link(header.subarray(at.address, at.address + length));
    header.fill(0, at.address + length, at.address + SLL_ADDRESS_OCTETS);
  }

  #link(address: Uint8Array): void {
    address.set(this.#pan.linkAddress(address.slice()));
  }

  #ipv4(header: Uint8Array, pseudo: PseudoHeader | null): PseudoHeader | null {
    // What is version 6 is listed as such, too, at the same place.
    if ((header[0] ?? 0) >>> 4 !== 4) return pseudo;
    const octets = ((header[0] ?? 0) & 0x0f) << 2;
    const whole = header.slice(0, octets);
    const addresses = this.#addresses(header, IPV4_HEADER.SOURCE, 4);
    header.fill(NO_OPERATION, IPV4_HEADER.OCTETS_MIN, octets);
    adjust(header, IPV4_CHECKSUM, whole, header.slice(0, octets));
    return addresses;
  }

  #ipv6(header: Uint8Array): PseudoHeader {
    return this.#addresses(header, IPV6_HEADER.SOURCE, 16);
  }

  #addresses(header: Uint8Array, at: number, octets: number): PseudoHeader {
    const before = header.slice(at, at + 2 * octets);
    for (const start of [at, at + octets]) {
      header.set(this.#pan.address(header.slice(start, start + octets)), start);
    }
    return { before, after: header.slice(at, at + 2 * octets) };
  }

  #tcp(header: Uint8Array, pseudo: PseudoHeader | null): void {
    const options = header.subarray(TCP_HEADER.OCTETS_MIN);
    const before = options.slice();
    blankTcpOptions(options);
    adjust(header, TCP_CHECKSUM, before, options);
    if (pseudo !== null) adjust(header, TCP_CHECKSUM, pseudo.before, pseudo.after);
  }
}

/** Zero was left to be filled in by the network card. */
function adjust(header: Uint8Array, at: number, before: Uint8Array, after: Uint8Array): void {
  if (header.length < at + 2) return;
  const checksum = ((header[at] ?? 0) << 8) | (header[at + 1] ?? 0);
  if (checksum === 0) return;
  const adjusted = adjustedChecksum(checksum, before, after);
  header[at] = adjusted >>> 8;
  header[at + 1] = adjusted & 0xff;
}

/** The headers from the outermost on, if all are known; else from the first IP header behind the innermost that is not. */
function behindUnknown(headers: readonly Header[]): readonly Header[] {
  const unknown = headers.findLastIndex(({ number }) => number !== TCP && !KNOWN.has(LAYERS.get(number)));
  if (unknown === -1) return headers;
  const ip = headers.findIndex(({ number }, index) => index > unknown && isIp(number));
  return ip === -1 ? [] : headers.slice(ip);
}

function isIp(number: number): boolean {
  const layer = LAYERS.get(number);
  return layer === ipv4 || layer === ipv6;
}

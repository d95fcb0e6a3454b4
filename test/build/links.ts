import { concat, u16, u32 } from "./octets.ts";

/** https://www.tcpdump.org/linktypes.html */
export const LINK_TYPES = {
  NULL: 0,
  EN10MB: 1,
  RAW: 101,
  LOOP: 108,
  LINUX_SLL: 113,
  LINUX_SLL2: 276,
} as const;

export type Link = keyof typeof LINK_TYPES;

/** Other numbers stand for themselves, so that a file may claim any link type. */
export function linkTypeNumber(link: Link | number): number {
  return typeof link === "number" ? link : LINK_TYPES[link];
}

export const ETHER_TYPE = { IPV4: 0x0800, ARP: 0x0806, IPV6: 0x86dd, VLAN: 0x8100, SERVICE_VLAN: 0x88a8 } as const;

export interface LinkOptions {
  /** EN10MB unless given. */
  readonly link?: Link;
  /** VLAN ids, outermost first: all but the last are service tags (802.1ad). */
  readonly vlan?: readonly number[];
  /** NULL only: the byte order of the capturing host; little-endian unless given. */
  readonly hostEndian?: "little" | "big";
  /** NULL and LOOP only: what the capturing host calls IPv6; 30 (macOS) unless given. */
  readonly afInet6?: number;
}

const AF_INET = 2;
const AF_INET6 = 30;
const ARPHRD_ETHER = 1;
/** Locally administered. */
const MAC_FROM = [0x02, 0, 0, 0, 0, 0x01];
const MAC_TO = [0x02, 0, 0, 0, 0, 0x02];

/** Puts the link header in front of a datagram. */
export function linkFrame(etherType: number, datagram: Uint8Array, options: LinkOptions = {}): Uint8Array {
  const { link = "EN10MB", vlan = [] } = options;
  const [type, tagged] = withTags(etherType, datagram, vlan);
  switch (link) {
    case "EN10MB":
      return concat(MAC_TO, MAC_FROM, u16(type), tagged);
    case "LINUX_SLL":
      return concat(u16(0), u16(ARPHRD_ETHER), u16(MAC_FROM.length), MAC_FROM, [0, 0], u16(type), tagged);
    case "LINUX_SLL2":
      return concat(u16(type), [0, 0], u32(2), u16(ARPHRD_ETHER), [0, MAC_FROM.length], MAC_FROM, [0, 0], tagged);
    case "NULL":
    case "LOOP":
    case "RAW":
      if (type !== ETHER_TYPE.IPV4 && type !== ETHER_TYPE.IPV6) {
        throw new Error(`expected IPv4 or IPv6 on ${link}, found type 0x${type.toString(16)}`);
      }
      return concat(addressFamily(link, type, options), datagram);
  }
}

function addressFamily(link: "NULL" | "LOOP" | "RAW", type: number, options: LinkOptions): Uint8Array {
  const family = type === ETHER_TYPE.IPV4 ? AF_INET : (options.afInet6 ?? AF_INET6);
  if (link === "RAW") return new Uint8Array();
  return u32(family, link === "LOOP" ? "big" : (options.hostEndian ?? "little"));
}

/** IEEE 802.1Q §9: each tag's type stands in front of it, and the type of what follows behind it. */
function withTags(etherType: number, datagram: Uint8Array, vlan: readonly number[]): [number, Uint8Array] {
  let type = etherType;
  let octets = datagram;
  for (const [depth, id] of [...vlan.entries()].reverse()) {
    octets = concat(u16(id), u16(type), octets);
    type = depth === vlan.length - 1 ? ETHER_TYPE.VLAN : ETHER_TYPE.SERVICE_VLAN;
  }
  return [type, octets];
}

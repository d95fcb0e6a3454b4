import type { Dissection } from "./dissection.ts";
import { ERSPAN_II, ERSPAN_III, ETHER_TYPE, ETHERNET, PPP, RAW } from "./header-numbers.ts";
import { EOIP_TUNNEL, GRE_KEY, NVGRE_SUBNET, tunnelOf } from "./tunnel-id.ts";

/** RFC 2784 §2 and RFC 2890 §2; the optional words follow in the order of their flags. */
const GRE_HEADER = { FLAGS: 0, PROTOCOL: 2, OCTETS_MIN: 4 } as const;
const GRE = { CHECKSUM: 0x8000, ROUTING: 0x4000, KEY: 0x2000, SEQUENCE: 0x1000, VERSION: 0x0007 } as const;

/** Behind the flags of version 1 (PPTP, RFC 2637 §4.1): the key is the payload's length and a call number that differs by direction. */
const GRE_ACKNOWLEDGMENT = 0x0080;
const ENHANCED = 1;

/** In place of the key: length of the frame, and the number of the tunnel, little-endian. */
const EOIP = { TUNNEL: 2, OCTETS: 4 } as const;

const PROTOCOL = {
  ETHERNET: 0x6558,
  PPP: 0x880b,
  EOIP: 0x6400,
  WCCP: 0x883e,
  ERSPAN: 0x88be,
  ERSPAN_III: 0x22eb,
} as const;

/**
 * RFC 7637 §3.2: the subnet stands in the upper 24 bits of the key; the lower eight differ between the flows of one subnet. Subnets below
 * 0x1000 are reserved, so a smaller key is a plain key, as of Linux's gretap.
 */
const NVGRE_KEY_MIN = 0x0010_0000;

/** draft-foschiano-erspan §4.2 and §4.3, behind GRE's sequence number. */
const ERSPAN = { TYPE_II_OCTETS: 8, TYPE_III_OCTETS: 12, LAST_BITS: 10, PLATFORM_OCTETS: 8 } as const;
const FRAME_TYPE = { MASK: 0x7c00, IP: 0x0800 } as const;
const PLATFORM_HEADER_PRESENT = 0x0001;

/** draft-wilson-wrec-wccp-v2 §4: a redirect header, which version 1 does not have. */
const WCCP_OCTETS = 4;

export function gre(d: Dissection): number {
  if (!d.has(GRE_HEADER.OCTETS_MIN)) return d.skip("frame-cut-short");
  const flags = d.view.getUint16(d.at + GRE_HEADER.FLAGS);
  const protocol = d.view.getUint16(d.at + GRE_HEADER.PROTOCOL);
  if ((flags & GRE.ROUTING) !== 0) return d.skip("not-tcp");
  d.at += GRE_HEADER.OCTETS_MIN;
  const version = flags & GRE.VERSION;
  if (version !== 0) return version === ENHANCED ? enhanced(d, flags, protocol) : d.skip("not-tcp");

  if ((flags & GRE.CHECKSUM) !== 0) d.at += 4;
  if ((flags & GRE.KEY) !== 0) {
    if (!d.has(4)) return d.skip("frame-cut-short");
    d.tunnel = tunnelOfKey(d.view.getUint32(d.at), protocol);
    d.at += 4;
  }
  const isNumbered = (flags & GRE.SEQUENCE) !== 0;
  if (isNumbered) d.at += 4;
  if (protocol === PROTOCOL.ERSPAN) return isNumbered ? ERSPAN_II : ETHERNET;
  if (protocol === PROTOCOL.ERSPAN_III) return ERSPAN_III;
  return protocol === PROTOCOL.WCCP ? wccp(d) : ETHER_TYPE + protocol;
}

function tunnelOfKey(key: number, protocol: number): number {
  if (protocol !== PROTOCOL.ETHERNET || key < NVGRE_KEY_MIN) return tunnelOf(GRE_KEY, key);
  return tunnelOf(NVGRE_SUBNET, key >>> 8);
}

function enhanced(d: Dissection, flags: number, protocol: number): number {
  return protocol === PROTOCOL.EOIP ? ethernetOverIp(d, flags) : pptp(d, flags, protocol);
}

/** MikroTik's tunnel: its number is the same at both ends. */
function ethernetOverIp(d: Dissection, flags: number): number {
  if ((flags & GRE.KEY) === 0) return d.skip("not-tcp");
  if (!d.has(EOIP.OCTETS)) return d.skip("frame-cut-short");
  d.tunnel = tunnelOf(EOIP_TUNNEL, d.view.getUint16(d.at + EOIP.TUNNEL, true));
  d.at += EOIP.OCTETS;
  return ETHERNET;
}

function pptp(d: Dissection, flags: number, protocol: number): number {
  // Without a sequence number there is no payload: it only acknowledges.
  if (protocol !== PROTOCOL.PPP || (flags & GRE.KEY) === 0 || (flags & GRE.SEQUENCE) === 0) return d.skip("not-tcp");
  d.at += (flags & GRE_ACKNOWLEDGMENT) === 0 ? 8 : 12;
  return PPP;
}

/** A mirrored frame. The session names the mirror, which may have one for each direction. */
export function erspanII(d: Dissection): number {
  d.at += ERSPAN.TYPE_II_OCTETS;
  return ETHERNET;
}

export function erspanIII(d: Dissection): number {
  if (!d.has(ERSPAN.TYPE_III_OCTETS)) return d.skip("frame-cut-short");
  const bits = d.view.getUint16(d.at + ERSPAN.LAST_BITS);
  d.at += ERSPAN.TYPE_III_OCTETS;
  if ((bits & PLATFORM_HEADER_PRESENT) !== 0) d.at += ERSPAN.PLATFORM_OCTETS;
  const type = bits & FRAME_TYPE.MASK;
  if (type === 0) return ETHERNET;
  return type === FRAME_TYPE.IP ? RAW : d.skip("not-ip");
}

/** Version 2's redirect header cannot be mistaken for a datagram's first octet. */
function wccp(d: Dissection): number {
  if (!d.has(1)) return d.skip("frame-cut-short");
  if (d.view.getUint8(d.at) >>> 4 !== 4) d.at += WCCP_OCTETS;
  return RAW;
}

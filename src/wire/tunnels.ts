import type { Dissection } from "./dissection.ts";
import { ETHER_TYPE, ETHERNET, IPV4, IPV6, PPP_PROTOCOL, UDP_PORT } from "./header-numbers.ts";
import { mix } from "./seeded-hash.ts";

/**
 * Headers between a link or IP header and an inner one. Only a tunnel whose identifier separates overlapping address spaces, and is the
 * same in both directions, goes into `d.tunnel`: MPLS labels and PPPoE sessions do not.
 */

/** RFC 768 */
const UDP_HEADER = { DESTINATION_PORT: 2, OCTETS: 8 } as const;

/** RFC 7348 §5 */
const VXLAN_HEADER = { FLAGS: 0, VNI: 4, OCTETS: 8 } as const;
const VNI_IS_VALID = 0x08;

/** RFC 2784 §2 and RFC 2890 §2; the optional words follow in the order of their flags. */
const GRE_HEADER = { FLAGS: 0, PROTOCOL: 2, OCTETS_MIN: 4 } as const;
const GRE = { CHECKSUM: 0x8000, ROUTING: 0x4000, KEY: 0x2000, SEQUENCE: 0x1000, VERSION: 0x0007 } as const;

/** RFC 3032 §2.1: label, traffic class, bottom of stack, time to live. */
const MPLS_ENTRY = { OCTETS: 4 } as const;
const BOTTOM_OF_STACK = 0x100;
/** RFC 4385 §3: what a pseudowire may put between the stack and its frame. */
const CONTROL_WORD_OCTETS = 4;

/** RFC 2516 §4, and the protocol field of RFC 1661 §2 behind it. */
const PPPOE_HEADER = { VERSION_AND_TYPE: 0, CODE: 1, LENGTH: 4, PPP_PROTOCOL: 6, OCTETS: 8 } as const;
const PPPOE_SESSION_DATA = 0x1100;

/** Told apart so that VNI 7 and GRE key 7 are different tunnels. */
const VXLAN_TUNNEL = 1;
const GRE_TUNNEL = 2;

/** The `tunnel` column for identifier `id` of a kind of tunnel: never 0, which stands for none. */
function tunnelOf(kind: number, id: number): number {
  return mix(id ^ mix(kind)) || kind;
}

export function udp(d: Dissection): number {
  if (!d.has(UDP_HEADER.OCTETS)) return d.skip("frame-cut-short");
  const port = d.view.getUint16(d.at + UDP_HEADER.DESTINATION_PORT);
  d.at += UDP_HEADER.OCTETS;
  return UDP_PORT + port;
}

export function vxlan(d: Dissection): number {
  if (!d.has(VXLAN_HEADER.OCTETS)) return d.skip("frame-cut-short");
  // A port number is a weak promise: any datagram may have it.
  if (d.view.getUint8(d.at + VXLAN_HEADER.FLAGS) !== VNI_IS_VALID) return d.skip("not-tcp");
  d.tunnel = tunnelOf(VXLAN_TUNNEL, d.view.getUint32(d.at + VXLAN_HEADER.VNI) >>> 8);
  d.at += VXLAN_HEADER.OCTETS;
  return ETHERNET;
}

export function gre(d: Dissection): number {
  if (!d.has(GRE_HEADER.OCTETS_MIN)) return d.skip("frame-cut-short");
  const flags = d.view.getUint16(d.at + GRE_HEADER.FLAGS);
  const protocol = d.view.getUint16(d.at + GRE_HEADER.PROTOCOL);
  if ((flags & (GRE.ROUTING | GRE.VERSION)) !== 0) return d.skip("not-tcp");

  d.at += GRE_HEADER.OCTETS_MIN;
  if ((flags & GRE.CHECKSUM) !== 0) d.at += 4;
  if ((flags & GRE.KEY) !== 0) {
    if (!d.has(4)) return d.skip("frame-cut-short");
    d.tunnel = tunnelOf(GRE_TUNNEL, d.view.getInt32(d.at));
    d.at += 4;
  }
  if ((flags & GRE.SEQUENCE) !== 0) d.at += 4;
  return ETHER_TYPE + protocol;
}

/** One entry of a label stack. Nothing names what lies under the last: the first half-octet tells it (RFC 4928 §3). */
export function mpls(d: Dissection): number {
  if (!d.has(MPLS_ENTRY.OCTETS + 1)) return d.skip("frame-cut-short");
  const entry = d.view.getInt32(d.at);
  d.at += MPLS_ENTRY.OCTETS;
  if ((entry & BOTTOM_OF_STACK) === 0) return ETHER_TYPE + 0x8847;
  const version = d.view.getUint8(d.at) >>> 4;
  if (version === 4) return IPV4;
  if (version === 6) return IPV6;
  if (version !== 0) return d.skip("not-ip");
  d.at += CONTROL_WORD_OCTETS;
  return ETHERNET;
}

export function pppoe(d: Dissection): number {
  if (!d.has(PPPOE_HEADER.OCTETS)) return d.skip("frame-cut-short");
  if (d.view.getUint16(d.at + PPPOE_HEADER.VERSION_AND_TYPE) !== PPPOE_SESSION_DATA) return d.skip("not-ip");
  const protocol = d.view.getUint16(d.at + PPPOE_HEADER.PPP_PROTOCOL);
  d.at += PPPOE_HEADER.OCTETS;
  return PPP_PROTOCOL + protocol;
}

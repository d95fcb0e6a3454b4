import type { Dissection } from "./dissection.ts";
import { ETHER_TYPE, ETHERNET, IPV4, IPV6, RAW, UDP_PORT } from "./header-numbers.ts";
import { GENEVE_NETWORK, tunnelOf, VXLAN_NETWORK } from "./tunnel-id.ts";

/** Tunnels over UDP. A port number is a weak promise, any datagram may have it: what is no valid header of the tunnel is just UDP. */

/** RFC 768 */
const UDP_HEADER = { SOURCE_PORT: 0, DESTINATION_PORT: 2, OCTETS: 8 } as const;

/** Ports from which answers come, to whatever port asked (RFC 2661 §8.1, RFC 4380 §2.7, RFC 5415 §3.1). */
const ANSWERING_PORTS: readonly number[] = [1701, 3544, 5247];

/** RFC 7348 §5: the other flags are to be ignored. One announces a group policy, which moves nothing. */
const VXLAN_HEADER = { FLAGS: 0, NEXT_PROTOCOL: 3, VNI: 4, OCTETS: 8 } as const;
const VNI_IS_VALID = 0x08;

/** draft-ietf-nvo3-vxlan-gpe §3.1: version 0, no operations message, and a number for what follows. */
const GPE = { VERSION: 0x30, PROTOCOL_IS_VALID: 0x04, OPERATIONS: 0x01 } as const;

/** RFC 8926 §3.4: version, and the length of the options in units of four octets. */
const GENEVE_HEADER = { VERSION_AND_LENGTH: 0, PROTOCOL: 2, VNI: 4, OCTETS: 8 } as const;
const GENEVE_OPTIONS = 0x3f;

/** 3GPP TS 29.281 §5.1 */
const GTP_HEADER = { FLAGS: 0, MESSAGE: 1, OCTETS: 8 } as const;
/** Version 1 of the protocol that carries users' data. */
const GTP_VERSION_AND_PROTOCOL = { MASK: 0xf0, VALUE: 0x30 } as const;
const GTP_USER_DATA = 0xff;
/** If any of three flags is set, all three fields are there; the last is the type of the first extension header, 0 for none. */
const GTP_OPTIONAL = { FLAGS: 0x07, EXTENSION_FLAG: 0x04, EXTENSION: 3, OCTETS: 4 } as const;

/** RFC 4380 §5.1.1: two things that may stand in front of the IPv6 datagram, in this order. */
const TEREDO_AUTHENTICATION = { INDICATOR: 0x0001, LENGTHS: 2, OCTETS_MIN: 13 } as const;
const TEREDO_ORIGIN = { INDICATOR: 0x0000, OCTETS: 8 } as const;

/** RFC 8300 §2.2: the length of the whole in units of four octets. */
const NSH = { VERSION_AND_LENGTH: 0, NEXT_PROTOCOL: 3, OCTETS_MIN: 8 } as const;
const NSH_VERSION = 0xc000;
const NSH_LENGTH = 0x003f;

/** RFC 8300 §2.2 and draft-ietf-nvo3-vxlan-gpe §3.2 number the same things alike. */
const NEXT_PROTOCOL: Readonly<Record<number, number>> = {
  1: IPV4,
  2: IPV6,
  3: ETHERNET,
  4: ETHER_TYPE + 0x894f,
  5: ETHER_TYPE + 0x8847,
};

export function udp(d: Dissection): number {
  if (!d.has(UDP_HEADER.OCTETS)) return d.skip("frame-cut-short");
  const source = d.view.getUint16(d.at + UDP_HEADER.SOURCE_PORT);
  const destination = d.view.getUint16(d.at + UDP_HEADER.DESTINATION_PORT);
  d.at += UDP_HEADER.OCTETS;
  return UDP_PORT + (ANSWERING_PORTS.includes(source) ? source : destination);
}

export function vxlan(d: Dissection): number {
  if (!d.has(VXLAN_HEADER.OCTETS)) return d.skip("frame-cut-short");
  if ((d.view.getUint8(d.at + VXLAN_HEADER.FLAGS) & VNI_IS_VALID) === 0) return d.skip("not-tcp");
  enterNetwork(d);
  return ETHERNET;
}

export function vxlanGpe(d: Dissection): number {
  if (!d.has(VXLAN_HEADER.OCTETS)) return d.skip("frame-cut-short");
  const flags = d.view.getUint8(d.at + VXLAN_HEADER.FLAGS);
  const next = d.view.getUint8(d.at + VXLAN_HEADER.NEXT_PROTOCOL);
  if ((flags & (GPE.VERSION | GPE.OPERATIONS | VNI_IS_VALID)) !== VNI_IS_VALID) return d.skip("not-tcp");
  enterNetwork(d);
  return (flags & GPE.PROTOCOL_IS_VALID) === 0 ? ETHERNET : (NEXT_PROTOCOL[next] ?? d.skip("not-tcp"));
}

function enterNetwork(d: Dissection): void {
  d.tunnel = tunnelOf(VXLAN_NETWORK, d.view.getUint32(d.at + VXLAN_HEADER.VNI) >>> 8);
  d.at += VXLAN_HEADER.OCTETS;
}

export function geneve(d: Dissection): number {
  if (!d.has(GENEVE_HEADER.OCTETS)) return d.skip("frame-cut-short");
  const { view, at } = d;
  const versionAndLength = view.getUint8(at + GENEVE_HEADER.VERSION_AND_LENGTH);
  if (versionAndLength > GENEVE_OPTIONS) return d.skip("not-tcp");
  d.tunnel = tunnelOf(GENEVE_NETWORK, view.getUint32(at + GENEVE_HEADER.VNI) >>> 8);
  d.at = at + GENEVE_HEADER.OCTETS + versionAndLength * 4;
  return ETHER_TYPE + view.getUint16(at + GENEVE_HEADER.PROTOCOL);
}

/** The endpoint identifier differs by direction, so it is not part of the key. */
export function gtp(d: Dissection): number {
  if (!d.has(GTP_HEADER.OCTETS)) return d.skip("frame-cut-short");
  const { view, at } = d;
  const flags = view.getUint8(at + GTP_HEADER.FLAGS);
  if ((flags & GTP_VERSION_AND_PROTOCOL.MASK) !== GTP_VERSION_AND_PROTOCOL.VALUE) return d.skip("not-tcp");
  if (view.getUint8(at + GTP_HEADER.MESSAGE) !== GTP_USER_DATA) return d.skip("not-tcp");
  d.at = at + GTP_HEADER.OCTETS;
  if ((flags & GTP_OPTIONAL.FLAGS) !== 0) {
    if (!d.has(GTP_OPTIONAL.OCTETS)) return d.skip("frame-cut-short");
    const extension = view.getUint8(d.at + GTP_OPTIONAL.EXTENSION);
    d.at += GTP_OPTIONAL.OCTETS;
    if ((flags & GTP_OPTIONAL.EXTENSION_FLAG) !== 0 && !stepOverGtpExtensions(d, extension)) return d.skip(d.reason);
  }
  if (!d.has(1)) return d.skip("frame-cut-short");
  const version = view.getUint8(d.at) >>> 4;
  return version === 4 || version === 6 ? RAW : d.skip("not-tcp");
}

/** §5.2.1: a length in units of four octets, the contents, and the type of the next one. False, with a reason in `d`, if they do not end. */
function stepOverGtpExtensions(d: Dissection, first: number): boolean {
  for (let extension = first; extension !== 0; extension = d.view.getUint8(d.at - 1)) {
    d.reason = "frame-cut-short";
    if (!d.has(1)) return false;
    const octets = d.view.getUint8(d.at) * 4;
    if (!d.has(octets)) return false;
    d.reason = "not-tcp";
    if (octets === 0) return false;
    d.at += octets;
  }
  return true;
}

export function teredo(d: Dissection): number {
  const { view } = d;
  if (!d.has(2)) return d.skip("frame-cut-short");
  if (view.getUint16(d.at) === TEREDO_AUTHENTICATION.INDICATOR) {
    if (!d.has(TEREDO_AUTHENTICATION.OCTETS_MIN + 2)) return d.skip("frame-cut-short");
    const lengths = d.at + TEREDO_AUTHENTICATION.LENGTHS;
    d.at += TEREDO_AUTHENTICATION.OCTETS_MIN + view.getUint8(lengths) + view.getUint8(lengths + 1);
    if (!d.has(2)) return d.skip("frame-cut-short");
  }
  if (view.getUint16(d.at) === TEREDO_ORIGIN.INDICATOR) d.at += TEREDO_ORIGIN.OCTETS;
  if (!d.has(1)) return d.skip("frame-cut-short");
  return view.getUint8(d.at) >>> 4 === 6 ? IPV6 : d.skip("not-tcp");
}

/** The service header of RFC 8300, on Ethernet or in VXLAN-GPE. */
export function networkService(d: Dissection): number {
  if (!d.has(NSH.OCTETS_MIN)) return d.skip("frame-cut-short");
  const word = d.view.getUint16(d.at + NSH.VERSION_AND_LENGTH);
  const octets = (word & NSH_LENGTH) * 4;
  if ((word & NSH_VERSION) !== 0 || octets < NSH.OCTETS_MIN) return d.skip("not-ip");
  const next = d.view.getUint8(d.at + NSH.NEXT_PROTOCOL);
  d.at += octets;
  return NEXT_PROTOCOL[next] ?? d.skip("not-ip");
}

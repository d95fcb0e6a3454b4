import type { Dissection } from "./dissection.ts";
import { ETHER_TYPE, PPP, PPP_PROTOCOL } from "./header-numbers.ts";

/** RFC 1662 §3.1: in HDLC-like framing an address and a control octet stand in front, unless they were negotiated away. */
const ADDRESS_AND_CONTROL = 0xff03;
const CONTROL = 0x03;

/** https://www.tcpdump.org/linktypes/LINKTYPE_PPP_HDLC.html: these two addresses are Cisco's framing, not PPP's. */
const CISCO_UNICAST = 0x0f;
const CISCO_MULTICAST = 0x8f;
const CISCO_HDLC = { TYPE: 2, OCTETS: 4 } as const;

/** RFC 2516 §4 */
const PPPOE_HEADER = { VERSION_AND_TYPE: 0, CODE: 1, OCTETS: 6 } as const;
const PPPOE_SESSION_DATA = 0x1100;

/** RFC 1661 §2 */
export function ppp(d: Dissection): number {
  if (!d.has(2)) return d.skip("frame-cut-short");
  if (d.view.getUint16(d.at) === ADDRESS_AND_CONTROL) d.at += 2;
  return protocolOf(d);
}

/** One octet of the protocol may be left out (RFC 1661 §6.5): the last one of a number is odd, all others are even. */
function protocolOf(d: Dissection): number {
  if (!d.has(1)) return d.skip("frame-cut-short");
  const first = d.view.getUint8(d.at);
  d.at++;
  if ((first & 1) !== 0) return PPP_PROTOCOL + first;
  if (!d.has(1)) return d.skip("frame-cut-short");
  const second = d.view.getUint8(d.at);
  d.at++;
  return PPP_PROTOCOL + ((first << 8) | second);
}

export function pppSerial(d: Dissection): number {
  if (!d.has(1)) return d.skip("frame-cut-short");
  const address = d.view.getUint8(d.at);
  return address === CISCO_UNICAST || address === CISCO_MULTICAST ? ciscoHdlc(d) : ppp(d);
}

/** An octet that tells the direction, and the frame behind it. */
export function pppWithDirection(d: Dissection): number {
  d.at++;
  return pppSerial(d);
}

/** The direction stands in place of the address. */
export function pppPppd(d: Dissection): number {
  if (!d.has(2)) return d.skip("frame-cut-short");
  d.at += d.view.getUint8(d.at + 1) === CONTROL ? 2 : 1;
  return ppp(d);
}

/** https://www.tcpdump.org/linktypes/LINKTYPE_C_HDLC.html: address, control, and an ether type. */
export function ciscoHdlc(d: Dissection): number {
  if (!d.has(CISCO_HDLC.OCTETS)) return d.skip("frame-cut-short");
  const type = d.view.getUint16(d.at + CISCO_HDLC.TYPE);
  d.at += CISCO_HDLC.OCTETS;
  return ETHER_TYPE + type;
}

export function ciscoHdlcWithDirection(d: Dissection): number {
  d.at++;
  return ciscoHdlc(d);
}

export function pppoe(d: Dissection): number {
  if (!d.has(PPPOE_HEADER.OCTETS)) return d.skip("frame-cut-short");
  if (d.view.getUint16(d.at + PPPOE_HEADER.VERSION_AND_TYPE) !== PPPOE_SESSION_DATA) return d.skip("not-ip");
  d.at += PPPOE_HEADER.OCTETS;
  return PPP;
}

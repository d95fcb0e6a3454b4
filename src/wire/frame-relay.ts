import type { Dissection } from "./dissection.ts";
import { ETHER_TYPE, IPV4, IPV6, SNAP } from "./header-numbers.ts";

/** ITU-T Q.922 §3.3: two to four octets of address; the lowest bit is set in the last. */
const ADDRESS_OCTETS_MAX = 4;
const LAST_OCTET = 0x01;

/** RFC 2427 §3: unnumbered information, perhaps an octet of padding, then a number for what follows. */
const UNNUMBERED_INFORMATION = 0x03;
const PADDING = 0x00;
const NLPID = { SNAP: 0x80, IPV6: 0x8e, IPV4: 0xcc } as const;

export function frameRelay(d: Dissection): number {
  let addressOctets = 1;
  while (d.has(addressOctets) && (d.view.getUint8(d.at + addressOctets - 1) & LAST_OCTET) === 0) {
    if (addressOctets++ === ADDRESS_OCTETS_MAX) return d.skip("not-ip");
  }
  d.at += addressOctets;
  if (!d.has(2)) return d.skip("frame-cut-short");
  // Cisco's own encapsulation has an ether type here; none begins with this octet.
  if (d.view.getUint8(d.at) !== UNNUMBERED_INFORMATION) {
    d.at += 2;
    return ETHER_TYPE + d.view.getUint16(d.at - 2);
  }
  d.at += d.view.getUint8(d.at + 1) === PADDING ? 2 : 1;
  if (!d.has(1)) return d.skip("frame-cut-short");
  const number = d.view.getUint8(d.at);
  d.at++;
  if (number === NLPID.IPV4) return IPV4;
  if (number === NLPID.IPV6) return IPV6;
  return number === NLPID.SNAP ? SNAP : d.skip("not-ip");
}

export function frameRelayWithDirection(d: Dissection): number {
  d.at++;
  return frameRelay(d);
}

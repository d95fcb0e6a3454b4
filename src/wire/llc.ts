import type { Dissection } from "./dissection.ts";
import { ETHER_TYPE, IPV4, LLC, SNAP } from "./header-numbers.ts";

/** IEEE 802.2 §3: two service access points and, for unnumbered information, one octet of control. */
const LLC_HEADER = { DSAP: 0, CONTROL: 2, OCTETS: 3 } as const;
const UNNUMBERED_INFORMATION = 0x03;
const SAP = { IP: 0x06, SNAP: 0xaa } as const;

/** IEEE 802 §9.5, behind the LLC header: an organisation, and a number of its own. */
const SNAP_HEADER = { OUI: 0, PROTOCOL: 3, OCTETS: 5 } as const;
/** With these two the number is an ether type (RFC 1042; IEEE 802.1H for the second). */
const ENCAPSULATED_ETHERNET: readonly number[] = [0x000000, 0x0000f8];

/** IEEE 802.5 §3.2; a set group bit in the source address announces a routing field, which says how long it is. */
const TOKEN_RING_HEADER = { FRAME_CONTROL: 1, SOURCE: 8, OCTETS: 14 } as const;
const TOKEN_RING_LLC = 0x40;
const ROUTED = 0x80;
const ROUTING_OCTETS = 0x1f;

/** ANSI X3.139 §7.2 */
const FDDI_HEADER = { FRAME_CONTROL: 0, OCTETS: 13 } as const;
const FDDI_LLC = 0x50;

/** RFC 2625 §3.3: destination and source, 8 octets each. */
const FIBRE_CHANNEL_OCTETS = 16;

/** https://www.tcpdump.org/linktypes/LINKTYPE_SUNATM.html */
const SUN_ATM = { TYPE: 0, OCTETS: 4 } as const;
const SUN_ATM_LLC = 2;

export function llc(d: Dissection): number {
  if (!d.has(LLC_HEADER.OCTETS)) return d.skip("frame-cut-short");
  const { view, at } = d;
  if (view.getUint8(at + LLC_HEADER.CONTROL) !== UNNUMBERED_INFORMATION) return d.skip("not-ip");
  const service = view.getUint8(at + LLC_HEADER.DSAP);
  d.at = at + LLC_HEADER.OCTETS;
  if (service === SAP.IP) return IPV4;
  return service === SAP.SNAP ? SNAP : d.skip("not-ip");
}

export function snap(d: Dissection): number {
  if (!d.has(SNAP_HEADER.OCTETS)) return d.skip("frame-cut-short");
  const organisation = d.view.getUint32(d.at + SNAP_HEADER.OUI) >>> 8;
  const protocol = d.view.getUint16(d.at + SNAP_HEADER.PROTOCOL);
  d.at += SNAP_HEADER.OCTETS;
  return ENCAPSULATED_ETHERNET.includes(organisation) ? ETHER_TYPE + protocol : d.skip("not-ip");
}

export function tokenRing(d: Dissection): number {
  if (!d.has(TOKEN_RING_HEADER.OCTETS)) return d.skip("frame-cut-short");
  const { view, at } = d;
  if ((view.getUint8(at + TOKEN_RING_HEADER.FRAME_CONTROL) & 0xc0) !== TOKEN_RING_LLC) return d.skip("not-ip");
  d.at = at + TOKEN_RING_HEADER.OCTETS;
  if ((view.getUint8(at + TOKEN_RING_HEADER.SOURCE) & ROUTED) !== 0) {
    if (!d.has(1)) return d.skip("frame-cut-short");
    d.at += view.getUint8(d.at) & ROUTING_OCTETS;
  }
  return LLC;
}

export function fddi(d: Dissection): number {
  if (!d.has(FDDI_HEADER.OCTETS)) return d.skip("frame-cut-short");
  if ((d.view.getUint8(d.at + FDDI_HEADER.FRAME_CONTROL) & 0xf0) !== FDDI_LLC) return d.skip("not-ip");
  d.at += FDDI_HEADER.OCTETS;
  return LLC;
}

export function ipOverFibreChannel(d: Dissection): number {
  d.at += FIBRE_CHANNEL_OCTETS;
  return LLC;
}

export function sunAtm(d: Dissection): number {
  if (!d.has(SUN_ATM.OCTETS)) return d.skip("frame-cut-short");
  const type = d.view.getUint8(d.at + SUN_ATM.TYPE) & 0x0f;
  d.at += SUN_ATM.OCTETS;
  return type === SUN_ATM_LLC ? LLC : d.skip("not-ip");
}

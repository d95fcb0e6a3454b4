import type { Dissection } from "./dissection.ts";
import { ETHER_TYPE, ETHERNET } from "./header-numbers.ts";
import { byTypeOrLength } from "./link-layers.ts";
import { SERVICE_INSTANCE, tunnelOf } from "./tunnel-id.ts";

/** What stands between the addresses of an Ethernet frame and the type of what it carries; each tag ends with that type. */

/** IEEE 802.1Q §9.3, behind the tag's own type: tag control information, then the type of what follows. */
const VLAN_TAG = { TYPE: 2, OCTETS: 4 } as const;

/** Cisco's VN-tag, HSR's (IEC 62439-3 §5.6) and the R-TAG of IEEE 802.1CB §7.8: four octets, then the type. */
const FOUR_OCTET_TAG = { TYPE: 4, OCTETS: 6 } as const;

/** IEEE 802.1BR §7.5 */
const E_TAG = { TYPE: 6, OCTETS: 8 } as const;

/** IEEE 802.1Q §9.7: flags and a service identifier of 24 bits, then the addresses and the type of the customer's frame. */
const I_TAG = { FLAGS_AND_SERVICE: 0, OCTETS: 4 } as const;
const SERVICE = 0x00ffffff;

/** RFC 6325 §3.1: version, then the length of the options in units of four octets, hop count; two nicknames; then a frame. */
const TRILL = { FLAGS: 0, OCTETS_MIN: 6 } as const;
const TRILL_VERSION = 0xc000;
const TRILL_OPTIONS = 0x07c0;

/**
 * Arista's switches stamp the time on what they mirror: subtype, version, seconds and nanoseconds; then the type. Of the seconds there
 * are 32 bits or 16.
 */
const TIME_STAMP = { SUBTYPE: 0, VERSION: 2, OCTETS: 4 } as const;
const TIME_STAMP_SUBTYPE = 1;
/** Without the bit that tells the time scale. */
const TIME_STAMP_OCTETS: Readonly<Record<number, number>> = { 16: 8, 32: 6 };

/** Cisco metadata: version, and the length of what follows in units of four octets; then the type. */
const METADATA = { VERSION: 0, LENGTH: 1, OCTETS: 2 } as const;

/** IEEE 802.1AE §9.3: an encrypted or a changed payload is not readable, one that is only authenticated is. */
const MACSEC = { CONTROL: 0, OCTETS: 6, CHANNEL_OCTETS: 8 } as const;
const MACSEC_CONTROL = { CHANNEL_PRESENT: 0x20, ENCRYPTED: 0x08, CHANGED: 0x04 } as const;

/** One tag of a stack. The VLAN is not part of a flow's key: routed and mirrored traffic shows both directions under different tags. */
export function vlanTag(d: Dissection): number {
  if (!d.has(VLAN_TAG.OCTETS)) return d.skip("frame-cut-short");
  const type = d.view.getUint16(d.at + VLAN_TAG.TYPE);
  d.at += VLAN_TAG.OCTETS;
  return byTypeOrLength(d, type);
}

export function fourOctetTag(d: Dissection): number {
  if (!d.has(FOUR_OCTET_TAG.OCTETS)) return d.skip("frame-cut-short");
  const type = d.view.getUint16(d.at + FOUR_OCTET_TAG.TYPE);
  d.at += FOUR_OCTET_TAG.OCTETS;
  return byTypeOrLength(d, type);
}

export function eTag(d: Dissection): number {
  if (!d.has(E_TAG.OCTETS)) return d.skip("frame-cut-short");
  const type = d.view.getUint16(d.at + E_TAG.TYPE);
  d.at += E_TAG.OCTETS;
  return byTypeOrLength(d, type);
}

/** Of a provider backbone bridge: customers are told apart by the service. */
export function iTag(d: Dissection): number {
  if (!d.has(I_TAG.OCTETS)) return d.skip("frame-cut-short");
  d.tunnel = tunnelOf(SERVICE_INSTANCE, d.view.getUint32(d.at + I_TAG.FLAGS_AND_SERVICE) & SERVICE);
  d.at += I_TAG.OCTETS;
  return ETHERNET;
}

export function trill(d: Dissection): number {
  if (!d.has(TRILL.OCTETS_MIN)) return d.skip("frame-cut-short");
  const flags = d.view.getUint16(d.at + TRILL.FLAGS);
  if ((flags & TRILL_VERSION) !== 0) return d.skip("not-ip");
  d.at += TRILL.OCTETS_MIN + ((flags & TRILL_OPTIONS) >>> 6) * 4;
  return ETHERNET;
}

export function ciscoMetadata(d: Dissection): number {
  if (!d.has(METADATA.OCTETS)) return d.skip("frame-cut-short");
  const { view, at } = d;
  if (view.getUint8(at + METADATA.VERSION) !== 1) return d.skip("not-ip");
  d.at = at + METADATA.OCTETS + view.getUint8(at + METADATA.LENGTH) * 4;
  if (!d.has(2)) return d.skip("frame-cut-short");
  d.at += 2;
  return ETHER_TYPE + view.getUint16(d.at - 2);
}

export function timeStamp(d: Dissection): number {
  if (!d.has(TIME_STAMP.OCTETS)) return d.skip("frame-cut-short");
  const { view, at } = d;
  const octets = TIME_STAMP_OCTETS[view.getUint16(at + TIME_STAMP.VERSION) & 0xff];
  if (view.getUint16(at + TIME_STAMP.SUBTYPE) !== TIME_STAMP_SUBTYPE || octets === undefined) return d.skip("not-ip");
  d.at = at + TIME_STAMP.OCTETS + octets;
  if (!d.has(2)) return d.skip("frame-cut-short");
  d.at += 2;
  return byTypeOrLength(d, view.getUint16(d.at - 2));
}

export function macsec(d: Dissection): number {
  if (!d.has(MACSEC.OCTETS)) return d.skip("frame-cut-short");
  const control = d.view.getUint8(d.at + MACSEC.CONTROL);
  if ((control & (MACSEC_CONTROL.ENCRYPTED | MACSEC_CONTROL.CHANGED)) !== 0) return d.skip("encrypted");
  d.at += MACSEC.OCTETS;
  if ((control & MACSEC_CONTROL.CHANNEL_PRESENT) !== 0) d.at += MACSEC.CHANNEL_OCTETS;
  if (!d.has(2)) return d.skip("frame-cut-short");
  d.at += 2;
  return ETHER_TYPE + d.view.getUint16(d.at - 2);
}

import type { Dissection } from "./dissection.ts";
import { LINK } from "./header-numbers.ts";

/** https://www.tcpdump.org/linktypes/LINKTYPE_PKTAP.html, as in Apple's <net/pktap.h>: little-endian. */
const PKTAP = { LENGTH: 0, TYPE: 4, LINK_TYPE: 8, INTERFACE_NAME: 12, FLAGS: 36, OCTETS_MIN: 44 } as const;
const NAME_OCTETS = PKTAP.FLAGS - PKTAP.INTERFACE_NAME;
/** Grown once so far, from 108 octets to 156. */
const OCTETS_MAX = 512;
const NOTHING = 0;
const PACKET = 1;
const LINK_TYPE_MAX = 0xffff;

/** Apple's header for captures on several interfaces: each frame says its own link type. */
export function pktap(d: Dissection): number {
  if (!d.has(PKTAP.OCTETS_MIN)) return d.skip("frame-cut-short");
  const { view, at } = d;
  const octets = view.getUint32(at + PKTAP.LENGTH, true);
  const linkType = view.getUint32(at + PKTAP.LINK_TYPE, true);
  if (octets < PKTAP.OCTETS_MIN || view.getUint32(at + PKTAP.TYPE, true) === NOTHING) return d.skip("not-ip");
  if (linkType > LINK_TYPE_MAX) return d.skip("link-type-unknown");
  if (!d.has(octets)) return d.skip("frame-cut-short");
  d.at = at + octets;
  return LINK + linkType;
}

/** Apple wrote it under a number that is everybody's own, so whatever does not look like this header is not taken for it. */
export function pktapOfApple(d: Dissection): number {
  return looksLikePktap(d) ? pktap(d) : d.skip("link-type-unknown");
}

function looksLikePktap({ view, at, end }: Dissection): boolean {
  if (end - at < PKTAP.OCTETS_MIN) return false;
  const octets = view.getUint32(at + PKTAP.LENGTH, true);
  if (octets < PKTAP.OCTETS_MIN || octets > OCTETS_MAX || view.getUint32(at + PKTAP.TYPE, true) > PACKET) return false;
  return view.getUint32(at + PKTAP.LINK_TYPE, true) <= LINK_TYPE_MAX && isName(view, at + PKTAP.INTERFACE_NAME);
}

/** Letters and digits, then zeros. */
function isName(view: DataView, at: number): boolean {
  let length = 0;
  while (length < NAME_OCTETS && isLetterOrDigit(view.getUint8(at + length))) length++;
  return length > 0 && length < NAME_OCTETS && view.getUint8(at + length) === 0;
}

function isLetterOrDigit(octet: number): boolean {
  const lower = octet | 0x20;
  return (octet >= 0x30 && octet <= 0x39) || (lower >= 0x61 && lower <= 0x7a);
}

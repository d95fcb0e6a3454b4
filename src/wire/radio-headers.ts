import type { Dissection } from "./dissection.ts";
import { IEEE_802_11, IEEE_802_11_PADDED, LINK } from "./header-numbers.ts";

/** What drivers put in front of an 802.11 frame to tell how it was received. */

/** https://www.radiotap.org: little-endian; words that tell which fields are present, then the fields, each aligned to its size. */
const RADIOTAP = { VERSION: 0, LENGTH: 2, PRESENT: 4, OCTETS_MIN: 8 } as const;
const PRESENT = { TIMER: 0x01, FLAGS: 0x02, MORE_WORDS: 0x80000000 } as const;
const TIMER_OCTETS = 8;
const PADDED = 0x20;

/** http://www.martin.cc/linux/prism: octets in the order of the capturing host; the first word is 0x41 or 0x44. */
const PRISM = { CODE: 0, LENGTH: 4, OCTETS_MIN: 8 } as const;
const PRISM_CODE_MAX = 0xff;

/** https://web.archive.org/web/20040803232023/http://www.shaftnet.org/~pizza/software/capturefrm.txt */
const AVS = { COOKIE: 0, LENGTH: 4, OCTETS_MIN: 8 } as const;
/** Without its last twelve bits, the version. */
const AVS_COOKIE = 0x80211000;

/** CACE's Per-Packet Information: little-endian. */
const PPI = { VERSION: 0, LENGTH: 2, LINK_TYPE: 4, OCTETS_MIN: 8 } as const;
const LINK_TYPE_MAX = 0xffff;

export function radiotap(d: Dissection): number {
  if (!d.has(RADIOTAP.OCTETS_MIN)) return d.skip("frame-cut-short");
  const { view, at } = d;
  const octets = view.getUint16(at + RADIOTAP.LENGTH, true);
  if (view.getUint8(at + RADIOTAP.VERSION) !== 0 || octets < RADIOTAP.OCTETS_MIN) return d.skip("not-ip");
  if (!d.has(octets)) return d.skip("frame-cut-short");
  d.at = at + octets;
  return isPadded(view, at, octets) ? IEEE_802_11_PADDED : IEEE_802_11;
}

/** The flags are the first field, or the second behind the timer; all octets of the header were captured. */
function isPadded(view: DataView, at: number, octets: number): boolean {
  const present = view.getUint32(at + RADIOTAP.PRESENT, true);
  if ((present & PRESENT.FLAGS) === 0) return false;
  let field: number = RADIOTAP.PRESENT;
  while (field + 4 <= octets && (view.getUint32(at + field, true) & PRESENT.MORE_WORDS) !== 0) field += 4;
  field += 4;
  if ((present & PRESENT.TIMER) !== 0) field = Math.ceil(field / TIMER_OCTETS) * TIMER_OCTETS + TIMER_OCTETS;
  return field < octets && (view.getUint8(at + field) & PADDED) !== 0;
}

export function prism(d: Dissection): number {
  if (!d.has(PRISM.OCTETS_MIN)) return d.skip("frame-cut-short");
  const code = d.view.getUint32(d.at + PRISM.CODE);
  // Drivers that changed over to the other header kept the link type.
  if ((code & 0xfffff000) >>> 0 === AVS_COOKIE) return avs(d);
  return behind(d, d.view.getUint32(d.at + PRISM.LENGTH, code > PRISM_CODE_MAX), PRISM.OCTETS_MIN);
}

export function avs(d: Dissection): number {
  if (!d.has(AVS.OCTETS_MIN)) return d.skip("frame-cut-short");
  return behind(d, d.view.getUint32(d.at + AVS.LENGTH), AVS.OCTETS_MIN);
}

function behind(d: Dissection, octets: number, octetsMin: number): number {
  if (octets < octetsMin) return d.skip("not-ip");
  if (!d.has(octets)) return d.skip("frame-cut-short");
  d.at += octets;
  return IEEE_802_11;
}

export function perPacketInformation(d: Dissection): number {
  if (!d.has(PPI.OCTETS_MIN)) return d.skip("frame-cut-short");
  const { view, at } = d;
  const octets = view.getUint16(at + PPI.LENGTH, true);
  const linkType = view.getUint32(at + PPI.LINK_TYPE, true);
  if (view.getUint8(at + PPI.VERSION) !== 0 || octets < PPI.OCTETS_MIN) return d.skip("not-ip");
  if (linkType > LINK_TYPE_MAX) return d.skip("link-type-unknown");
  d.at = at + octets;
  return LINK + linkType;
}

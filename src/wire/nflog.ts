import type { Dissection } from "./dissection.ts";
import { byFamily } from "./host-taps.ts";

/** https://www.tcpdump.org/linktypes/LINKTYPE_NFLOG.html */
const NFLOG_HEADER = { FAMILY: 0, OCTETS: 4 } as const;

/** Behind it: attributes in the byte order of the capturing host, each padded to 32 bits. */
const ATTRIBUTE = { LENGTH: 0, TYPE: 2, OCTETS_MIN: 4 } as const;
const PAYLOAD = 9;

/** The netfilter log of Linux: the datagram is the value of one attribute among others. */
export function nflog(d: Dissection): number {
  if (!d.has(NFLOG_HEADER.OCTETS + ATTRIBUTE.OCTETS_MIN)) return d.skip("frame-cut-short");
  const { view } = d;
  const family = view.getUint8(d.at + NFLOG_HEADER.FAMILY);
  d.at += NFLOG_HEADER.OCTETS;
  // The first one is short: in the wrong order it would be a long one.
  const littleEndian = view.getUint16(d.at + ATTRIBUTE.LENGTH, true) <= view.getUint16(d.at + ATTRIBUTE.LENGTH);
  while (d.has(ATTRIBUTE.OCTETS_MIN)) {
    const octets = view.getUint16(d.at + ATTRIBUTE.LENGTH, littleEndian);
    if (octets < ATTRIBUTE.OCTETS_MIN) return d.skip("not-ip");
    if (view.getUint16(d.at + ATTRIBUTE.TYPE, littleEndian) === PAYLOAD) {
      d.endAt(d.at + octets);
      d.at += ATTRIBUTE.OCTETS_MIN;
      return byFamily(d, family);
    }
    d.at += (octets + 3) & ~3;
  }
  return d.skip("frame-cut-short");
}

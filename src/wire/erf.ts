import type { Dissection } from "./dissection.ts";
import { ETHERNET, IPV4, IPV6 } from "./header-numbers.ts";

/** https://www.endace.com/erf-extensible-record-format-types.pdf: a record of an Endace card, which has the wire length, too. */
const ERF = { TYPE: 8, WIRE_LENGTH: 14, OCTETS: 16 } as const;
const TYPE = { MASK: 0x7f, EXTENSIONS: 0x80, IPV4: 22, IPV6: 23 } as const;
/** Ethernet, coloured, with a hash, or with both: two octets stand in front of the frame. */
const ETHERNET_TYPES: readonly number[] = [2, 11, 16, 20];
const BEFORE_ETHERNET_OCTETS = 2;
/** The first octet of an extension header tells whether another one follows. */
const EXTENSION_OCTETS = 8;

export function erf(d: Dissection): number {
  if (!d.has(ERF.OCTETS)) return d.skip("frame-cut-short");
  const { view, at } = d;
  const type = view.getUint8(at + ERF.TYPE);
  const wireLength = view.getUint16(at + ERF.WIRE_LENGTH);
  d.at = at + ERF.OCTETS;
  for (let more = (type & TYPE.EXTENSIONS) !== 0; more; d.at += EXTENSION_OCTETS) {
    if (!d.has(EXTENSION_OCTETS)) return d.skip("frame-cut-short");
    more = (view.getUint8(d.at) & TYPE.EXTENSIONS) !== 0;
  }
  const isEthernet = ETHERNET_TYPES.includes(type & TYPE.MASK);
  if (isEthernet) d.at += BEFORE_ETHERNET_OCTETS;
  d.endAt(d.at + wireLength);
  if (isEthernet) return ETHERNET;
  if ((type & TYPE.MASK) === TYPE.IPV4) return IPV4;
  return (type & TYPE.MASK) === TYPE.IPV6 ? IPV6 : d.skip("not-ip");
}

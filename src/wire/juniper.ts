import type { Dissection, Layer } from "./dissection.ts";
import { RAW } from "./header-numbers.ts";

/**
 * What Junos puts in front of a frame (`monitor traffic … write-file`), as in tcpdump's print-juniper.c: the letters MGC, flags, and, if
 * announced, the length of what follows it.
 */
const JUNIPER = { MAGIC: 0, FLAGS: 3, OCTETS: 4, EXTENSION_LENGTH_OCTETS: 2 } as const;
const MAGIC = 0x4d4743;
const FLAG = { EXTENSIONS: 0x80, WITHOUT_LINK_HEADER: 0x02 } as const;
/** An address family stands in place of the link header. */
const FAMILY_OCTETS = 4;

/** The header, and behind it what `next` says. */
export function juniper(next: number): Layer {
  return (d: Dissection) => {
    if (!d.has(JUNIPER.OCTETS)) return d.skip("frame-cut-short");
    const word = d.view.getUint32(d.at + JUNIPER.MAGIC);
    const flags = d.view.getUint8(d.at + JUNIPER.FLAGS);
    if (word >>> 8 !== MAGIC) return next; // JUNOS before 7.0
    d.at += JUNIPER.OCTETS;
    if ((flags & FLAG.EXTENSIONS) !== 0) {
      if (!d.has(JUNIPER.EXTENSION_LENGTH_OCTETS)) return d.skip("frame-cut-short");
      d.at += JUNIPER.EXTENSION_LENGTH_OCTETS + d.view.getUint16(d.at);
    }
    if ((flags & FLAG.WITHOUT_LINK_HEADER) === 0) return next;
    d.at += FAMILY_OCTETS;
    return RAW;
  };
}

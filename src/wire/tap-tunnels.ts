import type { Dissection } from "./dissection.ts";
import { ETHERNET, IEEE_802_11, IEEE_802_11_SWAPPED, RAW } from "./header-numbers.ts";
import { LISP_INSTANCE, tunnelOf } from "./tunnel-id.ts";

/** What wireless controllers, campus fabrics and remote sniffers send over UDP. */

/** RFC 5415 §4.3: version and type, then bits: length in units of four octets, two numbers, and what is there. */
const CAPWAP = { VERSION_AND_TYPE: 0, BITS: 0, OCTETS_MIN: 8 } as const;
const CAPWAP_BITS = {
  LENGTH_SHIFT: 19,
  BINDING: 0x3e00,
  NATIVE: 0x0100,
  FRAGMENT: 0x0080,
  KEEP_ALIVE: 0x0008,
} as const;
const CAPWAP_ENCRYPTED = 0x01;
/** RFC 5416: the native frames of this binding are those of 802.11. */
const BINDING_IEEE_802_11 = 0x0200;
/** IEEE 802.11 §9.2.4.1: version 0, data, in the octet of frame control that stands first on the air. */
const VERSION_AND_TYPE = 0x0f;
const DATA = 0x08;

/** RFC 9300 §5.1: flags, the fifth of which says that there is an instance; the lower word holds it in its upper 24 bits. */
const LISP = { FLAGS: 0, INSTANCE: 4, OCTETS: 8 } as const;
const LISP_INSTANCE_IS_VALID = 0x08;

/** TaZmen Sniffer Protocol: version, type, what is carried; then tags of type, length, value, of which two have no length. */
const TZSP = { VERSION: 0, TYPE: 1, PROTOCOL: 2, OCTETS: 4 } as const;
const TZSP_TYPE_MAX = 1;
const TZSP_TAG = { PADDING: 0, END: 1 } as const;
const TZSP_PROTOCOL: Readonly<Record<number, number>> = { 1: ETHERNET, 18: IEEE_802_11 };

export function capwap(d: Dissection): number {
  if (!d.has(CAPWAP.OCTETS_MIN)) return d.skip("frame-cut-short");
  const { view, at } = d;
  const preamble = view.getUint8(at + CAPWAP.VERSION_AND_TYPE);
  if (preamble === CAPWAP_ENCRYPTED) return d.skip("encrypted");
  const bits = view.getUint32(at + CAPWAP.BITS);
  const octets = ((bits >>> CAPWAP_BITS.LENGTH_SHIFT) & 0x1f) * 4;
  if (preamble !== 0 || octets < CAPWAP.OCTETS_MIN || (bits & CAPWAP_BITS.KEEP_ALIVE) !== 0) return d.skip("not-tcp");
  if ((bits & CAPWAP_BITS.FRAGMENT) !== 0) return d.skip("fragment-incomplete");
  d.at = at + octets;
  if ((bits & CAPWAP_BITS.NATIVE) === 0) return ETHERNET;
  if ((bits & CAPWAP_BITS.BINDING) !== BINDING_IEEE_802_11) return d.skip("not-tcp");
  if (!d.has(1)) return d.skip("frame-cut-short");
  return (view.getUint8(d.at) & VERSION_AND_TYPE) === DATA ? IEEE_802_11 : IEEE_802_11_SWAPPED;
}

export function lisp(d: Dissection): number {
  if (!d.has(LISP.OCTETS)) return d.skip("frame-cut-short");
  const { view, at } = d;
  if ((view.getUint8(at + LISP.FLAGS) & LISP_INSTANCE_IS_VALID) !== 0) {
    d.tunnel = tunnelOf(LISP_INSTANCE, view.getUint32(at + LISP.INSTANCE) >>> 8);
  }
  d.at = at + LISP.OCTETS;
  if (!d.has(1)) return d.skip("frame-cut-short");
  const version = view.getUint8(d.at) >>> 4;
  return version === 4 || version === 6 ? RAW : d.skip("not-tcp");
}

export function tzsp(d: Dissection): number {
  if (!d.has(TZSP.OCTETS)) return d.skip("frame-cut-short");
  const { view, at } = d;
  const next = TZSP_PROTOCOL[view.getUint16(at + TZSP.PROTOCOL)];
  if (view.getUint8(at + TZSP.VERSION) !== 1 || view.getUint8(at + TZSP.TYPE) > TZSP_TYPE_MAX || next === undefined) {
    return d.skip("not-tcp");
  }
  d.at = at + TZSP.OCTETS;
  while (d.has(2)) {
    const tag = view.getUint8(d.at);
    d.at += tag === TZSP_TAG.PADDING || tag === TZSP_TAG.END ? 1 : 2 + view.getUint8(d.at + 1);
    if (tag === TZSP_TAG.END) return next;
  }
  return d.skip("frame-cut-short");
}

import type { Dissection } from "./dissection.ts";
import { ETHERNET, LLC } from "./header-numbers.ts";

/** IEEE 802.11 §9.2.4: frame control is little-endian, its first octet tells the type, its second holds flags. */
const HEADER = { SEQUENCE_CONTROL: 22, OCTETS: 24 } as const;
interface FrameControl {
  readonly type: number;
  readonly flags: number;
}
const IN_ORDER: FrameControl = { type: 0, flags: 1 };
const SWAPPED: FrameControl = { type: 1, flags: 0 };
const VERSION_AND_TYPE = 0x0f;
const DATA = 0x08;
/** Bits of the subtype of a data frame. */
const WITHOUT_DATA = 0x40;
const QUALITY_OF_SERVICE = 0x80;
const FLAG = { TO_AND_FROM_DISTRIBUTION: 0x03, PROTECTED: 0x40, HIGH_THROUGHPUT_CONTROL: 0x80 } as const;
const FRAGMENT_NUMBER = 0x0f;

/** What may follow, in this order: a fourth address (between access points), QoS control, HT control. */
const ADDRESS_4_OCTETS = 6;
const QOS_CONTROL_OCTETS = 2;
const HT_CONTROL_OCTETS = 4;
/** §9.2.4.5.9: the payload is a list of frames. */
const AGGREGATED = 0x80;

export function ieee80211(d: Dissection): number {
  return data(d, IN_ORDER, 1);
}

export function ieee80211Padded(d: Dissection): number {
  return data(d, IN_ORDER, 4);
}

/** As some access points write it in CAPWAP. */
export function ieee80211Swapped(d: Dissection): number {
  return data(d, SWAPPED, 1);
}

function data(d: Dissection, control: FrameControl, boundary: number): number {
  if (!d.has(HEADER.OCTETS)) return d.skip("frame-cut-short");
  const { view, at } = d;
  const type = view.getUint8(at + control.type);
  const flags = view.getUint8(at + control.flags);
  if ((type & VERSION_AND_TYPE) !== DATA || (type & WITHOUT_DATA) !== 0) return d.skip("not-ip");
  if ((flags & FLAG.PROTECTED) !== 0) return d.skip("encrypted");
  // Fragments are nearly always encrypted; of others the first holds the IP header, which knows the length of the whole.
  if ((view.getUint8(at + HEADER.SEQUENCE_CONTROL) & FRAGMENT_NUMBER) !== 0) return d.skip("fragment-incomplete");

  let octets: number = HEADER.OCTETS;
  if ((flags & FLAG.TO_AND_FROM_DISTRIBUTION) === FLAG.TO_AND_FROM_DISTRIBUTION) octets += ADDRESS_4_OCTETS;
  let isAggregated = false;
  if ((type & QUALITY_OF_SERVICE) !== 0) {
    if (!d.has(octets + 1)) return d.skip("frame-cut-short");
    isAggregated = (view.getUint8(at + octets) & AGGREGATED) !== 0;
    octets += QOS_CONTROL_OCTETS;
    if ((flags & FLAG.HIGH_THROUGHPUT_CONTROL) !== 0) octets += HT_CONTROL_OCTETS;
  }
  d.at = at + octets + ((boundary - (octets % boundary)) % boundary);
  // §9.3.2.2.2: each frame of an aggregate begins as one of IEEE 802.3. One frame gives one segment: the first.
  return isAggregated ? ETHERNET : LLC;
}

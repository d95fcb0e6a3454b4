import type { Dissection } from "./dissection.ts";
import { ETHERNET } from "./header-numbers.ts";
import { byTypeOrLength } from "./link-layers.ts";

/** What a switch tells the processor behind it (https://www.tcpdump.org/linktypes.html, DSA_TAG_…): a tag without a type of its own. */

const ADDRESSES_OCTETS = 12;
const TYPE_OCTETS = 2;
const TAG_OCTETS = 4;
/** Marvell's with a type in front: that, two reserved octets, the tag. */
const TYPED_TAG_OCTETS = 8;

/** Between the addresses and the type. */
export function switchTag(d: Dissection): number {
  return behindAddresses(d, TAG_OCTETS);
}

export function typedSwitchTag(d: Dissection): number {
  return behindAddresses(d, TYPED_TAG_OCTETS);
}

/** In front of the frame. */
export function prependedSwitchTag(d: Dissection): number {
  d.at += TAG_OCTETS;
  return ETHERNET;
}

function behindAddresses(d: Dissection, tagOctets: number): number {
  const octets = ADDRESSES_OCTETS + tagOctets + TYPE_OCTETS;
  if (!d.has(octets)) return d.skip("frame-cut-short");
  d.at += octets;
  return byTypeOrLength(d, d.view.getUint16(d.at - TYPE_OCTETS));
}

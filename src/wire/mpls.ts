import type { Dissection } from "./dissection.ts";
import { ETHER_TYPE, ETHERNET, IPV4, IPV6 } from "./header-numbers.ts";
import { looksLikeEthernet } from "./unnamed-ethernet.ts";

/** RFC 3032 §2.1: label, traffic class, bottom of stack, time to live. */
const MPLS_ENTRY = { OCTETS: 4 } as const;
const BOTTOM_OF_STACK = 0x100;
/** RFC 4385 §3: what a pseudowire may put between the stack and its frame; its first four bits are 0. */
const CONTROL_WORD_OCTETS = 4;

/** One entry of a label stack. Nothing names what lies under the last: the first half-octet tells it (RFC 4928 §3). */
export function mpls(d: Dissection): number {
  if (!d.has(MPLS_ENTRY.OCTETS + 1)) return d.skip("frame-cut-short");
  const entry = d.view.getInt32(d.at);
  d.at += MPLS_ENTRY.OCTETS;
  if ((entry & BOTTOM_OF_STACK) === 0) return ETHER_TYPE + 0x8847;
  const version = d.view.getUint8(d.at) >>> 4;
  if (version === 4) return IPV4;
  if (version === 6) return IPV6;
  if (version === 0 && looksLikeEthernet(d, CONTROL_WORD_OCTETS)) {
    d.at += CONTROL_WORD_OCTETS;
    return ETHERNET;
  }
  // Addresses of cards begin with 0, too, and the control word is optional.
  return looksLikeEthernet(d, 0) ? ETHERNET : d.skip(d.has(CONTROL_WORD_OCTETS + 14) ? "not-ip" : "frame-cut-short");
}

import type { Dissection } from "./dissection.ts";
import { ETHER_TYPE, ETHERNET, IEEE_802_11, LINK, LLC, PPP } from "./header-numbers.ts";

/** https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html */
const SLL = { HARDWARE: 2, PROTOCOL: 14, OCTETS: 16 } as const;

/** https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html */
const SLL2 = { PROTOCOL: 0, HARDWARE: 8, OCTETS: 20 } as const;

/** ARPHRD_ numbers of Linux's <linux/if_arp.h> with which the protocol is no ether type. */
const HARDWARE = { FRAME_RELAY: 770, IEEE80211: 801, IEEE80211_RADIOTAP: 803, NETLINK: 824 } as const;

/** What Linux writes in place of an ether type (<linux/if_ether.h>). */
const PROTOCOL = { ETHERNET: 0x0003, LLC: 0x0004, PPP: 0x0007 } as const;

export function linuxSll(d: Dissection): number {
  if (!d.has(SLL.OCTETS)) return d.skip("frame-cut-short");
  const hardware = d.view.getUint16(d.at + SLL.HARDWARE);
  const protocol = d.view.getUint16(d.at + SLL.PROTOCOL);
  d.at += SLL.OCTETS;
  return cooked(d, hardware, protocol);
}

export function linuxSll2(d: Dissection): number {
  if (!d.has(SLL2.OCTETS)) return d.skip("frame-cut-short");
  const hardware = d.view.getUint16(d.at + SLL2.HARDWARE);
  const protocol = d.view.getUint16(d.at + SLL2.PROTOCOL);
  d.at += SLL2.OCTETS;
  return cooked(d, hardware, protocol);
}

/** Nearly always the link header was taken off, and the protocol is its ether type (of a GRE tunnel, GRE's, which is one too). */
function cooked(d: Dissection, hardware: number, protocol: number): number {
  if (hardware >= HARDWARE.FRAME_RELAY) {
    if (hardware === HARDWARE.FRAME_RELAY) return LINK + 107;
    if (hardware === HARDWARE.IEEE80211) return IEEE_802_11;
    if (hardware === HARDWARE.IEEE80211_RADIOTAP) return LINK + 127;
    if (hardware === HARDWARE.NETLINK) return d.skip("not-ip");
  }
  if (protocol === PROTOCOL.LLC) return LLC;
  if (protocol === PROTOCOL.ETHERNET) return ETHERNET;
  return protocol === PROTOCOL.PPP ? PPP : ETHER_TYPE + protocol;
}

import type { Dissection } from "./dissection.ts";
import { ETHERNET_HEADER } from "./link-layers.ts";

/** What an Ethernet frame that leads to TCP can have as its type: IPv4, IPv6, tags, MPLS, PPPoE. */
const TYPES: readonly number[] = [0x0800, 0x86dd, 0x8100, 0x88a8, 0x9100, 0x8847, 0x8848, 0x8864];

/**
 * Whether an Ethernet frame may begin `octets` behind the next header: for pseudowires, where only the two ends know what the
 * headers between tunnel and frame are.
 */
export function looksLikeEthernet(d: Dissection, octets: number): boolean {
  return (
    d.has(octets + ETHERNET_HEADER.OCTETS) && TYPES.includes(d.view.getUint16(d.at + octets + ETHERNET_HEADER.TYPE))
  );
}

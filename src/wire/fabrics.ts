import type { Dissection } from "./dissection.ts";
import { ETHERNET } from "./header-numbers.ts";

/** What fabrics and meshes put in front of a whole Ethernet frame. */

/** Cisco FabricPath: forwarding tag and hops. */
const FABRIC_PATH_OCTETS = 2;

/** https://www.kernel.org/doc/html/latest/networking/batman-adv.html, as in Linux's batadv_packet.h: type and version come first. */
const BATMAN = { TYPE: 0, VERSION: 1, OCTETS: 2 } as const;
const BATMAN_VERSION = 15;
/** Unicast: to one node, or from one to another. */
const BATMAN_OCTETS: Readonly<Record<number, number>> = { 64: 10, 66: 18 };

export function fabricPath(d: Dissection): number {
  d.at += FABRIC_PATH_OCTETS;
  return ETHERNET;
}

export function batman(d: Dissection): number {
  if (!d.has(BATMAN.OCTETS)) return d.skip("frame-cut-short");
  const octets = BATMAN_OCTETS[d.view.getUint8(d.at + BATMAN.TYPE)];
  if (d.view.getUint8(d.at + BATMAN.VERSION) !== BATMAN_VERSION || octets === undefined) return d.skip("not-ip");
  d.at += octets;
  return ETHERNET;
}

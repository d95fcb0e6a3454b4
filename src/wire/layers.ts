import type { Layer } from "./dissection.ts";
import { ETHER_TYPE, ETHERNET, IP_PROTOCOL, IPV4, IPV6, LINK, PPP_PROTOCOL, UDP_PORT } from "./header-numbers.ts";
import { ipv4 } from "./ipv4.ts";
import { authentication, ipv6, ipv6Extension, ipv6Fragment } from "./ipv6.ts";
import { ethernet, linuxSll, linuxSll2, loopback, raw, vlanTag } from "./link-layers.ts";
import { gre, mpls, pppoe, udp, vxlan } from "./tunnels.ts";

/** Every header that is understood, by the number that announces it. TCP is missing: it is where the walk ends. */
export const LAYERS: ReadonlyMap<number, Layer> = new Map([
  [LINK + 0, loopback], // NULL
  [ETHERNET, ethernet],
  [LINK + 12, raw], // DLT_RAW as most systems number it
  [LINK + 14, raw], // DLT_RAW of OpenBSD
  [LINK + 101, raw],
  [LINK + 108, loopback], // LOOP
  [LINK + 113, linuxSll],
  [LINK + 228, ipv4],
  [LINK + 229, ipv6],
  [LINK + 276, linuxSll2],

  [IPV4, ipv4],
  [IPV6, ipv6],
  [ETHER_TYPE + 0x8100, vlanTag], // 802.1Q
  [ETHER_TYPE + 0x88a8, vlanTag], // 802.1ad
  [ETHER_TYPE + 0x9100, vlanTag], // QinQ before it was standardised
  [ETHER_TYPE + 0x6558, ethernet], // transparent Ethernet bridging, in GRE
  [ETHER_TYPE + 0x8847, mpls],
  [ETHER_TYPE + 0x8848, mpls], // upstream-assigned labels
  [ETHER_TYPE + 0x8864, pppoe],

  [PPP_PROTOCOL + 0x0021, ipv4],
  [PPP_PROTOCOL + 0x0057, ipv6],

  [IP_PROTOCOL + 0, ipv6Extension], // hop-by-hop options
  [IP_PROTOCOL + 4, ipv4], // IP in IP
  [IP_PROTOCOL + 17, udp],
  [IP_PROTOCOL + 41, ipv6], // 6in4
  [IP_PROTOCOL + 43, ipv6Extension], // routing
  [IP_PROTOCOL + 44, ipv6Fragment],
  [IP_PROTOCOL + 47, gre],
  [IP_PROTOCOL + 51, authentication],
  [IP_PROTOCOL + 60, ipv6Extension], // destination options
  [IP_PROTOCOL + 135, ipv6Extension], // mobility
  [IP_PROTOCOL + 139, ipv6Extension], // host identity protocol
  [IP_PROTOCOL + 140, ipv6Extension], // Shim6
  [IP_PROTOCOL + 137, mpls],

  [UDP_PORT + 4789, vxlan],
  [UDP_PORT + 8472, vxlan], // Linux before 4789 was assigned, and flannel to this day
]);

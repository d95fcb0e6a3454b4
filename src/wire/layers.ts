import type { Layer } from "./dissection.ts";
import { erf } from "./erf.ts";
import { ciscoMetadata, eTag, fourOctetTag, iTag, macsec, timeStamp, trill, vlanTag } from "./ethernet-tags.ts";
import { batman, fabricPath } from "./fabrics.ts";
import { frameRelay, frameRelayWithDirection } from "./frame-relay.ts";
import { erspanII, erspanIII, gre } from "./gre.ts";
import {
  ERSPAN_II,
  ERSPAN_III,
  ETHER_TYPE,
  ETHERNET,
  IEEE_802_11,
  IEEE_802_11_PADDED,
  IEEE_802_11_SWAPPED,
  IP_PROTOCOL,
  IPV4,
  IPV6,
  LINK,
  LLC,
  PPP,
  PPP_PROTOCOL,
  RAW,
  SNAP,
  UDP_PORT,
} from "./header-numbers.ts";
import { encapsulating, ipnet, loopback, packetFilterLog } from "./host-taps.ts";
import { ieee80211, ieee80211Padded, ieee80211Swapped } from "./ieee-802-11.ts";
import { ipv4 } from "./ipv4.ts";
import { authentication, ipv6, ipv6Extension, ipv6Fragment } from "./ipv6.ts";
import { juniper } from "./juniper.ts";
import { etherIp, l2tp, l2tpv3 } from "./l2tp.ts";
import { ethernet, ipOverFirewire, ipOverInfiniband, raw } from "./link-layers.ts";
import { linuxSll, linuxSll2 } from "./linux-cooked.ts";
import { fddi, ipOverFibreChannel, llc, snap, sunAtm, tokenRing } from "./llc.ts";
import { mpls } from "./mpls.ts";
import { nflog } from "./nflog.ts";
import { pktap, pktapOfApple } from "./pktap.ts";
import { ciscoHdlc, ciscoHdlcWithDirection, ppp, pppoe, pppPppd, pppSerial, pppWithDirection } from "./ppp.ts";
import { avs, perPacketInformation, prism, radiotap } from "./radio-headers.ts";
import { prependedSwitchTag, switchTag, typedSwitchTag } from "./switch-tags.ts";
import { capwap, lisp, tzsp } from "./tap-tunnels.ts";
import { geneve, gtp, networkService, teredo, udp, vxlan, vxlanGpe } from "./udp-tunnels.ts";

/** Every header that is understood, by the number that announces it. TCP is missing: it is where the walk ends. */
export const LAYERS: ReadonlyMap<number, Layer> = new Map<number, Layer>([
  [LINK + 0, loopback], // NULL
  [ETHERNET, ethernet],
  [LINK + 6, tokenRing],
  [PPP, pppSerial], // also what routers call a link that has changed to Cisco's framing
  [LINK + 10, fddi],
  [LINK + 12, raw], // DLT_RAW as most systems number it
  [LINK + 14, raw], // DLT_RAW of OpenBSD
  [LINK + 50, pppSerial],
  [LINK + 51, pppoe],
  [LINK + 100, llc], // ATM, RFC 2684
  [RAW, raw],
  [LINK + 104, ciscoHdlc],
  [IEEE_802_11, ieee80211],
  [LINK + 106, raw], // ATM_CLIP
  [LINK + 107, frameRelay],
  [LINK + 108, loopback], // LOOP
  [LINK + 109, encapsulating],
  [LINK + 112, ciscoHdlc],
  [LINK + 113, linuxSll],
  [LINK + 117, packetFilterLog],
  [LINK + 119, prism],
  [LINK + 122, ipOverFibreChannel],
  [LINK + 123, sunAtm],
  [LINK + 127, radiotap],
  [LINK + 138, ipOverFirewire],
  [LINK + 149, pktapOfApple],
  [LINK + 163, avs],
  [LINK + 166, pppPppd],
  [LINK + 167, juniper(ETHERNET)], // PPPoE
  [LINK + 178, juniper(ETHERNET)],
  [LINK + 179, juniper(PPP)],
  [LINK + 180, juniper(LINK + 107)],
  [LINK + 181, juniper(LINK + 104)],
  [LINK + 192, perPacketInformation],
  [LINK + 197, erf],
  [LINK + 204, pppWithDirection],
  [LINK + 205, ciscoHdlcWithDirection],
  [LINK + 206, frameRelayWithDirection],
  [LINK + 219, mpls],
  [LINK + 226, ipnet],
  [LINK + 228, ipv4],
  [LINK + 229, ipv6],
  [LINK + 239, nflog],
  [LINK + 242, ipOverInfiniband],
  [LINK + 258, pktap],
  [LINK + 276, linuxSll2],
  [LINK + 281, switchTag], // Broadcom
  [LINK + 282, prependedSwitchTag],
  [LINK + 284, switchTag], // Marvell
  [LINK + 285, typedSwitchTag],

  [LLC, llc],
  [SNAP, snap],
  [IEEE_802_11_PADDED, ieee80211Padded],
  [IEEE_802_11_SWAPPED, ieee80211Swapped],
  [ERSPAN_II, erspanII],
  [ERSPAN_III, erspanIII],

  [IPV4, ipv4],
  [IPV6, ipv6],
  [ETHER_TYPE + 0x22f3, trill],
  [ETHER_TYPE + 0x4305, batman],
  [ETHER_TYPE + 0x6558, ethernet], // transparent Ethernet bridging, in GRE and GENEVE
  [ETHER_TYPE + 0x8100, vlanTag], // 802.1Q
  [ETHER_TYPE + 0x880b, ppp],
  [ETHER_TYPE + 0x8847, mpls],
  [ETHER_TYPE + 0x8848, mpls], // upstream-assigned labels
  [ETHER_TYPE + 0x8864, pppoe],
  [ETHER_TYPE + 0x8870, llc], // longer than a length field can say
  [ETHER_TYPE + 0x88a8, vlanTag], // 802.1ad
  [ETHER_TYPE + 0x88e5, macsec],
  [ETHER_TYPE + 0x88e7, iTag], // 802.1ah
  [ETHER_TYPE + 0x8903, fabricPath],
  [ETHER_TYPE + 0x8909, ciscoMetadata],
  [ETHER_TYPE + 0x8926, fourOctetTag], // VN-tag
  [ETHER_TYPE + 0x892f, fourOctetTag], // HSR
  [ETHER_TYPE + 0x893f, eTag], // 802.1BR
  [ETHER_TYPE + 0x894f, networkService],
  [ETHER_TYPE + 0x9100, vlanTag], // QinQ before it was standardised
  [ETHER_TYPE + 0xd28b, timeStamp],
  [ETHER_TYPE + 0xf1c1, fourOctetTag], // 802.1CB

  [PPP_PROTOCOL + 0x0021, ipv4],
  [PPP_PROTOCOL + 0x0053, (d) => d.skip("encrypted")], // RFC 1968
  [PPP_PROTOCOL + 0x0055, (d) => d.skip("encrypted")], // RFC 1968, of one link of several
  [PPP_PROTOCOL + 0x0057, ipv6],
  [PPP_PROTOCOL + 0x0281, mpls],
  [PPP_PROTOCOL + 0x0283, mpls],

  [IP_PROTOCOL + 0, ipv6Extension], // hop-by-hop options
  [IP_PROTOCOL + 4, ipv4], // IP in IP, 4in6
  [IP_PROTOCOL + 17, udp],
  [IP_PROTOCOL + 41, ipv6], // 6in4
  [IP_PROTOCOL + 43, ipv6Extension], // routing
  [IP_PROTOCOL + 44, ipv6Fragment],
  [IP_PROTOCOL + 47, gre],
  [IP_PROTOCOL + 51, authentication],
  [IP_PROTOCOL + 60, ipv6Extension], // destination options
  [IP_PROTOCOL + 97, etherIp],
  [IP_PROTOCOL + 115, l2tpv3],
  [IP_PROTOCOL + 135, ipv6Extension], // mobility
  [IP_PROTOCOL + 137, mpls],
  [IP_PROTOCOL + 139, ipv6Extension], // host identity protocol
  [IP_PROTOCOL + 140, ipv6Extension], // Shim6
  [IP_PROTOCOL + 143, ethernet], // RFC 8986

  [UDP_PORT + 1701, l2tp],
  [UDP_PORT + 2152, gtp],
  [UDP_PORT + 3544, teredo],
  [UDP_PORT + 4341, lisp],
  [UDP_PORT + 4754, gre], // RFC 8086
  [UDP_PORT + 4789, vxlan],
  [UDP_PORT + 4790, vxlanGpe],
  [UDP_PORT + 5247, capwap],
  [UDP_PORT + 6081, geneve],
  [UDP_PORT + 6635, mpls], // RFC 7510
  [UDP_PORT + 8472, vxlan], // Linux before 4789 was assigned, and flannel to this day
  [UDP_PORT + 37008, tzsp],
]);

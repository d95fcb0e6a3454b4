/**
 * What follows a header, as one number: the number that stands in the header plus the space it belongs to.
 * `ETHER_TYPE + 0x0800` and `IP_PROTOCOL + 4` are two names for the same decoder (see `layers.ts`).
 */

/** LINKTYPE_ numbers of capture files: https://www.tcpdump.org/linktypes.html */
export const LINK = 0x00000;
/** https://www.iana.org/assignments/ieee-802-numbers */
export const ETHER_TYPE = 0x10000;
/** https://www.iana.org/assignments/protocol-numbers, IPv6 extension headers included. */
export const IP_PROTOCOL = 0x20000;
/** Port of a UDP datagram that tells what it carries. */
export const UDP_PORT = 0x30000;
/** https://www.iana.org/assignments/ppp-numbers */
export const PPP_PROTOCOL = 0x40000;
/** What has no number in any registry: known from the header before it. */
export const FRAMING = 0x50000;

export const ETHERNET = LINK + 1;
/** With or without address and control octets in front. */
export const PPP = LINK + 9;
/** IPv4 or IPv6, as its version field says. */
export const RAW = LINK + 101;
export const IEEE_802_11 = LINK + 105;
export const IPV4 = ETHER_TYPE + 0x0800;
export const IPV6 = ETHER_TYPE + 0x86dd;
export const TCP = IP_PROTOCOL + 6;
export const LLC = FRAMING + 1;
export const SNAP = FRAMING + 2;
export const ERSPAN_II = FRAMING + 3;
export const ERSPAN_III = FRAMING + 4;
/** The header is padded to a multiple of four octets. */
export const IEEE_802_11_PADDED = FRAMING + 5;
/** The two octets of frame control change places. */
export const IEEE_802_11_SWAPPED = FRAMING + 6;

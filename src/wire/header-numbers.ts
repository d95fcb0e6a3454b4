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
/** Destination port of a UDP datagram. */
export const UDP_PORT = 0x30000;
/** https://www.iana.org/assignments/ppp-numbers */
export const PPP_PROTOCOL = 0x40000;

export const ETHERNET = LINK + 1;
export const IPV4 = ETHER_TYPE + 0x0800;
export const IPV6 = ETHER_TYPE + 0x86dd;
export const TCP = IP_PROTOCOL + 6;

/** Link headers beyond those of `links.ts`, one function each, octet by octet from the specification that stands beside it. */
import { ETHER_TYPE, linkFrame } from "./links.ts";
import { concat, padding, u16, u32 } from "./octets.ts";

/** What is to be carried: octets, and the ether type that announces them. */
export interface Carried {
  readonly etherType: number;
  readonly octets: Uint8Array;
}

type Octets = Uint8Array;
const u16le = (value: number) => u16(value, "little");
const u32le = (value: number) => u32(value, "little");
const isIpv6 = ({ etherType }: Carried) => etherType === ETHER_TYPE.IPV6;

/** RFC 1042: the LLC header of unnumbered information, and SNAP's with an organisation of its own or 0. */
export const snap = ({ etherType, octets }: Carried, organisation: readonly number[] = [0, 0, 0]): Octets =>
  concat([0xaa, 0xaa, 0x03], organisation, u16(etherType), octets);

const ADDRESS = [0x02, 0, 0, 0, 0, 0x01];

/** IEEE 802.3 §3.2.6: a length in place of the type. */
export const lengthFrame = (llc: Octets): Octets => linkFrame(llc.length, llc);

// IEEE 802.11 §9.2.4: frame control, duration, three addresses, sequence control; address 4, QoS and HT control if announced.
export interface WirelessOptions {
  readonly toDistribution?: boolean;
  readonly fromDistribution?: boolean;
  readonly qos?: boolean;
  readonly highThroughput?: boolean;
  readonly isProtected?: boolean;
  readonly aggregated?: boolean;
  /** The header is padded to 32 bits. */
  readonly padded?: boolean;
  readonly fragmentNumber?: number;
}

export function wireless(carried: Carried, options: WirelessOptions = {}): Octets {
  const { toDistribution = true, fromDistribution = false, qos = false, highThroughput = false } = options;
  const { isProtected = false, aggregated = false, padded = false, fragmentNumber = 0 } = options;
  const flags =
    Number(toDistribution) |
    (Number(fromDistribution) << 1) |
    (Number(isProtected) << 6) |
    (Number(highThroughput) << 7);
  const llc = snap(carried);
  const header = concat(
    [qos ? 0x88 : 0x08, flags],
    u16le(0),
    ADDRESS,
    ADDRESS,
    ADDRESS,
    u16le(0x10 | fragmentNumber),
    toDistribution && fromDistribution ? ADDRESS : [],
    qos ? u16le(aggregated ? 0x80 : 0) : [],
    qos && highThroughput ? u32le(0) : [],
  );
  const subframe = aggregated ? concat(ADDRESS, ADDRESS, u16(llc.length)) : [];
  return concat(header, padded ? padding(header.length, 4) : [], subframe, llc);
}

/** https://www.radiotap.org: version, pad, length, present; then the fields. */
export function radiotap(frame: Octets, present: readonly number[], fields: readonly number[]): Octets {
  const length = 4 + 4 * present.length + fields.length;
  return concat([0, 0], u16le(length), ...present.map(u32le), fields, frame);
}

const PRISM_OCTETS = 144;
/** DIDmsg_lnxind_wlansniffrm, the length of the whole header, a device name, items of 12 octets. */
export const prism = (frame: Octets, endian: "little" | "big" = "little"): Octets =>
  concat(u32(0x44, endian), u32(PRISM_OCTETS, endian), new Uint8Array(PRISM_OCTETS - 8), frame);

const AVS_OCTETS = 64;
/** Version 1 of the AVS capture header: cookie, length. */
export const avs = (frame: Octets): Octets =>
  concat(u32(0x80211001), u32(AVS_OCTETS), new Uint8Array(AVS_OCTETS - 8), frame);

/** CACE PPI: version, flags, length, link type; no fields. */
export const perPacketInformation = (frame: Octets, linkType: number): Octets =>
  concat([0, 0], u16le(8), u32le(linkType), frame);

export interface PppOptions {
  /** RFC 1661 §6.5: the protocol's upper octet is left out. */
  readonly compressed?: boolean;
  /** RFC 1662 §3.1 */
  readonly addressAndControl?: boolean;
}

/** RFC 1661 §2 */
export function ppp(carried: Carried, { compressed = false, addressAndControl = false }: PppOptions = {}): Octets {
  const protocol = isIpv6(carried) ? 0x57 : 0x21;
  return concat(addressAndControl ? [0xff, 0x03] : [], compressed ? [protocol] : u16(protocol), carried.octets);
}

/** RFC 2516 §4: version and type, code, session, length. */
export function pppoe(carried: Carried, options: PppOptions = {}): Octets {
  const payload = ppp(carried, options);
  return concat(u16(0x1100), u16(3), u16(payload.length), payload);
}

/** Cisco: address, control, ether type. */
export const ciscoHdlc = ({ etherType, octets }: Carried): Octets => concat(u16(0x0f00), u16(etherType), octets);

/** RFC 2427 §4.1: Q.922 address, unnumbered information, NLPID; or padding, NLPID 0x80 and SNAP. */
export const frameRelay = (carried: Carried, withSnap = false): Octets =>
  concat(
    u16(0x1841),
    withSnap ? concat([0x03, 0x00, 0x80, 0, 0, 0], u16(carried.etherType)) : [0x03, isIpv6(carried) ? 0x8e : 0xcc],
    carried.octets,
  );

/** Cisco's encapsulation: an ether type behind the address. */
export const ciscoFrameRelay = ({ etherType, octets }: Carried): Octets => concat(u16(0x1841), u16(etherType), octets);

/** https://www.tcpdump.org/linktypes/LINKTYPE_NFLOG.html: family, version, resource; then length, type and value of attributes. */
export function nflog(carried: Carried, endian: "little" | "big" = "little"): Octets {
  const attribute = (type: number, value: Octets) =>
    concat(u16(4 + value.length, endian), u16(type, endian), value, padding(value.length, 4));
  return concat(
    [isIpv6(carried) ? 10 : 2, 0],
    u16(5),
    attribute(1, Uint8Array.of(8, 0, 1, 0)),
    attribute(10, Uint8Array.of(0x6c, 0x6f, 0x67, 0x3a, 0)),
    attribute(9, carried.octets),
  );
}

const PKTAP_OCTETS = 108;
/** Endace: time, type, flags, length of the record, losses, length of the frame; extension headers; two octets before Ethernet. */
export function erf(type: number, frame: Octets, extensions = 0): Octets {
  const list = Array.from({ length: extensions }, (_, i) => [i < extensions - 1 ? 0x83 : 0x03, 0, 0, 0, 0, 0, 0, 9]);
  const body = concat(...list, type === 2 ? u16(0) : [], frame);
  const header = concat(new Uint8Array(8), [type | (extensions > 0 ? 0x80 : 0), 0x04], u16(16 + body.length), u16(0));
  return concat(header, u16(frame.length), body);
}

/** Junos, as tcpdump's print-juniper.c reads it: MGC, flags (outbound); with extensions their length and one of them. */
export const juniper = (frame: Octets, { flags = 0, extensions = true } = {}): Octets => {
  const extension = [5, 1, 7];
  return concat(u32(0x4d474300 | flags | (extensions ? 0x80 : 0)), extensions ? concat(u16(3), extension) : [], frame);
};
/** Without a link header an address family stands in its place. */
export const juniperFamily = (carried: Carried): Octets =>
  juniper(concat(u32(isIpv6(carried) ? 6 : 2), carried.octets), { flags: 0x02 });

/** https://www.tcpdump.org/linktypes/LINKTYPE_DSA_TAG_BRCM.html and …_DSA.html: octets between the addresses and the type. */
export const switchTag = (tag: readonly number[], { etherType, octets }: Carried): Octets => {
  const frame = linkFrame(etherType, octets);
  return concat(frame.subarray(0, 12), tag, frame.subarray(12));
};

/** Apple's <net/pktap.h>: length, type, link type, interface name; the rest is not needed. */
export function pktap(frame: Octets, linkType: number, name = "en0"): Octets {
  const header = concat(u32le(PKTAP_OCTETS), u32le(1), u32le(linkType), new TextEncoder().encode(name));
  return concat(header, new Uint8Array(PKTAP_OCTETS - header.length), frame);
}

/** Solaris: version, family, hook, length, three interface and two zone numbers. */
export const ipNet = (carried: Carried): Octets =>
  concat([1, isIpv6(carried) ? 26 : 2], u16(0), u32(carried.octets.length), new Uint8Array(16), carried.octets);

/** OpenBSD: family, security parameter index, flags. */
export const encapsulating = (carried: Carried, endian: "little" | "big" = "little"): Octets =>
  concat(u32(isIpv6(carried) ? 24 : 2, endian), new Uint8Array(8), carried.octets);

const PFLOG_OCTETS = 61;
/** OpenBSD: length without padding, family. */
export const packetFilterLog = (carried: Carried): Octets =>
  concat([PFLOG_OCTETS, isIpv6(carried) ? 24 : 2], new Uint8Array(PFLOG_OCTETS - 2 + 3), carried.octets);

/** IEEE 802.5 §3.2: access control, frame control, addresses; a routing field of 6 octets if the source says so. */
export const tokenRing = (carried: Carried, routed = false): Octets =>
  concat(
    [0x10, 0x40],
    ADDRESS,
    [routed ? 0x82 : 0x02],
    ADDRESS.slice(1),
    routed ? [0x06, 0x30, 0, 0x12, 0, 0x20] : [],
    snap(carried),
  );

/** ANSI X3.139: frame control for asynchronous LLC, addresses. */
export const fddi = (carried: Carried): Octets => concat([0x50], ADDRESS, ADDRESS, snap(carried));

/** RFC 2625 §3.3 */
export const ipOverFibreChannel = (carried: Carried): Octets => concat(new Uint8Array(16), snap(carried));

/** Type LLC, virtual path, virtual channel. */
export const sunAtm = (carried: Carried): Octets => concat([0x02, 0], u16(32), snap(carried));

/** Two addresses of 8 octets, ether type. */
export const ipOverFirewire = ({ etherType, octets }: Carried): Octets =>
  concat(new Uint8Array(16), u16(etherType), octets);

/** 40 octets of routing header, then RFC 4391 §6: ether type, reserved. */
export const ipOverInfiniband = ({ etherType, octets }: Carried): Octets =>
  concat(new Uint8Array(40), u16(etherType), u16(0), octets);

/** LINUX_SLL with any ARPHRD_ number: packet type, ARPHRD, address length, address, protocol. */
export const cooked = (hardware: number, protocol: number, octets: Octets): Octets =>
  concat(u16(0), u16(hardware), u16(6), ADDRESS, [0, 0], u16(protocol), octets);

/** LINUX_SLL2: protocol, reserved, interface, ARPHRD, packet type, address length, address. */
export const cooked2 = (hardware: number, protocol: number, octets: Octets): Octets =>
  concat(u16(protocol), u16(0), u32(2), u16(hardware), [0, 6], ADDRESS, [0, 0], octets);

/** Tags and tunnels, one function each, octet by octet from the specification that stands beside it. */
import { ipDatagram, PROTOCOL, udpOctets, withChecksum } from "./datagrams.ts";
import { isIpv6 } from "./endpoint.ts";
import { type Carried, lengthFrame, type PppOptions, ppp, pppoe, snap } from "./link-headers.ts";
import { ETHER_TYPE, linkFrame } from "./links.ts";
import { concat, u16, u32 } from "./octets.ts";

export type { Carried } from "./link-headers.ts";

/** Transparent Ethernet bridging: what is carried is a frame. */
export const FRAME = 0x6558;

/** Addresses of the ends of a tunnel. */
export interface Ends {
  readonly from: string;
  readonly to: string;
}
export const ENDS_V4: Ends = { from: "172.16.0.1", to: "172.16.0.2" };
export const ENDS_V6: Ends = { from: "fd00::1", to: "fd00::2" };

export const ethernet = ({ etherType, octets }: Carried): Carried => ({
  etherType: FRAME,
  octets: linkFrame(etherType, octets),
});

/** IEEE 802.3 length, LLC, SNAP */
export const snapFrame = (carried: Carried, organisation?: readonly number[]): Carried => ({
  etherType: FRAME,
  octets: lengthFrame(snap(carried, organisation)),
});

const inIp = ({ from, to }: Ends, protocol: number, payload: Uint8Array): Carried => ({
  etherType: isIpv6(from) ? ETHER_TYPE.IPV6 : ETHER_TYPE.IPV4,
  octets: ipDatagram({ from, to, protocol, payload }),
});

const inUdp = ({ from, to }: Ends, port: number, payload: Uint8Array, fromPort = 49_152): Carried =>
  inIp({ from, to }, PROTOCOL.UDP, withChecksum(PROTOCOL.UDP, from, to, udpOctets(fromPort, port, payload)));

const protocolOf = ({ etherType }: Carried) => (etherType === ETHER_TYPE.IPV6 ? 41 : 4);

// Tags

const tag = (etherType: number, control: Uint8Array, { etherType: inner, octets }: Carried): Carried => ({
  etherType,
  octets: concat(control, u16(inner), octets),
});

/** IEEE 802.1Q §9.3 */
export const vlan = (carried: Carried, id = 10, type = 0x8100): Carried => tag(type, u16(id), carried);
/** Cisco VN-tag: direction, pointer, destination, loop, source. */
export const vnTag = (carried: Carried): Carried => tag(0x8926, u32(0x8001_0002), carried);
/** IEEE 802.1BR §7.5: priority and ingress, group and identifier, extensions. */
export const eTag = (carried: Carried): Carried => tag(0x893f, concat(u16(0), u16(5), u16(0)), carried);
/** IEC 62439-3 §5.6: path and size, sequence number. */
export const hsr = (carried: Carried): Carried => tag(0x892f, concat(u16(carried.octets.length + 6), u16(1)), carried);
/** Version 1, one option of 4 octets: security group 5. */
export const metadata = (carried: Carried): Carried => tag(0x8909, concat([1, 1], u16(1), u16(5)), carried);
/** Cisco FabricPath: tag 1, 32 hops; then a whole frame, and the check sequence of the outer one. */
export const fabricPath = ({ octets }: Carried): Carried => ({
  etherType: 0x8903,
  octets: concat(u16(0x0060), octets, u32(0)),
});
/** Linux's batadv_packet.h: type, version 15, hops, translation version, destination; perhaps source and subtype; then a whole frame. */
export const batman = ({ octets }: Carried, withSource = false): Carried => {
  const node = [6, 2, 0, 0, 0, 1];
  const header = concat([withSource ? 0x42 : 0x40, 15, 50, 1], node, withSource ? concat(node, [1, 0]) : []);
  return { etherType: 0x4305, octets: concat(header, octets) };
};
/** IEEE 802.1CB §7.8: reserved, sequence number. */
export const rTag = (carried: Carried): Carried => tag(0xf1c1, u32(7), carried);
/** Arista: subtype 1; version: 64 bits of time, or 48; TAI, or UTC. */
export const timeStamp = (carried: Carried, version: number, octets: number): Carried =>
  tag(0xd28b, concat(u16(1), u16(version), new Uint8Array(octets).fill(9)), carried);
/** IEEE 802.1AE §9.3: control, short length, packet number, channel; 16 octets of integrity check behind. */
export const macsec = (carried: Carried, control = 0x20): Carried => {
  const channel = control & 0x20 ? new Uint8Array(8) : [];
  const { etherType, octets } = tag(0x88e5, concat([control, 0], u32(1), channel), carried);
  return { etherType, octets: concat(octets, new Uint8Array(16)) };
};
/** IEEE 802.1Q §9.7, behind which a whole frame begins. */
export const iTag = (frame: Carried, service: number): Carried => ({
  etherType: 0x88e7,
  octets: concat(u32(service), frame.octets),
});
/** RFC 6325 §3.1: flags, hop count, egress, ingress. */
export const trill = (frame: Carried, optionWords = 0): Carried => ({
  etherType: 0x22f3,
  octets: concat(u16((optionWords << 6) | 0x3f), u16(1), u16(2), new Uint8Array(4 * optionWords), frame.octets),
});
/** RFC 8300 §2.2, §2.4: MD type 1 with 16 octets of context. */
export const networkService = (carried: Carried): Carried => ({
  etherType: 0x894f,
  octets: concat(u16(0x0fc6), [1, nextProtocol(carried)], u32(0x0000_01ff), new Uint8Array(16), carried.octets),
});
const nextProtocol = ({ etherType }: Carried) =>
  etherType === ETHER_TYPE.IPV4 ? 1 : etherType === ETHER_TYPE.IPV6 ? 2 : etherType === FRAME ? 3 : 4;

// Between Ethernet and IP

/** RFC 3032 §2.1; IP under the last label. */
export const mpls = ({ octets }: Carried, labels: readonly number[] = [16]): Carried => ({
  etherType: 0x8847,
  octets: concat(...labelStack(labels), octets),
});
/** RFC 4448 §4: a frame, behind a control word or not. */
export const pseudowire = ({ octets }: Carried, controlWord: boolean): Carried => ({
  etherType: 0x8847,
  octets: concat(...labelStack([16, 17]), controlWord ? u32(1) : [], octets),
});
const labelStack = (labels: readonly number[]) =>
  labels.map((label, index) => u32(label * 0x1000 + (index === labels.length - 1 ? 0x100 : 0) + 64));

export const pppoeSession = (carried: Carried, options: PppOptions = {}): Carried => ({
  etherType: 0x8864,
  octets: pppoe(carried, options),
});

// Over IP

/** Version 6 under the number of version 4. */
export const ipv6AsIpv4 = ({ etherType, octets }: Carried): Carried => ({
  etherType: etherType === ETHER_TYPE.IPV6 ? ETHER_TYPE.IPV4 : etherType,
  octets,
});
/** RFC 8986 §10.1 */
export const ethernetInIp = (frame: Carried, ends = ENDS_V6): Carried => inIp(ends, 143, frame.octets);
/** MikroTik's EoIP: GRE of version 1 with a key that is a length and a tunnel, little-endian. */
export const ethernetOverGre = (frame: Carried, tunnel: number): Carried =>
  inIp(ENDS_V4, 47, concat(u16(0x2001), u16(0x6400), u16(frame.octets.length), u16(tunnel, "little"), frame.octets));

export const ipInIp = (carried: Carried, ends = ENDS_V4): Carried => inIp(ends, protocolOf(carried), carried.octets);

/** RFC 4302 §2: next header, length, reserved, index, sequence number, check value. */
export const authenticated = (carried: Carried, ends = ENDS_V4): Carried =>
  inIp(ends, 51, concat([protocolOf(carried), 4, 0, 0], u32(1), u32(2), new Uint8Array(12), carried.octets));

export interface GreOptions {
  readonly ends?: Ends;
  readonly checksum?: boolean;
  readonly key?: number;
  readonly sequence?: number;
}
/** RFC 2784 §2, RFC 2890 §2 */
export function gre({ etherType, octets }: Carried, options: GreOptions = {}): Carried {
  const { ends = ENDS_V4, checksum, key, sequence } = options;
  const flags = (checksum ? 0x8000 : 0) | (key === undefined ? 0 : 0x2000) | (sequence === undefined ? 0 : 0x1000);
  const fields = [
    checksum ? u32(0) : [],
    key === undefined ? [] : u32(key),
    sequence === undefined ? [] : u32(sequence),
  ];
  return inIp(ends, 47, concat(u16(flags), u16(etherType), ...fields, octets));
}
/** RFC 7637 §3.2: subnet and flow in the key. */
export const nvgre = (frame: Carried, subnet: number, flow = 0, ends = ENDS_V4): Carried =>
  gre(frame, { key: subnet * 0x100 + flow, ends });
/** draft-foschiano-erspan §4.1: nothing between GRE and the frame. */
export const erspanI = ({ octets }: Carried): Carried => gre({ etherType: 0x88be, octets });
/** §4.2: version 1, VLAN, session; index. */
export const erspanII = ({ octets }: Carried, session = 100): Carried =>
  gre({ etherType: 0x88be, octets: concat(u16(0x1000), u16(session), u32(7), octets) }, { sequence: 1 });
/** §4.3: version 2, VLAN, session; time; security group; frame type, flags; perhaps a platform's own 8 octets. */
export const erspanIII = ({ octets }: Carried, platform = false): Carried => {
  const header = concat(
    u16(0x2000),
    u16(100),
    u32(7),
    u16(0),
    u16(platform ? 1 : 0),
    platform ? new Uint8Array(8) : [],
  );
  return gre({ etherType: 0x22eb, octets: concat(header, octets) }, { sequence: 1 });
};
/** RFC 2637 §4.1: version 1; length and call, sequence, perhaps acknowledgment. */
export const pptp = (carried: Carried, acknowledgment = false): Carried => {
  const payload = ppp(carried, { addressAndControl: true });
  const flags = 0x3001 | (acknowledgment ? 0x80 : 0);
  const fields = concat(u16(payload.length), u16(42), u32(1), acknowledgment ? u32(1) : []);
  return inIp(ENDS_V4, 47, concat(u16(flags), u16(0x880b), fields, payload));
};
/** RFC 3378 §3 */
export const etherIp = (frame: Carried): Carried => inIp(ENDS_V4, 97, concat(u16(0x3000), frame.octets));
/** RFC 3931 §4.1.1: session, cookie; perhaps the sublayer of §4.6. */
export const l2tpv3 = (frame: Carried, octetsBetween = 0): Carried =>
  inIp(ENDS_V4, 115, concat(u32(0x1234), new Uint8Array(octetsBetween), frame.octets));

// Over UDP

/** RFC 7348 §5 */
export const vxlan = (frame: Carried, vni: number, ends = ENDS_V4): Carried =>
  inUdp(ends, 4789, concat(u32(0x0800_0000), u32(vni * 0x100), frame.octets));
/** draft-ietf-nvo3-vxlan-gpe §3.1: the I and P flags, next protocol. */
export const vxlanGpe = (carried: Carried, vni: number): Carried =>
  inUdp(ENDS_V4, 4790, concat([0x0c, 0, 0, nextProtocol(carried)], u32(vni * 0x100), carried.octets));
/** RFC 8926 §3.4: one option of 8 octets. */
export const geneve = ({ etherType, octets }: Carried, vni: number, ends = ENDS_V4): Carried =>
  inUdp(ends, 6081, concat([2, 0], u16(etherType), u32(vni * 0x100), u16(0x0103), [1, 1], u32(5), octets));

/** RFC 9300 §5.1: the N and I flags, nonce; instance, status bits. */
export const lisp = ({ octets }: Carried, instance: number): Carried =>
  inUdp(ENDS_V4, 4341, concat(u32(0x8800_0001), u32(instance * 0x100), octets));
/** TZSP: version, type, Ethernet or 802.11; a padding octet, a signal strength, the end. */
export const tzsp = (octets: Uint8Array, protocol: number): Carried =>
  inUdp(ENDS_V4, 37_008, concat([1, 0], u16(protocol), [0, 0x0a, 1, 0xc8, 1], octets));
/** RFC 5415 §4.3: version and type; length of 4 words, radio 1, binding, flags; fragment; radio address and wireless information. */
export const capwap = (octets: Uint8Array, { flags = 0, answer = false } = {}): Carried => {
  const header = concat(u32(0x0020_4000 | (1 << 9) | flags), u32(0), [6, 2, 0, 0, 0, 0, 1, 0]);
  return answer ? inUdp(ENDS_V4, 50_000, concat(header, octets), 5247) : inUdp(ENDS_V4, 5247, concat(header, octets));
};

export interface GtpOptions {
  readonly sequence?: boolean;
  /** Extension headers, each of one unit of four octets. */
  readonly extensions?: number;
  readonly endpoint?: number;
}
/** 3GPP TS 29.281 §5.1, §5.2; PDU session containers (0x85) as extensions. */
export function gtp({ octets }: Carried, { sequence = false, extensions = 0, endpoint = 1 }: GtpOptions = {}): Carried {
  const SESSION_CONTAINER = 0x85;
  const list = Array.from({ length: extensions }, (_, i) => [1, 0, 1, i === extensions - 1 ? 0 : SESSION_CONTAINER]);
  const first = extensions > 0 ? SESSION_CONTAINER : 0;
  const optional = sequence || extensions > 0 ? concat(u16(9), [0, first], ...list) : [];
  const flags = 0x30 | (sequence ? 0x02 : 0) | (extensions > 0 ? 0x04 : 0);
  const length = octets.length + optional.length;
  return inUdp(ENDS_V4, 2152, concat([flags, 0xff], u16(length), u32(endpoint), optional, octets), 2152);
}

export interface L2tpOptions extends PppOptions {
  readonly length?: boolean;
  readonly sequence?: boolean;
  readonly offset?: number;
  /** The answering end sends from the port, not to it. */
  readonly answer?: boolean;
}
/** RFC 2661 §3.1 */
export function l2tp(carried: Carried, options: L2tpOptions = {}): Carried {
  const { length = false, sequence = false, offset, answer = false } = options;
  const payload = ppp(carried, options);
  const fields = concat(
    u16(1),
    u16(2),
    sequence ? concat(u16(3), u16(4)) : [],
    offset === undefined ? [] : concat(u16(offset), new Uint8Array(offset)),
  );
  const flags = 2 | (length ? 0x4000 : 0) | (sequence ? 0x0800 : 0) | (offset === undefined ? 0 : 0x0200);
  const message = concat(u16(flags), length ? u16(4 + fields.length + payload.length) : [], fields, payload);
  return answer ? inUdp(ENDS_V4, 50_000, message, 1701) : inUdp(ENDS_V4, 1701, message);
}
/** RFC 7510 */
export const mplsInUdp = (carried: Carried): Carried => inUdp(ENDS_V4, 6635, mpls(carried).octets);
export interface TeredoOptions {
  readonly origin?: boolean;
  readonly authentication?: boolean;
  readonly answer?: boolean;
}
/** RFC 4380 §5.1.1: lengths of client identifier and authentication value, nonce, confirmation; origin's port and address. */
export function teredo({ octets }: Carried, options: TeredoOptions = {}): Carried {
  const { origin = false, authentication = false, answer = false } = options;
  const message = concat(
    authentication ? concat(u16(1), [2, 3], new Uint8Array(2 + 3 + 8 + 1)) : [],
    origin ? concat(u16(0), u16(0xffff), u32(0x0a00_0001)) : [],
    octets,
  );
  return answer ? inUdp(ENDS_V4, 50_000, message, 3544) : inUdp(ENDS_V4, 3544, message);
}

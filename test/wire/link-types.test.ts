/** Link types beyond Ethernet, loopback and raw, each built from its specification and read by tshark as well. */
import { describe, expect, it } from "vitest";
import { linkTypeName } from "../../src/capture/link-types.ts";
import { LAYERS } from "../../src/wire/layers.ts";
import { frameOf } from "../build/frames.ts";
import {
  avs,
  type Carried,
  ciscoFrameRelay,
  ciscoHdlc,
  cooked,
  cooked2,
  encapsulating,
  fddi,
  frameRelay,
  ipNet,
  ipOverFibreChannel,
  ipOverFirewire,
  ipOverInfiniband,
  nflog,
  packetFilterLog,
  perPacketInformation,
  pktap,
  ppp,
  pppoe,
  prism,
  radiotap,
  snap,
  sunAtm,
  tokenRing,
  wireless,
} from "../build/link-headers.ts";
import { linkFrame } from "../build/links.ts";
import { concat, u16 } from "../build/octets.ts";
import { decodeOne, frame } from "./decoded.ts";
import { DATA, DATA_DECODED, DATA_V6, DATA_V6_DECODED } from "./segments.ts";
import { hasTshark, tsharkSegments } from "./tshark.ts";

const V4: Carried = { etherType: 0x0800, octets: frameOf(DATA, { link: "RAW" }) };
const V6: Carried = { etherType: 0x86dd, octets: frameOf(DATA_V6, { link: "RAW" }) };

const LINK = {
  EN10MB: 1,
  IEEE802: 6,
  PPP: 9,
  FDDI: 10,
  PPP_SERIAL: 50,
  PPP_ETHER: 51,
  ATM_RFC1483: 100,
  C_HDLC: 104,
  IEEE802_11: 105,
  FRELAY: 107,
  ENC: 109,
  LINUX_SLL: 113,
  PFLOG: 117,
  PRISM_HEADER: 119,
  IP_OVER_FC: 122,
  SUNATM: 123,
  IEEE802_11_RADIO: 127,
  APPLE_IP_OVER_IEEE1394: 138,
  USER2: 149,
  IEEE802_11_RADIO_AVS: 163,
  PPP_PPPD: 166,
  PPI: 192,
  PPP_WITH_DIR: 204,
  C_HDLC_WITH_DIR: 205,
  FRELAY_WITH_DIR: 206,
  MPLS: 219,
  IPNET: 226,
  NFLOG: 239,
  IPOIB: 242,
  PKTAP: 258,
  LINUX_SLL2: 276,
} as const;

/** Linux's ARPHRD_ numbers. */
const ARPHRD = { ETHER: 1, PPP: 512, FRAD: 770, IPGRE: 778, IEEE80211: 801, IEEE80211_RADIOTAP: 803, NETLINK: 824 };

const PADDED_FLAG = 0x20;
const MORE = 0x8000_0000;
const IN_PPP = { addressAndControl: true };
const plainRadiotap = (octets: Uint8Array) => radiotap(octets, [0], []);
const ethernet = ({ etherType, octets }: Carried) => linkFrame(etherType, octets);

/** Those that this version of tshark is known not to read, or to read only when told how. */
type Judge = "tshark" | "alone";

const FRAMES: [link: keyof typeof LINK, what: string, build: (carried: Carried) => Uint8Array, judge?: Judge][] = [
  ["IEEE802", "", (c) => tokenRing(c)],
  ["IEEE802", "source-routed", (c) => tokenRing(c, true)],
  ["PPP", "", (c) => ppp(c)],
  ["PPP", "with address and control", (c) => ppp(c, IN_PPP)],
  ["PPP", "with a compressed protocol", (c) => ppp(c, { compressed: true })],
  ["FDDI", "", fddi],
  ["PPP_SERIAL", "", (c) => ppp(c, IN_PPP)],
  ["PPP_SERIAL", "with Cisco's framing", ciscoHdlc],
  ["PPP_ETHER", "", (c) => pppoe(c)],
  ["ATM_RFC1483", "", (c) => snap(c)],
  ["C_HDLC", "", ciscoHdlc],
  ["IEEE802_11", "to the access point", (c) => wireless(c)],
  ["IEEE802_11", "from the access point", (c) => wireless(c, { toDistribution: false, fromDistribution: true })],
  ["IEEE802_11", "between stations", (c) => wireless(c, { toDistribution: false })],
  ["IEEE802_11", "between access points", (c) => wireless(c, { fromDistribution: true })],
  ["IEEE802_11", "QoS", (c) => wireless(c, { qos: true })],
  ["IEEE802_11", "QoS between access points", (c) => wireless(c, { qos: true, fromDistribution: true })],
  ["IEEE802_11", "QoS with HT control", (c) => wireless(c, { qos: true, highThroughput: true })],
  ["IEEE802_11", "an aggregate of one", (c) => wireless(c, { qos: true, aggregated: true })],
  ["FRELAY", "", (c) => frameRelay(c)],
  ["FRELAY", "with SNAP", (c) => frameRelay(c, true)],
  ["FRELAY", "with Cisco's encapsulation", ciscoFrameRelay, "alone"],
  ["ENC", "", (c) => encapsulating(c)],
  ["ENC", "big-endian", (c) => encapsulating(c, "big")],
  ["LINUX_SLL", "802.2", (c) => cooked(ARPHRD.ETHER, 4, snap(c))],
  ["LINUX_SLL", "PPP", (c) => cooked(ARPHRD.PPP, c.etherType, c.octets)],
  ["LINUX_SLL", "GRE", (c) => cooked(ARPHRD.IPGRE, c.etherType, c.octets)],
  ["LINUX_SLL", "frame relay", (c) => cooked(ARPHRD.FRAD, 0, frameRelay(c))],
  ["LINUX_SLL", "radiotap", (c) => cooked(ARPHRD.IEEE80211_RADIOTAP, 4, plainRadiotap(wireless(c)))],
  ["LINUX_SLL", "802.11", (c) => cooked(ARPHRD.IEEE80211, 4, wireless(c)), "alone"],
  ["LINUX_SLL2", "802.2", (c) => cooked2(ARPHRD.ETHER, 4, snap(c))],
  ["LINUX_SLL2", "GRE", (c) => cooked2(ARPHRD.IPGRE, c.etherType, c.octets)],
  ["PFLOG", "", packetFilterLog],
  ["PRISM_HEADER", "", (c) => prism(wireless(c))],
  ["PRISM_HEADER", "big-endian", (c) => prism(wireless(c), "big")],
  ["PRISM_HEADER", "with an AVS header", (c) => avs(wireless(c))],
  ["IP_OVER_FC", "", ipOverFibreChannel],
  ["SUNATM", "", sunAtm],
  ["IEEE802_11_RADIO", "", (c) => plainRadiotap(wireless(c))],
  ["IEEE802_11_RADIO", "with QoS", (c) => plainRadiotap(wireless(c, { qos: true }))],
  ["IEEE802_11_RADIO", "padded", (c) => radiotap(wireless(c, { qos: true, padded: true }), [2], [PADDED_FLAG])],
  [
    "IEEE802_11_RADIO",
    "padded, with a timer in front and another word of fields",
    (c) => radiotap(wireless(c, { qos: true, padded: true }), [3 | MORE, 0], [0, 0, 0, 0, ...timer(), PADDED_FLAG]),
  ],
  ["APPLE_IP_OVER_IEEE1394", "", ipOverFirewire],
  ["USER2", "as Apple wrote it", (c) => pktap(ethernet(c), LINK.EN10MB), "alone"],
  ["IEEE802_11_RADIO_AVS", "", (c) => avs(wireless(c))],
  ["PPP_PPPD", "", (c) => concat([1, 3], ppp(c)), "alone"],
  ["PPI", "802.11", (c) => perPacketInformation(wireless(c), LINK.IEEE802_11)],
  ["PPI", "Ethernet", (c) => perPacketInformation(ethernet(c), LINK.EN10MB)],
  ["PPP_WITH_DIR", "", (c) => concat([1], ppp(c, IN_PPP))],
  ["C_HDLC_WITH_DIR", "", (c) => concat([1], ciscoHdlc(c)), "alone"],
  ["FRELAY_WITH_DIR", "", (c) => concat([1], frameRelay(c)), "alone"],
  ["MPLS", "", ({ octets }) => concat([0, 1, 0x01, 64], octets), "alone"],
  ["IPNET", "", ipNet],
  ["NFLOG", "", (c) => nflog(c)],
  ["NFLOG", "big-endian", (c) => nflog(c, "big"), "alone"],
  ["IPOIB", "", ipOverInfiniband],
  ["PKTAP", "Ethernet", (c) => pktap(ethernet(c), LINK.EN10MB)],
  ["PKTAP", "raw", ({ octets }) => pktap(octets, 12)],
];

function timer(): number[] {
  return [1, 2, 3, 4, 5, 6, 7, 8];
}

describe("reads", () => {
  it.each(FRAMES)("%s %s", (link, _what, build) => {
    const linkType = LINK[link];
    expect(decodeOne(frame(build(V4), { linkType }))).toEqual(DATA_DECODED);
    expect(decodeOne(frame(build(V6), { linkType }))).toEqual(DATA_V6_DECODED);
  });
});

const JUDGED = [...new Set(FRAMES.filter(([, , , judge]) => judge !== "alone").map(([link]) => link))];

describe.skipIf(!hasTshark)("tshark reads the same (skipped without tshark)", () => {
  it.each(JUDGED)("%s", (link) => {
    const judged = FRAMES.filter(([of, , , judge]) => of === link && judge !== "alone");
    const frames = judged.flatMap(([, , build]) => [build(V4), build(V6)]);
    const line = [DATA.from.port, DATA.to.port, DATA.seq, DATA.ack, DATA.length].join();
    expect(tsharkSegments(frames, LINK[link])).toEqual(new Map(frames.map((_, index) => [index + 1, line])));
  });
});

describe("gives no segment for", () => {
  const NONE = { etherType: 0x0806, octets: new Uint8Array(28) };
  it.each<[reason: string, link: keyof typeof LINK, what: string, octets: Uint8Array]>([
    ["encrypted", "IEEE802_11", "a protected frame", wireless(V4, { isProtected: true })],
    ["encrypted", "IEEE802_11_RADIO", "a protected frame", plainRadiotap(wireless(V4, { isProtected: true }))],
    ["fragment-incomplete", "IEEE802_11", "a later fragment", wireless(V4, { fragmentNumber: 1 })],
    ["not-ip", "IEEE802_11", "a beacon", concat([0x80, 0], new Uint8Array(40))],
    ["not-ip", "IEEE802_11", "QoS without data", concat([0xc8, 1], new Uint8Array(40))],
    ["not-ip", "IEEE802_11_RADIO", "another version of radiotap", concat([1, 0, 8, 0, 0, 0, 0, 0], wireless(V4))],
    ["not-ip", "LINUX_SLL", "netlink", cooked(ARPHRD.NETLINK, 0x0800, V4.octets)],
    ["not-ip", "C_HDLC", "keep-alives", ciscoHdlc({ ...NONE, etherType: 0x8035 })],
    ["not-ip", "PPP", "link control", concat([0xff, 0x03], u16(0xc021), new Uint8Array(8))],
    ["encrypted", "PPP", "encryption (RFC 1968)", concat(u16(0x0053), new Uint8Array(8))],
    ["not-ip", "NFLOG", "a bridge", concat([7], nflog(V4).subarray(1))],
    ["not-ip", "FRELAY", "an address that does not end", new Uint8Array(40)],
    ["not-ip", "PKTAP", "no packet", concat(pktap(V4.octets, 12).subarray(0, 4), new Uint8Array(130))],
    ["link-type-unknown", "PKTAP", "a link type inside that is not read", pktap(V4.octets, 147)],
    ["link-type-unknown", "USER2", "anything else", ethernet(V4)],
    ["link-type-unknown", "USER2", "an interface without a name", pktap(ethernet(V4), LINK.EN10MB, "")],
    ["link-type-unknown", "USER2", "a name that is none", pktap(ethernet(V4), LINK.EN10MB, "\u0001n0")],
  ])("%s: %s, %s", (reason, link, _what, octets) => {
    expect(decodeOne(frame(octets, { linkType: LINK[link] }))).toBe(reason);
  });
});

describe("link types have the names of the registry", () => {
  it.each(Object.entries(LINK).filter(([name]) => name !== "USER2"))("%s", (name, number) => {
    expect(linkTypeName(number)).toBe(name);
  });

  it("also those that are not read; the rest has its number", () => {
    expect([147, 162, 189, 301, 9999].map(linkTypeName)).toEqual(["USER0", "USER15", "USB_LINUX", "DECT_NR", "9999"]);
    expect(LAYERS.has(189)).toBe(false);
  });
});

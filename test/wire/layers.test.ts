import { describe, expect, it } from "vitest";
import { FrameDecoder, HEADERS_MAX } from "../../src/wire/frame-decoder.ts";
import { SegmentBatch } from "../../src/wire/segment-batch.ts";
import { ipv4Datagram, ipv6Datagram } from "../build/datagrams.ts";
import { extensionHeader, fragmentsOf, frameOf, LINK_TYPES, type Link, udpFrame } from "../build/frames.ts";
import { linkFrame } from "../build/links.ts";
import { concat, u16, u32 } from "../build/octets.ts";
import { decodeOne, frame, SEED } from "./decoded.ts";
import { CLIENT, CLIENT_V6, DATA, DATA_DECODED, DATA_V6, DATA_V6_DECODED, SERVER, SERVER_V6 } from "./segments.ts";

const DATAGRAM = frameOf(DATA, { link: "RAW" });
const DATAGRAM_V6 = frameOf(DATA_V6, { link: "RAW" });
const ETHERNET = frameOf(DATA);
const MACS = ETHERNET.subarray(0, 12);

const IPIP = 4;
const SIX_IN_FOUR = 41;
const GRE = 47;
const inIpv4 = (protocol: number, payload: Uint8Array) =>
  linkFrame(0x0800, ipv4Datagram({ from: "172.16.0.1", to: "172.16.0.2", protocol, payload }));
const inIpv6 = (protocol: number, payload: Uint8Array) =>
  linkFrame(0x86dd, ipv6Datagram({ from: "fd00::1", to: "fd00::2", protocol, payload }));

describe("a link layer", () => {
  it.each(Object.keys(LINK_TYPES) as Link[])("%s", (link) => {
    const linkType = LINK_TYPES[link];
    expect(decodeOne(frame(frameOf(DATA, { link }), { linkType }))).toEqual(DATA_DECODED);
    expect(decodeOne(frame(frameOf(DATA_V6, { link }), { linkType }))).toEqual(DATA_V6_DECODED);
  });

  it.each([12, 14, 101, 228])("raw IPv4 under the number %i", (linkType) => {
    expect(decodeOne(frame(DATAGRAM, { linkType }))).toEqual(DATA_DECODED);
  });

  it.each([12, 14, 101, 229])("raw IPv6 under the number %i", (linkType) => {
    expect(decodeOne(frame(DATAGRAM_V6, { linkType }))).toEqual(DATA_V6_DECODED);
  });

  it.each([10, 23, 24, 28, 30])("NULL in either byte order, IPv6 as %i", (afInet6) => {
    for (const hostEndian of ["little", "big"] as const) {
      const octets = frameOf(DATA_V6, { link: "NULL", hostEndian, afInet6 });
      expect(decodeOne(frame(octets, { linkType: LINK_TYPES.NULL }))).toEqual(DATA_V6_DECODED);
    }
  });

  it("of an unknown number is counted by that number", () => {
    const decoder = new FrameDecoder({ seed: SEED });
    for (const linkType of [147, 147, 9999]) decoder.decodeOne(frame(ETHERNET, { linkType }), 1, 0, new SegmentBatch());
    expect(decoder.skipped.byReason["link-type-unknown"]).toBe(3);
    expect([...decoder.skipped.unknownLinkTypes]).toEqual([
      [147, 2],
      [9999, 1],
    ]);
  });
});

describe("between link and TCP", () => {
  it.each<[string, Uint8Array]>([
    ["one VLAN tag", frameOf(DATA, { vlan: [10] })],
    ["802.1ad outside 802.1Q", frameOf(DATA, { vlan: [10, 20] })],
    ["QinQ with 0x9100", concat(MACS, u16(0x9100), u16(10), u16(0x8100), u16(20), u16(0x0800), DATAGRAM)],
    ["IPv4 options", frameOf(DATA, { ipv4: { options: Uint8Array.of(1, 1, 1) } })],
    ["IP in IP", inIpv4(IPIP, DATAGRAM)],
    ["4in6", inIpv6(IPIP, DATAGRAM)],
    ["GRE", inIpv4(GRE, concat(u16(0), u16(0x0800), DATAGRAM))],
    [
      "GRE with checksum, key and sequence number",
      inIpv4(GRE, concat(u16(0xb000), u16(0x0800), u32(0), u32(5), u32(9), DATAGRAM)),
    ],
    ["GRE with Ethernet inside", inIpv4(GRE, concat(u16(0x2000), u16(0x6558), u32(5), ETHERNET))],
    ["VXLAN", frameOf(DATA, { vxlan: { vni: 42 } })],
    ["VXLAN over IPv6", frameOf(DATA, { vxlan: { vni: 42, from: "fd00::1", to: "fd00::2" } })],
    ["MPLS, two labels", linkFrame(0x8847, concat(u32(0x0001_0040), u32(0x0002_0140), DATAGRAM))],
    ["MPLS with an Ethernet pseudowire", linkFrame(0x8847, concat(u32(0x0002_0140), u32(0), ETHERNET))],
    ["PPPoE", linkFrame(0x8864, concat(u16(0x1100), u16(3), u16(DATAGRAM.length + 2), u16(0x0021), DATAGRAM))],
    ["an authentication header", inIpv4(51, concat([IPIP, 4, 0, 0], new Uint8Array(20), DATAGRAM))],
    ["padding to the least Ethernet frame", concat(frameOf(DATA), new Uint8Array(46))],
  ])("%s", (_name, octets) => {
    expect(decodeOne(frame(octets))).toEqual(DATA_DECODED);
  });

  it.each<[string, Uint8Array]>([
    ["6in4", inIpv4(SIX_IN_FOUR, DATAGRAM_V6)],
    ["IPv6 in IPv6", inIpv6(SIX_IN_FOUR, DATAGRAM_V6)],
    ["GRE", inIpv4(GRE, concat(u16(0), u16(0x86dd), DATAGRAM_V6))],
    ["MPLS", linkFrame(0x8847, concat(u32(0x0002_0140), DATAGRAM_V6))],
    ["PPPoE", linkFrame(0x8864, concat(u16(0x1100), u16(3), u16(DATAGRAM_V6.length + 2), u16(0x0057), DATAGRAM_V6))],
    ...(["HOP_BY_HOP", "ROUTING", "DESTINATION"] as const).map((name): [string, Uint8Array] => [
      name,
      frameOf(DATA_V6, { ipv6: { extensions: [extensionHeader(name)] } }),
    ]),
    ...[135, 139, 140].map((type): [string, Uint8Array] => [
      `extension header ${type}`,
      frameOf(DATA_V6, { ipv6: { extensions: [{ type, octets: new Uint8Array(8) }] } }),
    ]),
  ])("%s, IPv6", (_name, octets) => {
    expect(decodeOne(frame(octets))).toEqual(DATA_V6_DECODED);
  });
});

describe("no segment", () => {
  const [, second = ETHERNET] = fragmentsOf(DATA, 48);
  const [, secondV6 = ETHERNET] = fragmentsOf(DATA_V6, 48);
  const wrong = (at: number, ...octets: number[]) => {
    const copy = ETHERNET.slice();
    copy.set(octets, at);
    return copy;
  };
  const ETHERNET_OCTETS = 14;
  const outer = { from: "172.16.0.1", to: "172.16.0.2", protocol: IPIP, payload: DATAGRAM };
  const IN_PADDING = linkFrame(0x0800, ipv4Datagram(outer, { totalLength: 20 }));
  it.each<[string, string, Uint8Array]>([
    ["not-ip", "ARP", linkFrame(0x0806, new Uint8Array(28))],
    ["not-ip", "a length instead of a type", concat(MACS, u16(38), new Uint8Array(38))],
    ["not-ip", "PPPoE discovery", linkFrame(0x8864, concat(u16(0x1109), new Uint8Array(20)))],
    ["not-ip", "PPP that is not IP", linkFrame(0x8864, concat(u16(0x1100), u16(3), u16(6), u16(0xc021), u32(0)))],
    ["not-tcp", "UDP", udpFrame(CLIENT, SERVER)],
    ["not-tcp", "UDP over IPv6", udpFrame(CLIENT_V6, SERVER_V6)],
    ["not-tcp", "UDP to VXLAN's port without the VNI flag", udpFrame(CLIENT, { ...SERVER, port: 4789 })],
    ["not-tcp", "GRE version 1", inIpv4(GRE, concat(u16(1), u16(0x880b), DATAGRAM))],
    ["not-tcp", "ICMP", inIpv4(1, DATAGRAM)],
    ["fragment-incomplete", "the second fragment alone", second],
    ["fragment-incomplete", "the second fragment of IPv6 alone", secondV6],
    ["ip-header-malformed", "another version", wrong(ETHERNET_OCTETS, 0x55)],
    ["ip-header-malformed", "a header of 16 octets", wrong(ETHERNET_OCTETS, 0x44)],
    ["ip-header-malformed", "a datagram shorter than its header", wrong(ETHERNET_OCTETS + 2, 0, 19)],
    ["ip-header-malformed", "version 5 in IPv6", linkFrame(0x86dd, concat([0x50], DATAGRAM_V6.subarray(1)))],
    ["tcp-header-malformed", "a datagram that ends in the TCP header", wrong(ETHERNET_OCTETS + 2, 0, 39)],
    ["tcp-header-malformed", "a data offset of 4", wrong(ETHERNET_OCTETS + 20 + 12, 0x40)],
    [
      "tcp-header-malformed",
      "a data offset behind the end",
      frameOf({ ...DATA, length: 0 }, { ipv4: { totalLength: 50 } }),
    ],
    ["nesting-too-deep", "more VLAN tags than any network has", frameOf(DATA, { vlan: Array(HEADERS_MAX).fill(1) })],
    ["frame-cut-short", "an empty frame", new Uint8Array()],
    ["frame-cut-short", "an inner datagram behind the end of the outer one", IN_PADDING],
  ])("%s: %s", (reason, _name, octets) => {
    expect(decodeOne(frame(octets))).toBe(reason);
  });
});

/** Tags and tunnels, each built from its specification and read by tshark as well. */
import { describe, expect, it } from "vitest";
import {
  authenticated,
  type Carried,
  ENDS_V6,
  erspanI,
  erspanII,
  erspanIII,
  eTag,
  etherIp,
  ethernet,
  FRAME,
  geneve,
  gre,
  gtp,
  hsr,
  ipInIp,
  iTag,
  l2tp,
  l2tpv3,
  macsec,
  metadata,
  mpls,
  mplsInUdp,
  networkService,
  nvgre,
  pppoeSession,
  pptp,
  pseudowire,
  snapFrame,
  trill,
  vlan,
  vnTag,
  vxlan,
  vxlanGpe,
} from "../build/encapsulations.ts";
import { frameOf } from "../build/frames.ts";
import { linkFrame } from "../build/links.ts";
import { concat, u16, u32 } from "../build/octets.ts";
import { decodeOne, frame } from "./decoded.ts";
import { DATA, DATA_DECODED, DATA_V6, DATA_V6_DECODED } from "./segments.ts";
import { hasTshark, tsharkSegments } from "./tshark.ts";

const V4: Carried = { etherType: 0x0800, octets: frameOf(DATA, { link: "RAW" }) };
const V6: Carried = { etherType: 0x86dd, octets: frameOf(DATA_V6, { link: "RAW" }) };

/** As an Ethernet frame, unless it is one. */
const onEthernet = ({ etherType, octets }: Carried) => (etherType === FRAME ? octets : linkFrame(etherType, octets));

/** `alone`: this version of tshark does not read it, or only when told how. */
type Judge = "tshark" | "alone";

const ENCAPSULATIONS: [name: string, build: (carried: Carried) => Carried, judge?: Judge][] = [
  ["802.3 with LLC and SNAP", (c) => snapFrame(c)],
  ["SNAP as 802.1H tunnels it", (c) => snapFrame(c, [0, 0, 0xf8])],
  [
    "an 802.3 length behind a VLAN tag",
    (c) => ({ etherType: 0x8100, octets: concat(u16(10), snapFrame(c).octets.subarray(12)) }),
  ],
  ["a VLAN in a service VLAN", (c) => vlan(vlan(c), 20, 0x88a8)],
  ["a VLAN in one of 0x9100", (c) => vlan(vlan(c), 20, 0x9100)],
  ["VN-tag", vnTag],
  ["802.1BR", eTag],
  ["HSR", hsr],
  ["Cisco metadata", metadata],
  ["MACsec, only authenticated", (c) => macsec(c)],
  ["MACsec without channel", (c) => macsec(c, 0)],
  ["802.1ah", (c) => iTag(ethernet(c), 77)],
  ["802.1ah in a backbone VLAN", (c) => vlan(iTag(ethernet(c), 77), 5, 0x88a8)],
  ["TRILL", (c) => trill(ethernet(c))],
  ["TRILL with options", (c) => trill(ethernet(c), 2), "alone"],
  ["NSH", networkService],
  ["NSH with Ethernet", (c) => networkService(ethernet(c))],
  ["MPLS", (c) => mpls(c, [16, 17, 18])],
  ["a pseudowire with a control word", (c) => pseudowire(ethernet(c), true), "alone"],
  ["a pseudowire without one", (c) => pseudowire(ethernet(c), false), "alone"],
  ["PPPoE", (c) => pppoeSession(c)],
  ["PPPoE with a compressed protocol", (c) => pppoeSession(c, { compressed: true })],
  ["IP in IPv4", (c) => ipInIp(c)],
  ["IP in IPv6", (c) => ipInIp(c, ENDS_V6)],
  ["an authentication header", (c) => authenticated(c)],
  ["an authentication header over IPv6", (c) => authenticated(c, ENDS_V6)],
  ["GRE", (c) => gre(c)],
  ["GRE over IPv6, all fields", (c) => gre(c, { ends: ENDS_V6, checksum: true, key: 5, sequence: 9 })],
  ["GRE with Ethernet", (c) => gre(ethernet(c))],
  ["GRE with MPLS", (c) => gre(mpls(c))],
  ["NVGRE", (c) => nvgre(ethernet(c), 0x5000, 3)],
  ["ERSPAN I", (c) => erspanI(ethernet(c))],
  ["ERSPAN II", (c) => erspanII(ethernet(c))],
  ["ERSPAN II with a VLAN", (c) => erspanII(ethernet(vlan(c)))],
  ["ERSPAN III", (c) => erspanIII(ethernet(c))],
  ["ERSPAN III with a platform header", (c) => erspanIII(ethernet(c), true)],
  ["PPTP", (c) => pptp(c)],
  ["PPTP with an acknowledgment", (c) => pptp(c, true)],
  ["EtherIP", (c) => etherIp(ethernet(c))],
  ["L2TPv3", (c) => l2tpv3(ethernet(c)), "alone"],
  ["L2TPv3 with a cookie", (c) => l2tpv3(ethernet(c), 8), "alone"],
  ["VXLAN", (c) => vxlan(ethernet(c), 42)],
  ["VXLAN over IPv6", (c) => vxlan(ethernet(c), 42, ENDS_V6)],
  ["VXLAN-GPE", (c) => vxlanGpe(c, 42)],
  ["VXLAN-GPE with Ethernet", (c) => vxlanGpe(ethernet(c), 42)],
  ["VXLAN-GPE with NSH", (c) => vxlanGpe(networkService(c), 42)],
  ["GENEVE", (c) => geneve(ethernet(c), 42)],
  ["GENEVE over IPv6, without Ethernet", (c) => geneve(c, 42, ENDS_V6)],
  ["GTP-U", (c) => gtp(c)],
  ["GTP-U with sequence number", (c) => gtp(c, { sequence: true })],
  ["GTP-U with extension headers", (c) => gtp(c, { extensions: 2 })],
  ["L2TP", (c) => l2tp(c)],
  ["L2TP, all fields", (c) => l2tp(c, { length: true, sequence: true, offset: 6, addressAndControl: true })],
  ["L2TP, the answering end", (c) => l2tp(c, { length: true, answer: true })],
  ["MPLS in UDP", mplsInUdp],
  [
    "eight in each other",
    (c) => geneve(ethernet(gre(ethernet(pppoeSession(ipInIp(gtp(ipInIp(c, ENDS_V6))))), { key: 1 })), 9),
  ],
];

describe("reads", () => {
  it.each(ENCAPSULATIONS)("%s", (_name, build) => {
    expect(decodeOne(frame(onEthernet(build(V4))))).toEqual(DATA_DECODED);
    expect(decodeOne(frame(onEthernet(build(V6))))).toEqual(DATA_V6_DECODED);
  });
});

describe.skipIf(!hasTshark)("tshark reads the same (skipped without tshark)", () => {
  const judged = ENCAPSULATIONS.filter(([, , judge]) => judge !== "alone");
  const frames = judged.flatMap(([, build]) => [V4, V6].map((carried) => onEthernet(build(carried))));
  const segments = hasTshark ? tsharkSegments(frames, 1) : new Map();
  const line = [DATA.from.port, DATA.to.port, DATA.seq, DATA.ack, DATA.length].join();
  it.each(judged.map(([name], index) => ({ name, first: 2 * index + 1 })))("$name", ({ first }) => {
    expect([segments.get(first), segments.get(first + 1)]).toEqual([line, line]);
  });
});

describe("a tunnel's port does not make a tunnel", () => {
  /** The datagram of an encapsulation with some octets of its tunnel header changed: IPv4, UDP, then the tunnel. */
  const changed = ({ octets }: Carried, at: number, ...values: number[]) => {
    const copy = octets.slice();
    copy.set(values, at);
    return linkFrame(0x0800, copy);
  };
  const UDP_TUNNEL = 20 + 8;
  const IP_TUNNEL = 20;
  it.each<[string, Uint8Array]>([
    ["VXLAN without the flag of a network", changed(vxlan(ethernet(V4), 42), UDP_TUNNEL, 0)],
    ["VXLAN with a flag that nobody defined", changed(vxlan(ethernet(V4), 42), UDP_TUNNEL, 0x18)],
    ["VXLAN-GPE of version 1", changed(vxlanGpe(V4, 42), UDP_TUNNEL, 0x1c)],
    ["VXLAN-GPE for operations", changed(vxlanGpe(V4, 42), UDP_TUNNEL, 0x0d)],
    ["VXLAN-GPE with an unknown protocol", changed(vxlanGpe(V4, 42), UDP_TUNNEL + 3, 9)],
    ["GENEVE of version 1", changed(geneve(V4, 42), UDP_TUNNEL, 0x42)],
    ["GTP of version 2", changed(gtp(V4), UDP_TUNNEL, 0x50)],
    ["GTP' (charging)", changed(gtp(V4), UDP_TUNNEL, 0x20)],
    ["a GTP echo", changed(gtp(V4), UDP_TUNNEL + 1, 1)],
    ["GTP with an extension header of no length", changed(gtp(V4, { extensions: 1 }), UDP_TUNNEL + 12, 0)],
    ["GTP that carries something else than IP", changed(gtp(V4), UDP_TUNNEL + 8, 0x05)],
    ["an L2TP control message", changed(l2tp(V4), UDP_TUNNEL, 0x80)],
    ["L2TP of version 1", changed(l2tp(V4), UDP_TUNNEL + 1, 1)],
    ["an L2TPv3 control message", changed(l2tpv3(ethernet(V4)), IP_TUNNEL, 0, 0, 0, 0)],
    ["L2TPv3 that carries something unknown", changed(l2tpv3(V4), IP_TUNNEL, 1)],
    ["EtherIP of another version", changed(etherIp(ethernet(V4)), IP_TUNNEL, 0x40)],
    ["PPTP that only acknowledges", changed(pptp(V4), IP_TUNNEL, 0x20)],
    ["source-routed GRE", changed(gre(V4), IP_TUNNEL, 0x40)],
    ["ESP", changed(authenticated(V4), 9, 50)],
  ])("%s is not TCP", (_name, octets) => {
    expect(decodeOne(frame(octets))).toBe("not-tcp");
  });

  it("but a group policy is part of VXLAN, and GPE without a protocol carries Ethernet", () => {
    expect(decodeOne(frame(changed(vxlan(ethernet(V4), 42), UDP_TUNNEL, 0x88)))).toEqual(DATA_DECODED);
    expect(decodeOne(frame(changed(vxlanGpe(ethernet(V4), 42), UDP_TUNNEL, 0x08)))).toEqual(DATA_DECODED);
  });
});

describe("no segment", () => {
  it.each<[string, string, Uint8Array]>([
    ["encrypted", "MACsec, encrypted", onEthernet(macsec(V4, 0x2c))],
    ["encrypted", "MACsec, changed", onEthernet(macsec(V4, 0x04))],
    ["not-ip", "SNAP of another organisation", onEthernet(snapFrame(V4, [0, 0, 0x0c]))],
    ["not-ip", "LLC that is not information", linkFrame(43, concat([0x42, 0x42, 0x7f], new Uint8Array(40)))],
    ["not-ip", "a spanning tree", linkFrame(38, concat([0x42, 0x42, 0x03], new Uint8Array(35)))],
    ["not-ip", "MPLS with neither IP nor Ethernet", onEthernet(mpls({ ...V4, octets: new Uint8Array(40).fill(0x11) }))],
    [
      "not-ip",
      "TRILL of another version",
      onEthernet({ etherType: 0x22f3, octets: concat(u32(0x4000_0000), new Uint8Array(60)) }),
    ],
    [
      "not-ip",
      "a mirrored frame that is neither Ethernet nor IP",
      onEthernet(
        gre({ etherType: 0x22eb, octets: concat(u32(0x2000_0000), u32(0), u32(0x0c00), V4.octets) }, { sequence: 1 }),
      ),
    ],
    [
      "frame-cut-short",
      "an LLC frame behind the end its length tells",
      linkFrame(2, concat([0xaa, 0xaa, 0x03], V4.octets)),
    ],
  ])("%s: %s", (reason, _name, octets) => {
    expect(decodeOne(frame(octets))).toBe(reason);
  });
});

/** Tags and tunnels, each built from its specification and read by tshark as well. */
import { describe, expect, it } from "vitest";
import {
  authenticated,
  type Carried,
  capwap,
  etherIp,
  ethernet,
  ethernetOverGre,
  geneve,
  gre,
  gtp,
  l2tp,
  l2tpv3,
  lisp,
  macsec,
  mpls,
  pptp,
  snapFrame,
  type TeredoOptions,
  teredo,
  tzsp,
  vxlan,
  vxlanGpe,
} from "../build/encapsulations.ts";
import { wireless } from "../build/link-headers.ts";
import { linkFrame } from "../build/links.ts";
import { concat, u32 } from "../build/octets.ts";
import { decodeOne, frame } from "./decoded.ts";
import { ENCAPSULATIONS, onEthernet, V4, V6 } from "./encapsulated.ts";
import { DATA, DATA_DECODED, DATA_V6_DECODED } from "./segments.ts";
import { hasTshark, tsharkSegments } from "./tshark.ts";

const LINE = [DATA.from.port, DATA.to.port, DATA.seq, DATA.ack, DATA.length].join();

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
  it.each(judged.map(([name], index) => ({ name, first: 2 * index + 1 })))("$name", ({ first }) => {
    expect([segments.get(first), segments.get(first + 1)]).toEqual([LINE, LINE]);
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
    ["CAPWAP that keeps a tunnel alive", changed(capwap(onEthernet(V4)), UDP_TUNNEL + 3, 0x08)],
    ["CAPWAP of another binding", changed(capwap(wireless(V4), { flags: 0x100 }), UDP_TUNNEL + 2, 0x45)],
    ["CAPWAP with a header that is too short", changed(capwap(onEthernet(V4)), UDP_TUNNEL + 1, 0x08)],
    ["LISP that carries something else than IP", changed(lisp(V4, 42), UDP_TUNNEL + 8, 0x05)],
    ["TZSP that keeps a connection alive", changed(tzsp(onEthernet(V4), 1), UDP_TUNNEL + 1, 4)],
    ["TZSP of a link that is not read", changed(tzsp(onEthernet(V4), 1), UDP_TUNNEL + 3, 119)],
    ["EoIP without a key", changed(ethernetOverGre(ethernet(V4), 1), IP_TUNNEL, 0)],
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

  it.each<[reason: string, what: string, Uint8Array]>([
    ["encrypted", "CAPWAP in DTLS", changed(capwap(onEthernet(V4)), UDP_TUNNEL, 1)],
    ["fragment-incomplete", "a fragment in CAPWAP", changed(capwap(onEthernet(V4)), UDP_TUNNEL + 3, 0x80)],
    ["frame-cut-short", "TZSP whose tags do not end", changed(tzsp(onEthernet(V4), 1), UDP_TUNNEL + 6, 0xff)],
  ])("%s: %s", (reason, _what, octets) => {
    expect(decodeOne(frame(octets))).toBe(reason);
  });

  it("but what nobody defined is ignored in VXLAN, and GPE without a protocol carries Ethernet", () => {
    for (const flags of [0x88, 0x18])
      expect(decodeOne(frame(changed(vxlan(ethernet(V4), 42), UDP_TUNNEL, flags)))).toEqual(DATA_DECODED);
    expect(decodeOne(frame(changed(vxlanGpe(ethernet(V4), 42), UDP_TUNNEL, 0x08)))).toEqual(DATA_DECODED);
  });
});

describe("Teredo carries IPv6 only", () => {
  const OPTIONS: TeredoOptions[] = [
    {},
    { origin: true },
    { authentication: true },
    { origin: true, authentication: true, answer: true },
  ];
  const frames = OPTIONS.map((options) => onEthernet(teredo(V6, options)));

  it("reads it with all that may stand in front", () => {
    expect(frames.map((octets) => decodeOne(frame(octets)))).toEqual(OPTIONS.map(() => DATA_V6_DECODED));
    expect(decodeOne(frame(onEthernet(teredo(V4))))).toBe("not-tcp");
  });

  it.skipIf(!hasTshark)("tshark reads the same (skipped without tshark)", () => {
    expect(tsharkSegments(frames, 1)).toEqual(new Map(frames.map((_, index) => [index + 1, LINE])));
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

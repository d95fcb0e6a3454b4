/** Link types beyond Ethernet, loopback and raw, each built from its specification and read by tshark as well. */
import { describe, expect, it } from "vitest";
import { linkTypeName } from "../../src/capture/link-types.ts";
import { LAYERS } from "../../src/wire/layers.ts";
import { ciscoHdlc, cooked, nflog, pktap, wireless } from "../build/link-headers.ts";
import { concat, u16 } from "../build/octets.ts";
import { decodeOne, frame } from "./decoded.ts";
import { V4, V6 } from "./encapsulated.ts";
import { ARPHRD, ethernet, LINK, LINKED, plainRadiotap } from "./linked.ts";
import { DATA, DATA_DECODED, DATA_V6_DECODED } from "./segments.ts";
import { hasTshark, tsharkSegments } from "./tshark.ts";

describe("reads", () => {
  it.each(LINKED)("%s %s", (link, _what, build) => {
    const linkType = LINK[link];
    expect(decodeOne(frame(build(V4), { linkType }))).toEqual(DATA_DECODED);
    expect(decodeOne(frame(build(V6), { linkType }))).toEqual(DATA_V6_DECODED);
  });
});

const JUDGED = [...new Set(LINKED.filter(([, , , judge]) => judge !== "alone").map(([link]) => link))];

describe.skipIf(!hasTshark)("tshark reads the same (skipped without tshark)", () => {
  it.each(JUDGED)("%s", (link) => {
    const judged = LINKED.filter(([of, , , judge]) => of === link && judge !== "alone");
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

import { describe, expect, it } from "vitest";
import { FrameDecoder } from "../../src/wire/frame-decoder.ts";
import { FROM_B, SegmentBatch } from "../../src/wire/segment-batch.ts";
import { frameOf, jumboHeader, type TestSegment } from "../build/frames.ts";
import { decodeOne, frame, SEED } from "./decoded.ts";
import { CLIENT, CLIENT_V6, DATA, DATA_DECODED, DATA_V6, DATA_V6_DECODED, SERVER, SERVER_V6, SYN } from "./segments.ts";

const decode = (segment: TestSegment) => decodeOne(frame(frameOf(segment)));

describe("flags", () => {
  it.each([
    ["S", "S", "a SYN"],
    ["S.", "S.", "a SYN-ACK"],
    ["SEW", "SEW", "a SYN that asks for ECN"],
    ["F", "F", "a FIN without ACK is a FIN"],
    ["SF", "S", "SYN+FIN: the FIN is ignored"],
    ["FR.", "R.", "FIN+RST is a RST"],
    [".e", ".", "the ninth flag is not kept"],
    ["", "", "none"],
  ])("%s reads as %s: %s", (sent, read) => {
    expect(decode({ ...DATA, flags: sent })).toMatchObject({ flags: read });
  });
});

describe("options", () => {
  it("of a SYN", () => {
    const options = { mss: 1460, scale: 7, sackPermitted: true, timestamps: [1, 0] };
    expect(decode(SYN)).toMatchObject({ flags: "S", length: 0, ...options });
  });

  it("that mean nothing outside the handshake are ignored there", () => {
    expect(decode({ ...SYN, flags: "." })).not.toHaveProperty("scale");
    expect(decode({ ...SYN, flags: "." })).not.toHaveProperty("mss");
    expect(decode({ ...SYN, flags: "." })).not.toHaveProperty("sackPermitted");
  });

  it("scale no window by more than 14 bits", () => {
    expect(decode({ ...SYN, options: { windowScale: 200 } })).toMatchObject({ scale: 14 });
  });

  const ACKED = 5000;
  it.each<[string, boolean, [number, number][]]>([
    ["no block", false, []],
    ["above the acknowledgment", false, [[6000, 7000]]],
    [
      "several above it",
      false,
      [
        [8000, 9000],
        [6000, 7000],
      ],
    ],
    [
      "below it: DSACK",
      true,
      [
        [3000, 4000],
        [6000, 7000],
      ],
    ],
    ["across it: DSACK", true, [[4000, 6000]]],
    [
      "within the second: DSACK",
      true,
      [
        [6500, 6600],
        [6000, 7000],
      ],
    ],
    [
      "equal to the second: DSACK",
      true,
      [
        [6000, 7000],
        [6000, 7000],
      ],
    ],
    [
      "overlapping the second",
      false,
      [
        [6500, 7500],
        [6000, 7000],
      ],
    ],
  ])("first SACK block: %s", (_name, dsack, sack) => {
    const segment = decode({ ...DATA, ack: ACKED, options: { timestamps: { value: 5, echo: 6 }, sack } });
    expect(segment).toMatchObject({ timestamps: [5, 6] });
    expect(typeof segment === "object" && "dsack" in segment).toBe(dsack);
  });

  const TCP_OPTIONS = 14 + 20 + 20;
  const withOptions = (...octets: number[]) => {
    const bare = frameOf({ ...DATA, flags: "S", options: { mss: 1, timestamps: { value: 1, echo: 1 } } });
    bare.set([...octets, ...Array(16 - octets.length).fill(1)], TCP_OPTIONS);
    return decodeOne(frame(bare));
  };
  const { timestamps: _, ...WITHOUT_TIMESTAMPS } = DATA_DECODED;
  it.each([
    ["a length of 0", [2, 0, 5, 0xb4]],
    ["a length of 1", [2, 1, 5, 0xb4]],
    ["a length behind the header", [2, 17, 5, 0xb4]],
    ["a kind in the last octet", [...Array(15).fill(1), 8]],
    ["a wrong length for its kind", [3, 4, 7, 7]],
    ["an unknown kind", [254, 4, 0, 0]],
    ["the end, and noise behind it", [0, 2, 4, 5, 0xb4]],
    ["SACK without a whole block", [5, 6, 0, 0, 0, 0]],
  ])("hostile: %s", (_name, octets) => {
    expect(withOptions(...octets)).toEqual({ ...WITHOUT_TIMESTAMPS, flags: "S" });
  });
});

describe("payload length", () => {
  it("of data on a SYN (TCP Fast Open) stays", () => {
    expect(decode({ ...SYN, length: 300 })).toMatchObject({ flags: "S", length: 300 });
  });

  it("is not shortened by the capture", () => {
    const whole = frameOf({ ...DATA, length: 1400 });
    expect(decodeOne(frame(whole.subarray(0, 66), { originalLength: whole.length }))).toMatchObject({ length: 1400 });
  });

  it("comes from the IP header even if the file's original length is shorter", () => {
    const whole = frameOf({ ...DATA, length: 1400 });
    expect(decodeOne(frame(whole.subarray(0, 66)))).toMatchObject({ length: 1400 });
  });

  it.each<[string, Uint8Array]>([
    ["IPv4, total length 0", frameOf({ ...DATA, length: 3000 }, { ipv4: { totalLength: 0 } })],
    ["IPv6, payload length 0", frameOf({ ...DATA_V6, length: 3000 }, { ipv6: { payloadLength: 0 } })],
    ["in a VLAN", frameOf({ ...DATA, length: 3000 }, { ipv4: { totalLength: 0 }, vlan: [1] })],
  ])("of an offloaded segment is that of the frame: %s", (_name, octets) => {
    const captured = octets.subarray(0, 128);
    expect(decodeOne(frame(captured, { originalLength: octets.length }))).toMatchObject({ length: 3000 });
  });

  it("beyond 64 KiB (BIG TCP)", () => {
    const large = frameOf({ ...DATA, length: 180_000 });
    expect(decodeOne(frame(large))).toMatchObject({ length: 180_000 });
    const jumbo = frameOf({ ...DATA_V6, length: 180_000 }, { ipv6: { extensions: [jumboHeader(180_040)] } });
    expect(decodeOne(frame(jumbo))).toMatchObject({ length: 180_000 });
  });

  it("does not overflow on a hostile original length", () => {
    const offloaded = frameOf(DATA, { ipv4: { totalLength: 0 } });
    const segment = decodeOne(frame(offloaded, { originalLength: 0xffff_ffff }));
    expect(segment).toMatchObject({ length: 2 ** 24 - 66 });
  });
});

describe("a capture length of", () => {
  const v4 = frameOf(DATA);
  const v6 = frameOf(DATA_V6);
  const { timestamps: _, ...bareV4 } = DATA_DECODED;
  const { timestamps: __, ...bareV6 } = DATA_V6_DECODED;
  it.each<[number, string, Uint8Array, unknown]>([
    [33, "IPv4", v4, "frame-cut-short"],
    [34, "IPv4", v4, "flags-unseen"],
    [49, "IPv4", v4, "flags-unseen"],
    [50, "IPv4", v4, bareV4],
    [54, "IPv4", v4, bareV4],
    [64, "IPv4", v4, bareV4],
    [66, "IPv4", v4, DATA_DECODED],
    [53, "IPv6", v6, "frame-cut-short"],
    [54, "IPv6", v6, "flags-unseen"],
    [64, "IPv6", v6, "flags-unseen"],
    [74, "IPv6", v6, bareV6],
    [86, "IPv6", v6, DATA_V6_DECODED],
  ])("%i on %s", (snaplen, _name, octets, expected) => {
    const captured = octets.subarray(0, snaplen);
    expect(decodeOne(frame(captured, { originalLength: octets.length }))).toEqual(expected);
  });
});

describe("the key", () => {
  const row = (segment: TestSegment) => {
    const batch = new SegmentBatch();
    new FrameDecoder({ seed: SEED }).decodeOne(frame(frameOf(segment)), 1, 0, batch);
    const { addressA, addressB, ports, hash, words, traits } = batch;
    const key = [addressA[0], addressB[0], ports[0], hash[0], ...words.subarray(0, 8)];
    return { key, fromB: ((traits[0] ?? 0) & FROM_B) !== 0 };
  };
  it.each([
    ["IPv4", CLIENT, SERVER],
    ["an address above 127.255.255.255", { ip: "10.0.0.1", port: 9 }, { ip: "192.168.0.1", port: 1 }],
    ["one host, two ports", { ip: "127.0.0.1", port: 80 }, { ip: "127.0.0.1", port: 50000 }],
    ["IPv6", CLIENT_V6, SERVER_V6],
    ["IPv6, unsigned first word", { ip: "2001:db8::1", port: 9 }, { ip: "fe80::1", port: 1 }],
    ["one IPv6 host, two ports", { ip: "::1", port: 80 }, { ip: "::1", port: 50000 }],
  ])("is the same in both directions: %s", (_name, lower, higher) => {
    const forth = row({ ...DATA, from: lower, to: higher });
    const back = row({ ...DATA, from: higher, to: lower });
    expect(back.key).toEqual(forth.key);
    expect([forth.fromB, back.fromB]).toEqual([false, true]);
  });

  it.each([CLIENT, CLIENT_V6])("of a self-connection is from A", (end) => {
    expect(row({ ...DATA, from: end, to: end }).fromB).toBe(false);
  });
});

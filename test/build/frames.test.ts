/** What is built here must be right by somebody else's reading: tshark's, where it is installed. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type CaptureFrame, gzip, pcapFile, pcapngFile } from "./captures.ts";
import { conversation } from "./conversation.ts";
import {
  extensionHeader,
  type FrameOptions,
  fragmentsOf,
  frameOf,
  jumboHeader,
  LINK_TYPES,
  type Link,
} from "./frames.ts";

const ISN = { c: 1000, s: 0xffffff00 };
const EXCHANGE = `
  0.000001  c > s  [S]    <mss 1460,sackOK,TS val 100 ecr 0,wscale 7>
  0.001     s > c  [S.]   <mss 1460>
  0.002     c > s  [P.E]  length 101  id 9  ttl 3  win 77  <TS val 101 ecr 900>
  0.003     s > c  [.]    <sack 2 {110:120}{130:140}>
  1.000     s > c  [F.]   length 300
`;
const READING = [
  [0, 0, 0, 0x002],
  [0, 1, 0, 0x012],
  [1, 1, 101, 0x058],
  [1, 102, 0, 0x010],
  [1, 102, 300, 0x011],
];
const LINKS = Object.keys(LINK_TYPES) as Link[];

describe.skipIf(spawnSync("tshark", ["--version"]).status !== 0)("tshark reads", () => {
  it.each([4, 6] as const)("every link type, IPv%i", (ipVersion) => {
    const { segments } = conversation(EXCHANGE, { isn: ISN, ipVersion });
    const frames = LINKS.flatMap((link, index) =>
      segments.map((segment) => ({ at: segment.at, octets: frameOf(segment, { link }), interface: index })),
    );
    const file = pcapngFile(frames, { interfaces: LINKS.map((linkType) => ({ linkType })) });
    // One connection seen over and over: tshark's relative numbers stay those of the first SYN.
    expect(reading(file)).toEqual(LINKS.flatMap(() => READING));
  });

  it.each<[string, FrameOptions, 4 | 6]>([
    ["a stack of VLANs", { vlan: [10, 20] }, 4],
    ["a VLAN behind a cooked header", { link: "LINUX_SLL", vlan: [10] }, 6],
    ["IPv4 options", { ipv4: { options: Uint8Array.of(1, 1, 1) } }, 4],
    [
      "IPv6 extension headers",
      { ipv6: { extensions: [extensionHeader("HOP_BY_HOP"), extensionHeader("DESTINATION")] } },
      6,
    ],
    ["VXLAN", { vxlan: { vni: 42 } }, 4],
    ["VXLAN over IPv6", { vxlan: { vni: 42, from: "2001:db8::a", to: "2001:db8::b" } }, 6],
    ["foreign frames in between", { link: "LINUX_SLL2" }, 4],
  ])("%s", (_name, options, ipVersion) => {
    const noise = { every: 2 };
    expect(reading(conversation(EXCHANGE, { isn: ISN, ipVersion, noise }).pcap(options), "tcp.port==8080")).toEqual(
      READING,
    );
  });

  it.each([4, 6] as const)("fragments and offloaded lengths of IPv%i", (ipVersion) => {
    const text = `
      0  c > s  [P.]  seq 1:101     ack 1  id 7
      1  c > s  [P.]  seq 101:90101
    `;
    const [small, large] = conversation(text, { ipVersion }).segments;
    if (!small || !large) throw new Error("two segments expected");
    const jumbo = { ipv6: { extensions: [jumboHeader(90_028)] } };
    const frames = [...fragmentsOf(small, 48), frameOf(large, jumbo)].map((octets) => ({ at: small.at, octets }));
    expect(reading(pcapFile(frames))).toEqual([
      [1, 1, 100, 0x018],
      [101, 1, 90_000, 0x018],
    ]);
  });

  it("and objects to a wrong checksum", () => {
    const wrong = conversation(EXCHANGE).pcap({ tcpChecksum: 1 });
    expect(() => reading(wrong)).toThrow("checksum status 1,0,, 1 is good");
  });

  const frames = conversation(EXCHANGE, { isn: ISN }).frames();
  it.each<[string, Uint8Array]>([
    ["pcap", pcapFile(frames)],
    ["big-endian pcap with nanoseconds", pcapFile(frames, { endian: "big", resolution: "ns" })],
    ["modified pcap", pcapFile(frames, { modified: true })],
    ["gzip", gzip(pcapFile(frames))],
    ["big-endian pcapng with an offset", pcapngFile(frames, { endian: "big", tsresol: 9, tsoffset: -1000n })],
    ["sections of both byte orders", pcapngFile(frames, { sections: ["big", "little"], tsresol: 0x80 | 30 })],
    ["blocks of all sorts", pcapngFile(frames, sundries(frames))],
  ])("%s", (_name, file) => {
    expect(reading(file)).toEqual(READING);
    const [first, last] = [frames.at(0), frames.at(-1)];
    expect(times(file)).toEqual([seconds(first), seconds(last)]);
  });
});

function sundries(frames: readonly CaptureFrame[]) {
  const names = [{ ip: "10.0.0.1", names: ["client.example", "alias"] }];
  return { nameResolution: names, unknownBlocks: true, dropped: 5, endTime: frames.at(-1)?.at ?? 0n, name: "eth0" };
}

const NUMBERS = ["tcp.seq", "tcp.ack", "tcp.len", "tcp.flags"];
const CHECKSUMS = ["ip.checksum.status", "tcp.checksum.status", "udp.checksum.status"];

/** Relative seq and ack, payload length and flags of all TCP segments, provided that tshark finds every checksum correct. */
function reading(file: Uint8Array, filter = "tcp"): number[][] {
  return tshark(file, filter, [...NUMBERS, ...CHECKSUMS]).map((fields) => {
    const statuses = fields.slice(NUMBERS.length).join();
    if (/[^1,]/.test(statuses)) throw new Error(`checksum status ${statuses}, 1 is good`);
    return fields.slice(0, NUMBERS.length).map(Number);
  });
}

/** Of the first and the last frame, to the microsecond. */
function times(file: Uint8Array): number[] {
  const all = tshark(file, "frame", ["frame.time_epoch"]).map(([time]) => Math.round(Number(time) * 1e6) / 1e6);
  return [all.at(0) ?? Number.NaN, all.at(-1) ?? Number.NaN];
}

function seconds(frame: CaptureFrame | undefined): number {
  return Number((frame?.at ?? 0n) / 1000n) / 1e6;
}

function tshark(file: Uint8Array, filter: string, fields: readonly string[]): string[][] {
  const folder = mkdtempSync(join(tmpdir(), "closewait-frames-"));
  try {
    const path = join(folder, "capture");
    writeFileSync(path, file);
    const checks = ["ip", "tcp", "udp"].flatMap((protocol) => ["-o", `${protocol}.check_checksum:TRUE`]);
    const columns = fields.flatMap((field) => ["-e", field]);
    const args = ["-n", "-r", path, ...checks, "-Y", filter, "-T", "fields", ...columns];
    const output = execFileSync("tshark", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return output.split("\n").flatMap((line) => (line === "" ? [] : [line.split("\t")]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

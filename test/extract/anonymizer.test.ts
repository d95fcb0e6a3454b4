/** An anonymized capture has other addresses, no payload, right checksums, and the same verdicts. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import type { Flow } from "../../src/analysis/model.ts";
import { CryptoPan } from "../../src/extract/crypto-pan.ts";
import { analyzeCaptures } from "../../src/questions.ts";
import { pcapFile, pcapngFile } from "../build/captures.ts";
import { conversation } from "../build/conversation.ts";
import { extensionHeader, type FrameOptions, fragmentsOf, frameOf, type TestSegment } from "../build/frames.ts";
import { internetChecksum } from "../build/octets.ts";
import { temporaryFolder } from "../capture/temporary-folder.ts";
import { hasTshark } from "../captures/facts-by-tshark.ts";
import { pathOf, RECORDING_NAMES } from "../laws/recordings.ts";
import { extracted, recordsOf, told } from "./extracted.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, index) => index * 7 + 1);
const pan = new CryptoPan(KEY);

const SECRET = "secret";
const segment = (changes: Partial<TestSegment> = {}): TestSegment => ({
  at: 1_700_000_000_000_000_000n,
  from: { ip: "10.0.0.1", port: 40000 },
  to: { ip: "10.0.0.2", port: 8080 },
  flags: "P.",
  seq: 1,
  ack: 1,
  length: 50,
  ipId: 9,
  ...changes,
});
const V6 = { from: { ip: "2001:db8::1", port: 40000 }, to: { ip: "2001:db8::2", port: 8080 } };

async function anonymized(
  octets: Uint8Array,
  linkType = 1,
): Promise<{ octets: Uint8Array; linkType: number; originalLength: number }> {
  const file = pcapFile([{ at: 0n, octets }], { linkType });
  const result = await extracted([file], { flows: "every", anonymizeKey: KEY });
  const [record] = await recordsOf([result.file]);
  if (record === undefined) throw new Error("nothing is left");
  return { ...record, octets: Uint8Array.from(Buffer.from(record.octets, "hex")) };
}

const anonymousText = (ip: string): string => pan.text(ip);

describe("a frame", () => {
  it("keeps its headers, with other addresses and right checksums", async () => {
    const original = frameOf(segment({ options: { timestamps: { value: 1, echo: 2 } }, length: 0 }));
    const { octets } = await anonymized(original);
    expect(octets.length).toBe(original.length);
    expect(ipaddr.fromByteArray([...octets.subarray(26, 30)]).toString()).toBe(anonymousText("10.0.0.1"));
    expect(ipaddr.fromByteArray([...octets.subarray(30, 34)]).toString()).toBe(anonymousText("10.0.0.2"));
    expect(internetChecksum(octets.subarray(14, 34))).toBe(0);
    const tcp = octets.subarray(34);
    expect(internetChecksum(Uint8Array.of(...octets.subarray(26, 34), 0, 6, 0, tcp.length, ...tcp))).toBe(0);
    expect([...octets.subarray(0, 12)]).not.toEqual([...original.subarray(0, 12)]);
    expect((octets[0] as number) & 3).toBe(2);
    expect([...octets.subarray(34, 50)]).toEqual([...original.subarray(34, 50)]);
  });

  it("loses its payload and what pads it, and keeps its length on the wire", async () => {
    const original = frameOf(segment());
    const { octets, originalLength } = await anonymized(Uint8Array.of(...original, 1, 2, 3));
    expect([octets.length, originalLength]).toEqual([54, original.length + 3]);
  });

  const wrappings: readonly (readonly [string, Partial<TestSegment>, FrameOptions])[] = [
    ["IPv6", V6, {}],
    [
      "IPv6 extension headers",
      V6,
      {
        ipv6: {
          extensions: [
            extensionHeader("HOP_BY_HOP"),
            extensionHeader("ROUTING", Uint8Array.of(0, 0, 0, 0, 0, 0, ...ipaddr.parse("2001:db8::77").toByteArray())),
          ],
        },
      },
    ],
    ["options of IPv4", {}, { ipv4: { options: Uint8Array.of(7, 7, 8, 10, 0, 0, 77, 0) } }],
    ["VXLAN", {}, { vxlan: { vni: 7, from: "172.16.0.1", to: "172.16.0.2" } }],
    ["tags", {}, { vlan: [5, 6] }],
    ["LINUX_SLL", {}, { link: "LINUX_SLL" }],
    ["LINUX_SLL2", {}, { link: "LINUX_SLL2" }],
    ["NULL", {}, { link: "NULL" }],
    ["RAW", {}, { link: "RAW" }],
  ];

  it.each(wrappings)("in or with %s shows no original address anywhere", async (_, changes, options) => {
    const made = segment(changes);
    const linkTypes: Readonly<Record<string, number>> = { LINUX_SLL: 113, LINUX_SLL2: 276, NULL: 0, RAW: 101 };
    const linkType = linkTypes[options.link ?? ""] ?? 1;
    const original = frameOf(made, options);
    const { octets, linkType: kept } = await anonymized(original, linkType);
    expect(kept).toBe(linkType);
    const hidden = [made.from.ip, made.to.ip, "172.16.0.1", "172.16.0.2", "2001:db8::77", "10.0.0.77"];
    for (const ip of hidden) {
      expect(Buffer.from(octets).includes(Buffer.from(ipaddr.parse(ip).toByteArray()))).toBe(false);
    }
    const flows = (await analyzeCaptures([pcapFile([{ at: 0n, octets }], { linkType })], { flows: "every" })).flows;
    const ips = flows.map(({ client, server }) => [client.ip, server.ip].sort());
    expect(ips).toEqual([[anonymousText(made.from.ip), anonymousText(made.to.ip)].sort()]);
  });

  it("whose link header is not known loses it", async () => {
    const datagram = frameOf(segment(), { link: "RAW" });
    const ppp = Uint8Array.of(0xff, 0x03, 0x00, 0x21, ...datagram);
    const { octets, linkType, originalLength } = await anonymized(ppp, 9);
    expect([linkType, octets.length, originalLength]).toEqual([101, 40, datagram.length]);
  });

  it("blanks TCP options that are not about how the connection works", async () => {
    const made = frameOf(
      segment({ flags: "S", length: 0, options: { mss: 1460, sackPermitted: true, windowScale: 7 } }),
    );
    const before = made.slice();
    // The window scale option becomes a multipath one of the same length, with its checksum: kind 30.
    before[before.indexOf(3, 58)] = 30;
    const { octets } = await anonymized(before);
    expect([...octets.subarray(54)]).toEqual([2, 4, 5, 180, 4, 2, 1, 1, 1, 1, 0, 0].slice(0, octets.length - 54));
  });

  it("that is a later fragment keeps its IP header only", async () => {
    const fragments = fragmentsOf(segment({ length: 100 }), 40);
    const file = pcapFile(fragments.map((octets) => ({ at: 0n, octets })));
    const result = await extracted([file], { flows: "every", anonymizeKey: KEY });
    const lengths = (await recordsOf([result.file])).map(({ octets }) => octets.length / 2);
    expect(lengths).toEqual([54, 34, 34]);
  });
});

describe("a capture", () => {
  it.each(RECORDING_NAMES)("%s gives the same verdicts", async (name) => {
    const source = await analyzeCaptures([pathOf(name)], { flows: "every" });
    const { file, leftOut } = await extracted([pathOf(name)], { flows: "every", anonymizeKey: KEY });
    expect(leftOut).toBe(0);
    const result = await analyzeCaptures([file], { flows: "every" });
    const renamed = source.flows.map((flow): Flow => {
      const [client, server] = [flow.client, flow.server].map((end) => ({ ...end, ip: anonymousText(end.ip) }));
      return { ...flow, client, server } as Flow;
    });
    const anonymous = (flows: readonly Flow[]) => told(flows.map((flow) => ({ ...flow, id: "", sameAs: null })));
    expect(anonymous(result.flows)).toEqual(anonymous(renamed));
  });

  it("keeps no names, comments or file names", async () => {
    const frames = conversation("0 c > s [S]\n1 s > c [S.]").frames();
    const named = pcapngFile(
      frames.map((frame) => ({ ...frame, comment: SECRET })),
      { nameResolution: [{ ip: "10.0.0.1", names: [SECRET] }], name: SECRET },
    );
    const { file } = await extracted([named], { flows: "every", anonymizeKey: KEY, annotate: true });
    expect(Buffer.from(file).includes(SECRET)).toBe(false);
    expect(Buffer.from(file).includes("(memory)")).toBe(false);
  });

  it("has comments with its own addresses", async () => {
    const { file } = await extracted([pathOf("server-never-closes.pcap")], { annotate: true, anonymizeKey: KEY });
    const text = Buffer.from(file).toString("latin1");
    expect(text).toContain(`never answered by ${anonymousText("10.0.0.192")}:8641`);
    expect(text).not.toContain("10.0.0.192");
  });

  it.skipIf(!hasTshark).each(["server-never-closes.pcap", "ipv6-server-never-closes.pcap", "mixed-traffic.pcapng"])(
    `%s has no checksum that tshark finds bad${hasTshark ? "" : " (skipped: it is not installed)"}`,
    async (name) => {
      const path = join(await temporaryFolder(), "x.pcapng");
      writeFileSync(path, (await extracted([pathOf(name)], { flows: "every", anonymizeKey: KEY })).file);
      expect(checksums(path, "tcp", "ip.checksum.status").filter((status) => status === BAD)).toEqual([]);
      // Captured before the network card filled them in, some of TCP were wrong from the start.
      const ofTcp = (file: string) => checksums(file, "tcp.flags && tcp.len == 0", "tcp.checksum.status");
      expect(ofTcp(path)).toEqual(ofTcp(pathOf(name)));
    },
  );
});

const BAD = "0";

function checksums(path: string, filter: string, field: string): string[] {
  const checked = ["-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE"];
  const args = ["-n", "-r", path, ...checked, "-Y", filter, "-T", "fields", "-e", field];
  return execFileSync("tshark", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
    .trimEnd()
    .split("\n");
}

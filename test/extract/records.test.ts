/** Which records an extract has, and that they are what they were. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ByteInput } from "../../src/capture/byte-source.ts";
import { analyzeCaptures } from "../../src/questions.ts";
import { FrameDecoder } from "../../src/wire/frame-decoder.ts";
import { SegmentBatch } from "../../src/wire/segment-batch.ts";
import { type CaptureFrame, gzip, pcapFile, pcapngFile } from "../build/captures.ts";
import { type Conversation, conversation } from "../build/conversation.ts";
import { fragmentsOf, type TestSegment } from "../build/frames.ts";
import { withEachFrameTwice } from "../build/transformations.ts";
import { temporaryFolder } from "../capture/temporary-folder.ts";
import { runs } from "../laws/analyzing.ts";
import { randomConversation } from "../laws/random-conversation.ts";
import { pathOf, RECORDING_NAMES } from "../laws/recordings.ts";
import { extracted, recordsOf, type WholeRecord } from "./extracted.ts";

/** Client c is left half-closed by server s; client d closes in order; both at once. */
const LEAK = `
  0.000  c > s  [S]
  0.001  s > c  [S.]
  0.002  c > s  [.]
  0.100  d > s  [S]
  0.101  s > d  [S.]
  0.102  d > s  [.]
  1.000  c > s  [P.]  length 100
  1.001  s > c  [.]
  2.000  c > s  [F.]
  2.040  s > c  [.]
  3.000  d > s  [F.]
  3.001  s > d  [F.]
  3.002  d > s  [.]
  60     --  other traffic
`;
const LEAKED = [0, 1, 2, 6, 7, 8, 9];

const PARTIES = { 4: { d: "10.0.0.3:41000" }, 6: { d: "[2001:db8::3]:41000" } } as const;
const leak = (ipVersion: 4 | 6 = 4) => conversation(LEAK, { ipVersion, parties: PARTIES[ipVersion] });
const isSegment = (octets: string, linkType: number): boolean => {
  const view = new DataView(Uint8Array.from(Buffer.from(octets, "hex")).buffer);
  const { byteLength } = view;
  const frame = { view, offset: 0, capturedLength: byteLength, originalLength: byteLength, linkType, time: 0 };
  return new FrameDecoder({ seed: 1 }).decodeOne(frame, 0, 0, new SegmentBatch());
};

describe("everything that is TCP", () => {
  it.each(RECORDING_NAMES)("of %s is kept octet by octet", async (name) => {
    const source = await recordsOf([pathOf(name)]);
    const { file } = await extracted([pathOf(name)], { flows: "every" });
    expect(await recordsOf([file])).toEqual(source.filter(({ octets, linkType }) => isSegment(octets, linkType)));
  });

  it("of any conversations, copies and noise included", async () => {
    const shape = fc.record({ one: randomConversation(), twice: fc.boolean(), every: fc.integer({ min: 1, max: 3 }) });
    await fc.assert(
      fc.asyncProperty(shape, async ({ one: { conversation: any }, twice, every }) => {
        const frames = twice ? withEachFrameTwice(any.frames(), 1_000_000n) : any.frames({ noise: { every } });
        const file = pcapFile(frames, { resolution: "ns" });
        const source = await recordsOf([file]);
        const result = await extracted([file], { flows: "every", format: "pcap" });
        expect(await recordsOf([result.file])).toEqual(source.filter(({ octets }) => isSegment(octets, 1)));
      }),
      runs(60),
    );
  });
});

describe("only the selected flows", () => {
  const picked = async (settings: Parameters<typeof extracted>[1]) => {
    const frames = leak().frames();
    const { file } = await extracted([pcapFile(frames)], settings);
    const octets = (await recordsOf([file])).map((record) => record.octets);
    return frames.flatMap((frame, index) => (octets.includes(Buffer.from(frame.octets).toString("hex")) ? index : []));
  };
  const nothing = { hosts: [], nets: [], ports: [], holders: [] };
  const { c, d, s } = Object.fromEntries(leak().parties) as Record<"c" | "d" | "s", { ip: string; port: number }>;

  it.each([
    ["by default those that are half-closed", {}, LEAKED],
    ["by host", { flows: "every", selection: { ...nothing, hosts: [d.ip] } }, [3, 4, 5, 10, 11, 12]],
    [
      "by holder",
      { flows: "every", selection: { ...nothing, holders: [s] } },
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    ],
    ["by port", { flows: "every", selection: { ...nothing, ports: [c.port] } }, LEAKED],
    ["by the beginning of an id", { ids: [`${d.ip}:${d.port}-`] }, [3, 4, 5, 10, 11, 12]],
    ["by two ids", { ids: [`${d.ip}:`, `${c.ip}:${c.port}-`] }, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]],
    [
      "of a period",
      { to: { kind: "relative", nanos: 1_500_000_000n }, flows: "every", selection: { ...nothing, hosts: [c.ip] } },
      [0, 1, 2, 6, 7],
    ],
    ["and none of none", { selection: { ...nothing, hosts: ["192.0.2.99"] } }, []],
  ] as const)("%s", async (_, settings, expected) => {
    expect(await picked(settings)).toEqual(expected);
  });

  it("says so when an id names none", async () => {
    await expect(extracted([leak().pcap()], { ids: ["10.9.9.9:1-"] })).rejects.toThrow(
      '--flow: no selected flow is called 10.9.9.9:1-: "closewait flows -f ndjson" prints all ids',
    );
  });
});

describe("an incarnation", () => {
  const reused = conversation(`
    0.000  c > s  [S]
    0.001  s > c  [S.]
    0.002  c > s  [.]
    1.000  c > s  [F.]
    1.001  s > c  [F.]
    1.002  c > s  [.]
    1.003  s > c  [.]       # a stray segment of the first one
    --- isn c 900000 s 700000
    90     c > s  [S]
    +0.001 s > c  [S.]
    +0.001 c > s  [.]
    +1     c > s  [F.]
    +0.040 s > c  [.]
    150    --  other traffic
  `);
  const frames = reused.frames();
  const kept = async (ids: readonly string[]) => {
    const { file, flows } = await extracted([pcapFile(frames)], { ids, flows: "half-closed" });
    return [flows, (await recordsOf([file])).length];
  };

  it("has its own records, and what came before the next one", async () => {
    const { c, s } = Object.fromEntries(reused.parties) as Record<"c" | "s", { ip: string; port: number }>;
    const name = `${c.ip}:${c.port}-${s.ip}:${s.port}@`;
    expect(await kept([])).toEqual([1, 5]);
    expect(await kept([`${name}${frames[0]?.at.toString().slice(0, -9)}.`])).toEqual([1, 7]);
    expect(await kept([name])).toEqual([2, 12]);
  });

  it("is kept with the one it met, since neither can be told alone", async () => {
    const challenged = conversation(`
      0.000  c > s  [S]
      0.001  s > c  [S.]
      0.002  c > s  [.]
      1.000  c > s  [F.]
      1.040  s > c  [.]
      --- isn c 900000 s 700000
      90     c > s  [S]
      90.001 s > c  [.]  seq =5001 ack =1002
      200    --  other traffic
    `);
    const { file, flows } = await extracted([challenged.pcap()]);
    expect([flows, (await recordsOf([file])).length]).toEqual([1, 7]);
  });
});

describe("copies and fragments", () => {
  it("copies of a segment belong to its flow", async () => {
    const { file } = await extracted([pcapFile(withEachFrameTwice(leak().frames(), 500_000n))]);
    expect(await recordsOf([file])).toHaveLength(2 * LEAKED.length);
  });

  it("all fragments of its datagrams do, in any order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), fc.boolean(), async (order, v6) => {
        const conversed = leak(v6 ? 6 : 4);
        const whole = conversed.frames();
        const segment = { ...(conversed.segments[6] as TestSegment), ipId: 77 };
        const parts = fragmentsOf(segment, 32);
        const shuffled = order.map((index) => ({ at: segment.at, octets: parts[index] as Uint8Array }));
        const foreign = { ...segment, from: { ...segment.from, ip: v6 ? "2001:db8::99" : "10.0.0.99" } };
        const [stray] = fragmentsOf(foreign, 32) as [Uint8Array];
        const frames: CaptureFrame[] = whole.flatMap((frame, index) =>
          index === 6 ? [...shuffled, { at: segment.at, octets: stray }] : frame,
        );
        const { file } = await extracted([pcapFile(frames)]);
        const expected = LEAKED.flatMap((index) => (index === 6 ? shuffled : (whole[index] as CaptureFrame)));
        expect((await recordsOf([file])).map(({ octets }) => octets)).toEqual(
          expected.map(({ octets }) => Buffer.from(octets).toString("hex")),
        );
      }),
      runs(24),
    );
  });
});

describe("whatever the source is", () => {
  const frames = leak().frames();
  const wanted = LEAKED.map((index) => frames[index] as CaptureFrame);
  const times = (records: readonly WholeRecord[]) => records.map(({ nanos }) => nanos);
  const shifted = frames.map((frame) => ({ ...frame, at: frame.at + 7n }));

  it.each<[string, readonly ByteInput[]]>([
    ["pcap of microseconds", [pcapFile(frames)]],
    ["big-endian pcap", [pcapFile(frames, { endian: "big" })]],
    ["the modified pcap format", [pcapFile(frames, { modified: true })]],
    ["gzip", [gzip(pcapFile(frames))]],
    ["pcapng", [pcapngFile(frames)]],
    ["a stream", [Readable.from([pcapFile(frames)])]],
    ["two streams", [Readable.from([pcapFile(frames.slice(0, 8))]), Readable.from([pcapFile(frames.slice(8))])]],
    ["rotated files", [pcapFile(frames.slice(5)), pcapFile(frames.slice(0, 5))]],
    [
      "merged files",
      [pcapFile(frames.filter((_, n) => n % 2 === 0)), gzip(pcapFile(frames.filter((_, n) => n % 2 === 1)))],
    ],
  ])("%s", async (_, inputs) => {
    const records = await recordsOf([(await extracted(inputs)).file]);
    expect(times(records)).toEqual(wanted.map(({ at }) => at));
    expect(records.map(({ octets }) => octets)).toEqual(
      wanted.map(({ octets }) => Buffer.from(octets).toString("hex")),
    );
  });

  it.each(["pcap", "pcapng"] as const)("nanoseconds stay, microseconds do, in %s", async (format) => {
    const nanos = await extracted([pcapFile(shifted, { resolution: "ns" })], { format });
    expect(times(await recordsOf([nanos.file]))).toEqual(wanted.map(({ at }) => at + 7n));
    const micros = await extracted([pcapFile(frames)], { format });
    const [resolution] = format === "pcap" ? [micros.file[0]] : [resolutionOf(micros.file)];
    expect(resolution).toBe(format === "pcap" ? 0xd4 : 6);
  });

  it("microseconds stay exact over years", async () => {
    const years = 3n * 365n * 86_400n * 1_000_000_000n;
    const late = frames.map((frame, index) => (index < 8 ? frame : { ...frame, at: frame.at + years + 1_000n }));
    const { file } = await extracted([pcapFile(late)], { format: "pcap" });
    const expected = LEAKED.map((index) => (late[index] as CaptureFrame).at);
    expect(pcapTimes(file)).toEqual(expected);
  });

  it("a time that pcap cannot hold is counted, and the nearest it can", async () => {
    const future = frames.map((frame) => ({ ...frame, at: frame.at + 100n * 365n * 86_400n * 1_000_000_000n }));
    const pcap = await extracted([pcapngFile(future)], { format: "pcap" });
    expect([pcap.unfitTimes, pcapTimes(pcap.file)[0]]).toEqual([
      LEAKED.length,
      (2n ** 32n - 1n) * 10n ** 9n + 999_999_000n,
    ]);
    const pcapng = await extracted([pcapngFile(future)]);
    expect([pcapng.unfitTimes, times(await recordsOf([pcapng.file]))[0]]).toEqual([0, future[0]?.at]);
  });

  it("link types stay, each on an interface of its own; a pcap file has one", async () => {
    const cooked = leak().frames({ link: "LINUX_SLL2" });
    const both = [pcapFile(frames.slice(0, 8)), pcapFile(cooked.slice(8), { linkType: "LINUX_SLL2" })];
    const { file } = await extracted(both);
    expect((await recordsOf([file])).map(({ linkType }) => linkType)).toEqual([1, 1, 1, 1, 1, 276, 276]);
    await expect(extracted(both, { format: "pcap" })).rejects.toThrow(
      "the flows were captured as EN10MB and as LINUX_SLL2, and a pcap file has one link type; let -o end in .pcapng",
    );
    const only = await extracted([both[1] as Uint8Array], { format: "pcap", flows: "every" });
    expect((await recordsOf([only.file]))[0]?.linkType).toBe(276);
  });

  it("long records need a long snapshot length", async () => {
    const long = frames.map((frame) => ({
      ...frame,
      octets: new Uint8Array([...frame.octets, ...new Uint8Array(300_000)]),
    }));
    const { file } = await extracted([pcapFile(long, { snaplen: 400_000 })], { format: "pcap" });
    expect(await recordsOf([file])).toHaveLength(LEAKED.length);
  });

  it("--snaplen keeps the length on the wire", async () => {
    const { file } = await extracted([pcapFile(frames)], { snapLength: 60 });
    const records = await recordsOf([file]);
    expect(records.map(({ octets }) => octets.length / 2)).toEqual(
      wanted.map(({ octets }) => Math.min(60, octets.length)),
    );
    expect(records.map(({ originalLength }) => originalLength)).toEqual(wanted.map(({ octets }) => octets.length));
  });

  it("a file that is gone before it could be read again is an error", async () => {
    const path = join(await temporaryFolder(), "a.pcap");
    writeFileSync(path, pcapFile(frames));
    const gone = extracted([path, pcapFile(frames)], { onRead: () => rmSync(path) });
    await expect(gone).rejects.toThrow("it was replaced or removed while it was being read");
  });

  it("what was added to a file in the meantime is left for the next time", async () => {
    const path = join(await temporaryFolder(), "a.pcap");
    const [some, all] = [frames.slice(0, 9), frames];
    writeFileSync(path, pcapFile(some));
    const { file } = await extracted([path], { flows: "every", onRead: () => writeFileSync(path, pcapFile(all)) });
    expect(await recordsOf([file])).toHaveLength(some.length);
  });

  it("losses of a capture are told once, whatever its interfaces", async () => {
    const cooked = leak().frames({ link: "LINUX_SLL2" });
    const both = pcapngFile(
      frames.map((frame, index) => ({
        ...(index % 2 ? (cooked[index] as CaptureFrame) : frame),
        interface: index % 2,
      })),
      { interfaces: [{ dropped: 3 }, { linkType: "LINUX_SLL2", dropped: 4 }] },
    );
    const { file } = await extracted([both], { flows: "every" });
    expect((await analyzeCaptures([file])).captures[0]).toMatchObject({
      dropped: 7,
      linkTypes: ["EN10MB", "LINUX_SLL2"],
    });
  });
});

describe("tenants in different tunnels", () => {
  const inTunnel = (vni: number, made: Conversation) => made.frames({ vxlan: { vni } });
  const closed = conversation(`
    0.5  c > s  [S]
    0.6  s > c  [S.]
    0.7  c > s  [.]
    0.8  c > s  [F.]
    0.9  s > c  [F.]
    1.0  c > s  [.]
  `);

  it.each([4, 6] as const)("have flows of their own behind the same addresses of IPv%d", async (ipVersion) => {
    const theirs = ipVersion === 4 ? closed : conversation("0.5 c > s [S]", { ipVersion });
    const ours = inTunnel(7, leak(ipVersion));
    const merged = [...ours, ...inTunnel(8, theirs)].sort((a, b) => Number(a.at - b.at));
    const { file } = await extracted([pcapFile(merged)]);
    expect((await recordsOf([file])).map(({ octets }) => octets)).toEqual(
      LEAKED.map((index) => Buffer.from((ours[index] as CaptureFrame).octets).toString("hex")),
    );
  });
});

/** Times of a little-endian file of microseconds, read without the reader. */
function pcapTimes(file: Uint8Array): bigint[] {
  const view = new DataView(file.buffer, file.byteOffset);
  const times: bigint[] = [];
  for (let at = 24; at < file.length; at += 16 + view.getUint32(at + 8, true)) {
    times.push(BigInt(view.getUint32(at, true)) * 1_000_000_000n + BigInt(view.getUint32(at + 4, true)) * 1000n);
  }
  return times;
}

/** if_tsresol of the only interface. */
function resolutionOf(file: Uint8Array): number | undefined {
  const view = new DataView(file.buffer, file.byteOffset);
  for (let at = 0; at < file.length; at += view.getUint32(at + 4, true)) {
    if (view.getUint32(at, true) !== 1) continue;
    const options = Buffer.from(file.subarray(at + 16, at + view.getUint32(at + 4, true) - 4));
    return options[options.indexOf(Buffer.from([9, 0, 1, 0])) + 4];
  }
  return undefined;
}

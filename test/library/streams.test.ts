/** Flows and packets one after the other: in flat memory, and at the pace of whoever takes them. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { analyze, type CloseWaitError, flows, openCapture } from "../../src/index.ts";
import { pcapFile } from "../build/captures.ts";
import { conversation } from "../build/conversation.ts";

const PATH = new URL("../../captures/mixed-traffic.pcap", import.meta.url).pathname;

async function listOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const CHUNK_FLOWS = 100;

/** One short connection a second, from ever new addresses. */
async function* endlessCapture(told: { chunks: number }) {
  yield pcapFile([]);
  while (true) {
    const connections = Array.from({ length: CHUNK_FLOWS }, (_, index) => {
      const number = told.chunks * CHUNK_FLOWS + index;
      const client = `10.0.${(number >> 8) & 255}.${number & 255}:40000`;
      const text = "c > s [S]\n+0  s > c  [S.]\n+0  c > s  [.]\n+0  c > s  [F.]\n+0  s > c  [F.]\n+0  c > s  [.]";
      return conversation(`${number}s  ${text}`, { client, server: "192.0.2.1:80" }).frames();
    });
    told.chunks++;
    yield pcapFile(connections.flat()).subarray(24);
  }
}

describe("flows", () => {
  it("are those that analyze lists", async () => {
    const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
    const all = (await analyze(PATH, { flows: "every" })).flows;
    expect((await listOf(flows(PATH))).sort(byId)).toEqual([...all].sort(byId));
  });

  it("are only half-closed ones if asked", async () => {
    const half = (await analyze(PATH)).flows;
    expect(await listOf(flows(PATH, { flows: "half-closed" }))).toHaveLength(half.length);
  });

  it("come while the capture goes on, which is read no faster than they are taken", async () => {
    const told = { chunks: 0 };
    const isQuiet = async () => {
      const { chunks } = told;
      await sleep(200);
      return told.chunks === chunks;
    };
    let taken = 0;
    for await (const flow of flows(endlessCapture(told))) {
      expect(flow.verdict).toBe("closed");
      taken++;
      if (taken === 1) await sleep(200);
      if (taken === 1 || taken === 1000) expect(await isQuiet()).toBe(true);
      if (taken === 2000) break;
    }
    expect(taken).toBe(2000);
    expect(await isQuiet()).toBe(true);
  });

  it("can be left at once, also when nothing comes", async () => {
    const ended = { well: false };
    const silent = async function* () {
      try {
        yield pcapFile(conversation("0  c > s  [S]\n+0  s > c  [R.]").frames());
        await sleep(3_600_000, undefined, { ref: false });
      } finally {
        ended.well = true;
      }
    };
    const leave = new AbortController();
    setTimeout(() => leave.abort(), 20);
    expect(await listOf(flows(silent(), { signal: leave.signal }))).toHaveLength(1);
  });

  it("end with the error of the input, after what came before it", async () => {
    const failing = async function* () {
      yield pcapFile(conversation("0  c > s  [S]\n+0  s > c  [R.]").frames());
      throw Object.assign(new Error("broken"), { code: "EIO" });
    };
    await expect(listOf(flows("not-there.pcap"))).rejects.toMatchObject({ code: "unreadable" });
    expect(await listOf(flows(failing()))).toHaveLength(1);
  });
});

describe("openCapture", () => {
  it("reads packets and tells about the file", async () => {
    const capture = await openCapture(PATH);
    const records = await listOf(capture);
    const octets = readFileSync(PATH);
    expect(records).toHaveLength((await analyze(PATH)).totals.packets);
    expect(records[0]).toEqual({
      capture: 0,
      frame: 1,
      at: expect.stringMatching(/^2026-11-20T\d\d:\d\d:\d\d\.\d{9}Z$/),
      epochNanos: BigInt(octets.readUInt32LE(24)) * 1_000_000_000n + BigInt(octets.readUInt32LE(28)) * 1000n,
      linkType: "EN10MB",
      originalLength: octets.readUInt32LE(36),
      octets: new Uint8Array(octets.subarray(40, 40 + octets.readUInt32LE(32))),
    });
    expect(capture.captures).toMatchObject([
      { path: PATH, format: "pcap", compression: null, linkTypes: ["EN10MB"], packets: records.length, problems: [] },
    ]);
  });

  it("lets go when the loop is left, or of what was never read", async () => {
    const open = () => readdirSync("/proc/self/fd").length;
    const before = open();
    for await (const { frame } of await openCapture(PATH)) if (frame === 3) break;
    await (await openCapture(PATH)).close();
    expect(open()).toBe(before);
  });

  it("reads up to where a capture is cut short", async () => {
    const capture = await openCapture(readFileSync(PATH).subarray(0, 1000));
    const records = await listOf(capture);
    expect(capture.captures[0]).toMatchObject({ path: "(memory)", packets: records.length, cutShort: true });
  });

  it("throws typed errors", async () => {
    const expected: Partial<CloseWaitError> = { code: "not-a-capture", file: "(memory)", offset: 0 };
    await expect(openCapture(Buffer.from("<html></html>"))).rejects.toMatchObject(expected);
  });
});

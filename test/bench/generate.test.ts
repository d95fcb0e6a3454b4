import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { CASES, type Case } from "./cases.mjs";
import { generate, resized } from "./generate.mjs";

/**
 * The benchmark's captures are what the generator says they are: read back by a reader of a dozen lines and, when it is
 * installed, by tshark, which also judges whether the conversations are consistent.
 */

const PACKETS = 5_000;
const folder = mkdtempSync(join(tmpdir(), "closewait-generate-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hasTshark = spawnSync("tshark", ["-v"]).status === 0;

function caseNamed(name: string): Case {
  const parameters = CASES[name];
  if (parameters === undefined) throw new Error(`no case ${name}`);
  return resized(parameters, PACKETS);
}

let files = 0;
async function made(parameters: Case) {
  const path = join(folder, `${files++}.cap`);
  const truth = await generate(path, parameters);
  return { path, truth };
}

function sha256(path: string) {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

/** Ethernet and TCP of a classic capture, IPv4 only: enough to count. */
function* segmentsOf(pcap: Buffer) {
  for (let at = 24; at < pcap.length; ) {
    const captured = pcap.readUInt32LE(at + 8);
    const micros = pcap.readUInt32LE(at) * 1e6 + pcap.readUInt32LE(at + 4);
    const frame = pcap.subarray(at + 16, at + 16 + captured);
    const ip = frame.subarray(14, 14 + frame.readUInt16BE(16));
    const tcp = ip.subarray(20);
    yield {
      micros,
      frame,
      ip,
      flags: tcp.readUInt8(13),
      payload: tcp.length - (tcp.readUInt8(12) >> 4) * 4,
      from: `${ip.readUInt32BE(12)}:${tcp.readUInt16BE(0)}`,
      to: `${ip.readUInt32BE(16)}:${tcp.readUInt16BE(2)}`,
      fromServer: ip.readUInt8(13) === 0,
    };
    at += 16 + captured;
  }
}

/** The ones' complement sum of a right IPv4 header is all ones. */
function headerSum(ip: Buffer) {
  let sum = 0;
  for (let at = 0; at < 20; at += 2) sum += ip.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

describe("generated captures", () => {
  test.each(["small", "mixed", "health-checks"])("%s holds what the truth says", async (name) => {
    const { path, truth } = await made(caseNamed(name));
    const seen = { packets: 0, resets: 0, payloadSegments: 0, finSegments: { client: 0, server: 0 } };
    const tuples = new Set<string>();
    let last = 0;
    for (const segment of segmentsOf(readFileSync(path))) {
      seen.packets++;
      if ((segment.flags & 4) !== 0) seen.resets++;
      if (segment.payload > 0) seen.payloadSegments++;
      if ((segment.flags & 1) !== 0) seen.finSegments[segment.fromServer ? "server" : "client"]++;
      tuples.add(segment.fromServer ? `${segment.to} ${segment.from}` : `${segment.from} ${segment.to}`);
      expect(segment.micros).toBeGreaterThanOrEqual(last);
      last = segment.micros;
      expect(segment.frame.length).toBeGreaterThanOrEqual(60);
      expect(segment.frame.length).toBeLessThanOrEqual(1514);
      expect(headerSum(segment.ip)).toBe(0xffff);
    }
    expect(truth).toMatchObject(seen);
    expect(truth.packets).toBe(PACKETS);
    expect(truth.tuples).toBe(tuples.size);
    expect(truth.halfClosed).toBeGreaterThan(0);
    expect(truth.byStatus.stuck + truth.byStatus.draining + truth.byStatus.recent).toBe(truth.halfClosed);
    expect(truth.byHolder.client + truth.byHolder.server).toBe(truth.halfClosed);
    expect(Object.values(truth.holders).reduce((a, b) => a + b, 0)).toBe(truth.byHolder.server);
  });

  test("the same seed gives the same bytes, another seed others", async () => {
    const first = await made(caseNamed("small"));
    const second = await made(caseNamed("small"));
    const other = await made({ ...caseNamed("small"), seed: 21 });
    expect(sha256(second.path)).toBe(sha256(first.path));
    expect(second.truth).toEqual(first.truth);
    expect(sha256(other.path)).not.toBe(sha256(first.path));
  });

  test("gzip holds the same bytes, pcapng and IPv6 the same flows", async () => {
    const plain = await made(caseNamed("small"));
    const gzip = await made(caseNamed("gzip"));
    expect(gunzipSync(readFileSync(gzip.path)).equals(readFileSync(plain.path))).toBe(true);
    for (const name of ["pcapng", "ipv6"]) {
      const { truth } = await made(caseNamed(name));
      const { flows, halfClosed, finSegments } = plain.truth;
      expect(truth).toMatchObject({ flows, halfClosed, finSegments });
    }
  });
});

describe.skipIf(!hasTshark)(hasTshark ? "as tshark sees them" : "as tshark sees them: tshark is not installed", () => {
  const FIELDS = ["tcp.stream", "tcp.flags.fin", "tcp.srcport", "tcp.analysis.retransmission"];
  /** tshark's names for a conversation that no two real endpoints would have. */
  const FAULTS = ["lost_segment", "ack_lost_segment", "out_of_order", "spurious_retransmission", "keep_alive"].map(
    (name) => `tcp.analysis.${name}`,
  );

  test.each(["small", "mixed", "pcapng", "ipv6", "gzip", "health-checks"])("%s", async (name) => {
    const { path, truth } = await made(caseNamed(name));
    const fields = [...FIELDS, ...FAULTS].flatMap((field) => ["-e", field]);
    const { status, stdout } = spawnSync("tshark", ["-r", path, "-T", "fields", "-E", "separator=,", ...fields], {
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    expect(status).toBe(0);
    const rows = stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split(","));
    const column = (index: number) => rows.map((row) => row[index] ?? "");
    const isSet = (value: string) => value === "1" || value === "True";
    expect(rows).toHaveLength(PACKETS);
    expect(new Set(column(0)).size).toBe(truth.flows);
    const fins = rows.filter((row) => isSet(row[1] ?? ""));
    const finsOfServer = fins.filter((row) => Number(row[2]) < 32_768).length;
    expect({ client: fins.length - finsOfServer, server: finsOfServer }).toEqual(truth.finSegments);
    expect(column(3).filter((value) => value !== "")).toHaveLength(truth.retransmissions);
    for (const [index, fault] of FAULTS.entries()) {
      expect(
        column(FIELDS.length + index).filter((value) => value !== ""),
        fault,
      ).toEqual([]);
    }
  });
});

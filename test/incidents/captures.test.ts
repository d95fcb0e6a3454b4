/**
 * The recorded incidents: what is found must be what the programs did, by kind, holder, peers, count, start within a second and the numbers of
 * the cause, and nothing else. What they did is in `test/truth/`, and the lab (`npm run lab:incidents`) holds any seed to the same judge.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { analyzeCaptures } from "../../src/questions.ts";
import { pathOf } from "../laws/recordings.ts";
import type { IncidentTruth } from "./judge.ts";
import { judge } from "./judge.ts";

const TRUTH = new URL("../truth/", import.meta.url);

interface Truth {
  readonly captures: readonly { readonly file: string }[];
  readonly incidents?: readonly IncidentTruth[];
}

const truths = readdirSync(TRUTH)
  .filter((file) => file.endsWith(".json"))
  .map((file): Truth => JSON.parse(readFileSync(new URL(file, TRUTH), "utf8")));
const recorded = truths.flatMap(({ captures, incidents }) => captures.map(({ file }) => ({ file, incidents })));
const withIncidents = recorded.flatMap(({ file, incidents = [] }) =>
  incidents.length > 0 ? [{ file, incidents }] : [],
);

/** None of the truths on record counts what came before or after. */
const ALWAYS = { from: 0, until: Number.POSITIVE_INFINITY };

const findingsOf = async (file: string) => (await analyzeCaptures([pathOf(file)])).findings;

describe("the incident that was played is found, and only it", () => {
  it.each(withIncidents)("$file", async ({ file, incidents }) => {
    const verdict = judge(await findingsOf(file), incidents, ALWAYS);
    expect(verdict).toMatchObject({ misses: [], falseFindings: [] });
    expect(verdict.hits).toHaveLength(incidents.length);
  });

  it("every incident is among them", () => {
    const kinds = new Set(withIncidents.flatMap(({ incidents }) => incidents.map(({ kind }) => kind)));
    expect([...kinds].sort()).toEqual([
      "connection-cap",
      "dependency-stall",
      "idle-pool",
      "never-accepted",
      "never-closed",
      "never-touched",
      "server-idle-timeout",
      "slow-close",
    ]);
  });
});

describe("the judge", () => {
  const findings = () => findingsOf("never-touched.pcap");
  const truth = async (): Promise<IncidentTruth> => {
    const incident = withIncidents.find(({ file }) => file === "never-touched.pcap")?.incidents[0];
    if (incident === undefined) throw new Error("never-touched.pcap has no incident on record");
    return incident;
  };

  it.each([
    ["another count", { count: 11 }, "10 connections, were 11"],
    ["another peer", { peers: { "10.0.0.33": 10 } }, "peers 10.0.0.239 5, 10.0.0.33 5, were 10.0.0.33 10"],
    ["another period", { numbers: { periodSeconds: { near: 2, within: 0.1 } } }, "periodSeconds is 1.49999"],
    ["goes on", { until: null }, "until 2026-11-20T20:14:09"],
    ["another kind", { kind: "never-accepted" }, "never-accepted of 10.0.0.141 8986: not found"],
    ["another holder", { holder: { ip: "10.0.0.141", port: 80 } }, "never-touched of 10.0.0.141 80: not found"],
  ])("misses %s", async (_, change, says) => {
    const { misses } = judge(await findings(), [{ ...(await truth()), ...change }], ALWAYS);
    expect(misses.join()).toContain(says);
  });

  it("misses an incident that began two seconds later", async () => {
    const told = await truth();
    const { misses } = judge(await findings(), [{ ...told, since: (told.since ?? 0) + 2 }], ALWAYS);
    expect(misses.join()).toContain("begins -2.00 s after it did");
  });

  it("calls a finding false where nothing happened", async () => {
    const { falseFindings } = judge(await findings(), [], ALWAYS);
    expect(falseFindings).toEqual([expect.stringContaining("never-touched of 10.0.0.141 8986 (high)")]);
  });
});

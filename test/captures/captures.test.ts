/** Every file in `captures/` is a test: what is told of it is on record here, fits the schema, and is what the kernels said that were there. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import type { Analysis } from "../../src/analysis/model.ts";
import { analyzeCaptures, listSockets } from "../../src/questions.ts";
import { renderJson } from "../../src/report/json.ts";
import { pathOf, RECORDING_NAMES } from "../laws/recordings.ts";
import { schemaProblems } from "../report/json-schema.ts";
import { compareConnections, compareSockets, momentOf, settingsOf, truthOf } from "./kernel.ts";

const CAPTURES = new URL("../../captures/", import.meta.url);
const EXPECTED = ".expected.json";
const UPDATE = "npx vitest run --config test/vitest.config.ts test/captures -u";

const fileOf = (name: string) => new URL(`${name}${EXPECTED}`, import.meta.url).pathname;

/** As it would be told in the project's folder, by any version, on any Node: the last digits of a logarithm differ between them. */
function normalized(analysis: Analysis, name: string): Analysis {
  const tool = { ...analysis.tool, version: "any" };
  const captures = analysis.captures.map((capture) => ({ ...capture, path: `captures/${name}` }));
  const holders = analysis.holders.map((holder) => ({
    ...holder,
    lastsMedianSeconds: estimate(holder.lastsMedianSeconds),
    lastsP95Seconds: estimate(holder.lastsP95Seconds),
    closedMedianSeconds: estimate(holder.closedMedianSeconds),
    closedP99Seconds: estimate(holder.closedP99Seconds),
  }));
  return { ...analysis, tool, captures, holders };
}

/** Quantiles are accurate to 1 %. */
const estimate = (seconds: number | null): number | null => (seconds === null ? null : Number(seconds.toPrecision(3)));

describe("every capture is told as expected", () => {
  it.each(RECORDING_NAMES)("%s", async (name) => {
    const analysis = await analyzeCaptures([pathOf(name)], { flows: "every" });
    expect(schemaProblems(JSON.parse(JSON.stringify(analysis)), "analysis.schema.json")).toEqual([]);
    const isUpdate = expect.getState().snapshotState.snapshotUpdateState === "all";
    if (!isUpdate && !existsSync(fileOf(name))) {
      expect.fail(`nothing is expected of captures/${name} yet; this writes it, to be read and committed: ${UPDATE}`);
    }
    await expect([...renderJson(normalized(analysis, name))].join("")).toMatchFileSnapshot(fileOf(name));
  });

  it("and nothing is expected of captures that are gone", () => {
    const expected = readdirSync(new URL(".", import.meta.url)).filter((file) => file.endsWith(EXPECTED));
    const gone = expected.filter((file) => !RECORDING_NAMES.includes(file.slice(0, -EXPECTED.length)));
    expect(gone).toEqual([]);
  });

  it("and the folder holds nothing else", () => {
    const others = readdirSync(CAPTURES).filter((file) => !RECORDING_NAMES.includes(file));
    expect(others.sort()).toEqual(["README.md"]);
  });

  it("and its README lists them all", () => {
    const listed = readFileSync(new URL("README.md", CAPTURES), "utf8").matchAll(/^\| `([^`]+)` \|/gm);
    expect([...listed].map(([, name]) => name).sort()).toEqual(RECORDING_NAMES);
  });
});

describe("the kernels at both ends say the same", () => {
  const excused: string[] = [];
  let compared = 0;

  it.each(RECORDING_NAMES)("of %s", async (name) => {
    const truth = truthOf(name);
    const stop = truth?.moments.at(-1);
    if (truth === undefined || stop === undefined) expect.fail(`test/truth/ has nothing about captures/${name}`);
    const settings = settingsOf(truth);
    const told = await analyzeCaptures([pathOf(name)], { ...settings, flows: "every", until: momentOf(stop) });
    const results = [compareConnections(truth, told)];
    for (const moment of truth.moments) {
      const [table] = await listSockets([pathOf(name)], { at: momentOf(moment) }, settings);
      results.push(compareSockets(truth, moment, { sockets: table?.sockets ?? [], flows: told.flows }));
    }
    expect(results.flatMap(({ differences }) => differences)).toEqual([]);
    excused.push(...results.flatMap((result) => result.excused.map((reason) => `${name}: ${reason}`)));
    compared += results.reduce((sum, result) => sum + result.compared, 0);
  });

  afterAll(() => {
    const exceptions = [...excused].sort().map((reason) => `\n  ${reason}`);
    console.info(
      `ss: ${compared} states of connections and sockets compared, ${excused.length} excused${exceptions.join("")}`,
    );
  });
});

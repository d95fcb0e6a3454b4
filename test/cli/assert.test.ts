/** `closewait assert`: what must hold, in words, in JSON, in JUnit XML, and as an exit code. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { analyzeCaptures } from "../../src/questions.ts";
import { renderJunit } from "../../src/report/junit.ts";
import { run, type Surroundings, transcript } from "./run-in-process.ts";

const capture = (name: string) => new URL(`../../captures/${name}`, import.meta.url).pathname;
/** Real captures, by names that are the same everywhere. */
const surroundings: Surroundings = {
  analyzeCaptures: async (inputs, options) => {
    const analysis = await analyzeCaptures(
      inputs.map((input) => capture(String(input))),
      options,
    );
    return { ...analysis, captures: analysis.captures.map((one, index) => ({ ...one, path: String(inputs[index]) })) };
  },
};

const LEAK = "server-never-closes.pcap";
const CLEAN = "closed-by-client.pcap";

/** What a finding says is the diagnosis's own matter. */
const FINDING = /^(never-closed) \((?:low|medium|high), (\d+ flows?)\)\n {2}.*\n {2}Next: .*$/gm;

/** Name of the golden file; command line. */
const TRANSCRIPTS: readonly (readonly [string, readonly string[]])[] = [
  ["help-assert", ["assert", "--help"]],
  [
    "assert-holds",
    ["assert", CLEAN, "--no-stuck", "--max-age", "5s", "--every-flow-closed", "--no-finding", "never-touched"],
  ],
  ["assert-fails", ["assert", LEAK, "--no-stuck", "--max-age", "20s", "--every-flow-closed", "--utc"]],
  ["assert-quiet", ["assert", LEAK, "--no-stuck", "-q"]],
  ["assert-json", ["assert", LEAK, "--no-stuck", "--max-age", "20s", "-f", "json"]],
  ["assert-junit", ["assert", LEAK, "--no-stuck", "--max-age", "20s", "-f", "junit"]],
];

describe("assert", () => {
  it.each(TRANSCRIPTS)("%s", async (name, argv) => {
    const text = transcript(argv, await run(argv, surroundings)).replaceAll(FINDING, "$1 ($2)");
    await expect(text).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  it.each([
    [LEAK, ["--no-stuck"], 1],
    [LEAK, ["--no-stuck", "--min-age", "1m"], 0],
    [LEAK, ["--max-age", "12.9s"], 1],
    [LEAK, ["--max-age", "20s"], 0],
    [LEAK, ["--every-flow-closed"], 1],
    [LEAK, ["--every-flow-closed", "--port", "1"], 2],
    [CLEAN, ["--no-stuck", "--every-flow-closed"], 0],
    ["late-close.pcap", ["--no-stuck"], 0],
    ["late-close.pcap", ["--max-age", "1s"], 1], // ended, but late
    ["half-close-in-use.pcap", ["--no-stuck"], 0],
  ])("%s %j exits with %i", async (name, options, code) => {
    const { code: found, stdout } = await run(["assert", name, ...options], surroundings);
    expect([found, stdout]).toEqual([code, expect.anything()]);
  });

  it.each([
    [
      ["assert", LEAK],
      "nothing to assert: give at least one of --no-stuck, --max-age, --every-flow-closed, --no-finding",
    ],
    [
      ["assert", LEAK, "--no-finding", "idle"],
      expect.stringMatching(/^closewait: --no-finding: there is no finding 'idle': known are idle-pool, /),
    ],
    [["assert", LEAK, "--max-age", "5"], "--max-age: '5' has no unit: did you mean 5s?"],
    [
      ["assert", LEAK, "--no-stuck", "-f", "xml"],
      "--format: 'xml' is none of table, json, junit; see closewait --help",
    ],
    [["assert", LEAK, "--no-stuck", "--port", "1"], "nothing to judge: no TCP connection is in the capture"],
  ])("%j: %s", async (argv, message) => {
    const { code, stdout, stderr } = await run(argv, surroundings);
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: "",
      stderr: typeof message === "string" ? `closewait: ${message}\n` : message,
    });
  });

  it("asserts that several findings are not there", async () => {
    const argv = ["assert", CLEAN, "--no-finding", "never-touched", "--no-finding", "idle-pool", "-f", "json"];
    const { assertions } = JSON.parse((await run(argv, surroundings)).stdout);
    expect(assertions).toMatchObject([
      { assertion: "no finding never-touched", pass: true },
      { assertion: "no finding idle-pool", pass: true },
    ]);
  });
});

const python = spawnSync("python3", ["--version"]).status === 0;

describe.skipIf(!python)("JUnit XML (python3 to parse it)", () => {
  const HOSTILE = "evil\u001b[2J<&>\"']]>\u202e\u0000\ufffe\ud800 𝄞\n";

  it("is well-formed and says the same, whatever the names", () => {
    const report = { name: HOSTILE, pass: false, found: HOSTILE, evidence: [`first\n  second ${HOSTILE}`] };
    const xml = renderJunit([report, { ...report, name: "fine", pass: true }], [HOSTILE]);
    const program = `import json, sys, xml.etree.ElementTree as tree
suite = tree.parse(sys.stdin.buffer).getroot()[0]
failure = suite[0][0]
print(json.dumps([suite.attrib, suite[0].attrib, failure.attrib, failure.text, len(suite[1])]))`;
    const { stdout, stderr } = spawnSync("python3", ["-c", program], { input: xml, encoding: "utf8" });
    const safe = "evil\\x1b[2J<&>\"']]>\\u{202e}\\x00\\u{fffe}\\u{d800} 𝄞";
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual([
      { name: "closewait", tests: "2", failures: "1", errors: "0", skipped: "0", time: "0" },
      { name: `${safe}\\x0a`, classname: `${safe}\\x0a`, time: "0" },
      { message: `${safe}\\x0a`, type: "AssertionError" },
      `expected ${safe}\n, but ${safe}\n\n\nfirst\n  second ${safe}\n`,
      0,
    ]);
  });
});

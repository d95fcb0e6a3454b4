import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CASES } from "./cases.mjs";
import { contestants } from "./contestants.mjs";
import { cachedCapture, resized } from "./generate.mjs";
import { ACCOUNTED_BY, measure, median } from "./measure.mjs";
import { replayMicrosPerFlow } from "./replay-cost.mjs";
import { render } from "./table.mjs";
import { differences } from "./truth-check.mjs";

/**
 * `npm run bench`: our whole process beside whatever peers are installed, on captures whose truth is known. Contestants take turns
 * (A B C, B C A, …) and ratios are taken within a round, so that a machine that slows down slows all of them. Exit 1 if ours failed or was wrong.
 */

const USAGE = `npm run bench -- [options]
  --only NAMES      of ${Object.keys(CASES).join(", ")}; or all
  --packets N       another number of packets, for a quick run
  --rounds N        how often each contestant runs (default 3)
  --threads LIST    measure ours once for each number of threads (default 1,2 where there are two cores)
  --all             slow peers read the full capture, too
  --no-slow         leave slow peers out
  --json            print JSON`;

/** Slow peers read no more than this many packets and run once, unless --all. */
const SLOW_PEER_PACKETS = 1_000_000;

/**
 * @typedef {import("./contestants.mjs").Contestant} Contestant
 * @typedef {object} Row
 * @property {string} name
 * @property {boolean} ours
 * @property {number} runs
 * @property {number | null} wallSeconds medians
 * @property {number | null} cpuSeconds
 * @property {number | null} peakOctets
 * @property {number | null} packetsPerSecond
 * @property {number | null} timesCapinfos wall time as a multiple, in the same round
 * @property {number | null} timesOurs
 * @property {string | null} failure
 *
 * @typedef {object} Section
 * @property {string} name
 * @property {string} shows
 * @property {number} fileOctets
 * @property {import("./generate.mjs").Truth} truth
 * @property {number} replayMicrosPerFlow
 * @property {Row[]} rows
 */

/**
 * @param {string} name @param {import("./cases.mjs").Case} parameters
 * @param {readonly Contestant[]} runners @param {number} rounds
 * @returns {Promise<Section>}
 */
async function runSection(name, parameters, runners, rounds) {
  note(`${name}: ${parameters.packets.toLocaleString("en")} packets`);
  const { path, truth, fileOctets } = await cachedCapture(name, parameters);
  await measure(["cat", path]); // into the page cache, for all alike
  const scratch = mkdtempSync(join(os.tmpdir(), "closewait-output-"));
  /** @type {Map<Contestant, import("./measure.mjs").Measurement[]>} one place a round */
  const taken = new Map(runners.map((runner) => [runner, []]));
  /** @type {Map<Contestant, string>} */
  const failures = new Map();
  try {
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < runners.length; turn++) {
        const runner = runners[(turn + round) % runners.length];
        if (failures.has(runner) || (runner.slow && round > 0)) continue;
        note(`${name}: round ${round + 1} of ${rounds}, ${runner.name}`);
        const output = runner.ours ? join(scratch, "analysis.json") : null;
        const measurement = await measure([runner.program, ...runner.args(path)], output);
        const failure = judge(measurement, output, truth);
        if (failure !== null) failures.set(runner, failure);
        taken.get(runner)?.push(measurement);
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const capinfos = runners.find((runner) => runner.program === "capinfos");
  const ours = runners.find((runner) => runner.ours);
  const rows = runners.map((runner) => {
    const own = taken.get(runner) ?? [];
    const failure = failures.get(runner) ?? null;
    const wallSeconds = failure === null ? median(own.map((m) => m.wallSeconds)) : null;
    const against = (/** @type {Contestant | undefined} */ other) => {
      if (other === undefined || failure !== null || failures.has(other)) return null;
      const theirs = taken.get(other) ?? [];
      return median(own.map((m, round) => m.wallSeconds / theirs[round].wallSeconds));
    };
    return {
      name: runner.name,
      ours: runner.ours,
      runs: own.length,
      wallSeconds,
      cpuSeconds: failure === null ? medianOrNull(own.map((m) => m.cpuSeconds)) : null,
      peakOctets: failure === null ? medianOrNull(own.map((m) => m.peakOctets)) : null,
      packetsPerSecond: wallSeconds === null ? null : truth.packets / wallSeconds,
      timesCapinfos: against(capinfos),
      timesOurs: against(ours),
      failure,
    };
  });
  note(`${name}: the replay`);
  return {
    name,
    shows: parameters.shows,
    fileOctets,
    truth,
    replayMicrosPerFlow: await replayMicrosPerFlow(path),
    rows,
  };
}

/**
 * @param {import("./measure.mjs").Measurement} measurement @param {string | null} output of ours
 * @param {import("./generate.mjs").Truth} truth
 * @returns {string | null} why the run does not count
 */
function judge({ exitCode, stderr }, output, truth) {
  if (exitCode !== 0) {
    const lines = stderr.split("\n");
    return `exit ${exitCode}: ${lines.find((line) => line.includes("Error")) ?? lines.find((line) => line !== "") ?? ""}`;
  }
  if (output === null) return null;
  const wrong = differences(JSON.parse(readFileSync(output, "utf8")), truth);
  return wrong.length === 0 ? null : `wrong answer: ${wrong.slice(0, 3).join("; ")}`;
}

/** @param {readonly (number | null)[]} values */
function medianOrNull(values) {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : median(known);
}

/** What runs, on a terminal only, in one line. @param {string} text */
function note(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** @param {string | undefined} text @param {string} option */
function positive(text, option) {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`${option} takes a whole number from 1, not "${text}"`);
  return value;
}

/** @param {string | undefined} only */
function chosenCases(only) {
  const all = Object.entries(CASES);
  if (only === undefined) return all.filter(([, parameters]) => parameters.usual);
  if (only === "all") return all;
  return only.split(",").map((name) => {
    const parameters = CASES[name];
    if (parameters === undefined) throw new Error(`no case "${name}": there are ${Object.keys(CASES).join(", ")}`);
    return /** @type {const} */ ([name, parameters]);
  });
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      packets: { type: "string" },
      rounds: { type: "string", default: "3" },
      threads: { type: "string" },
      all: { type: "boolean", default: false },
      "no-slow": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  return {
    ...values,
    cases: chosenCases(values.only),
    packets: values.packets === undefined ? null : positive(values.packets, "--packets"),
    rounds: positive(values.rounds, "--rounds"),
    threads: (values.threads ?? (os.availableParallelism() > 1 ? "1,2" : "1"))
      .split(",")
      .map((n) => positive(n, "--threads")),
  };
}

/** @param {ReturnType<typeof readOptions>} options */
async function run(options) {
  const loadBefore = os.loadavg()[0];
  const { present, notInstalled } = contestants(options.threads);
  /** @type {Section[]} */
  const sections = [];
  for (const [name, original] of options.cases) {
    const parameters = options.packets === null ? original : resized(original, options.packets);
    const able = present.filter((runner) => runner.reads(parameters) && !(runner.slow && options["no-slow"]));
    const together = options.all || parameters.packets <= SLOW_PEER_PACKETS;
    const full = together ? able : able.filter((runner) => !runner.slow);
    sections.push(await runSection(name, parameters, full, options.rounds));
    if (together || !able.some((runner) => runner.slow)) continue;
    const beside = able.filter((runner) => runner.slow || runner.ours || runner.program === "capinfos");
    const smaller = {
      ...resized(parameters, SLOW_PEER_PACKETS),
      shows: "a smaller version, for peers too slow for the full one",
    };
    sections.push(await runSection(name, smaller, beside, 1));
  }
  note("");
  const machine = {
    cpu: os.cpus()[0]?.model ?? "unknown",
    cores: os.availableParallelism(),
    memoryOctets: os.totalmem(),
    system: `${os.type()} ${os.release()}`,
    node: process.version,
    loadBefore,
  };
  return { machine, rounds: options.rounds, accountedBy: ACCOUNTED_BY, notInstalled, sections };
}

/** @typedef {Awaited<ReturnType<typeof run>>} Report */

try {
  const options = readOptions();
  if (options.help) console.log(USAGE);
  else {
    const report = await run(options);
    console.log(options.json ? JSON.stringify(report, null, 2) : render(report));
    const failed = report.sections.some(({ rows }) => rows.some((row) => row.ours && row.failure !== null));
    process.exitCode = failed ? 1 : 0;
  }
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 2;
}

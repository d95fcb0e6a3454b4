/**
 * Records the published scenarios with real sockets and writes captures/, test/truth/ and captures/README.md. Needs root, iproute2, nftables,
 * tcpdump, dumpcap, tshark and Python 3.
 *
 *     npm run captures [-- [--seed N] [name...]]       only the named scenarios, or all
 */
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { release } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { renderJson } from "./json.mjs";
import { playAll } from "./play.mjs";
import { loadScenarios } from "./scenario.mjs";

const run = promisify(execFile);
const CAPTURES = new URL("../../captures/", import.meta.url).pathname;
const TRUTH = new URL("../truth/", import.meta.url).pathname;
const OCTETS_MAX = 100_000;

const { values, positionals } = parseArgs({
  options: { seed: { type: "string", default: "1" } },
  allowPositionals: true,
});
const scenarios = (await loadScenarios(positionals)).filter(({ published }) => published);
await mkdir(TRUTH, { recursive: true });
await playAll(scenarios, Number(values.seed), async ({ scenario, directory, truth, skipped, failed }) => {
  if (truth === undefined) {
    process.stderr.write(`${scenario.name}: ${skipped ?? failed}\n  (${directory} has what was recorded)\n`);
    process.exitCode = 1;
    return;
  }
  for (const { file } of truth.captures) await publish(directory, file);
  await writeFile(join(TRUTH, `${scenario.name}.json`), renderJson(truth));
  process.stdout.write(`${scenario.name}: ${truth.captures.map(({ file }) => file).join(", ")}\n`);
  await rm(directory, { recursive: true });
});
await writeFile(join(CAPTURES, "README.md"), await renderIndex());

async function publish(/** @type {string} */ directory, /** @type {string} */ file) {
  const octets = await readFile(join(directory, file));
  if (octets.length > OCTETS_MAX) throw new Error(`${file} has ${octets.length} octets, more than ${OCTETS_MAX}`);
  await writeFile(join(CAPTURES, file), octets);
}

async function renderIndex() {
  const truths = (await readdir(TRUTH)).filter((file) => file.endsWith(".json")).sort();
  const rows = [];
  for (const file of truths) {
    /** @type {import("./truth.mjs").Truth} */
    const { captures, description } = JSON.parse(await readFile(join(TRUTH, file), "utf8"));
    for (const capture of captures) {
      rows.push(
        `| \`${capture.file}\` | ${description} | \`${capture.command}\` at the ${capture.host} | ${capture.packets} |`,
      );
    }
  }
  return `# Captures

Real connections of a real kernel, recorded while they happened: \`npm run captures\` plays the scenarios of \`test/lab/scenarios/\` in network
namespaces (as root) while tcpdump listens. \`test/truth/\` has, for each scenario, what \`ss\` said of both ends of every connection at several moments.
Addresses, ports and payload come from a seed; times and sequence numbers are those of the recording.

| file | shows | recorded with | packets |
|---|---|---|---|
${rows.join("\n")}

${await versions()}
`;
}

async function versions() {
  const tcpdump = await run("tcpdump", ["--version"]);
  const dumpcap = await run("dumpcap", ["--version"]);
  const named = [
    `Linux ${/^\d+\.\d+/.exec(release())?.[0]}`,
    ...(/tcpdump version \S+/.exec(tcpdump.stderr + tcpdump.stdout) ?? []),
    ...(/libpcap version \S+/.exec(tcpdump.stderr + tcpdump.stdout) ?? []),
    `dumpcap ${/\d+(\.\d+)+/.exec(dumpcap.stdout)?.[0]}`,
  ];
  return `Recorded on ${named.join(", ")}.`;
}

/**
 * The incidents laboratory: real programs go wrong in network namespaces while tcpdump listens, and `closewait` must name each cause with its
 * numbers, and nothing else. Every seed is another variation: counts, ports, periods, address family, healthy traffic beside it, a recording
 * that begins mid-stream, two incidents at once.
 *
 *     npm run lab:incidents -- [--seed N] [--keep] [--program FOLDER] [name…]     names: acts of incidents/plays.mjs
 *
 * Needs root, iproute2, tcpdump, and of Debian python3-urllib3, python3-redis, redis-server and haproxy; plays that lack a program are skipped
 * by name. Exits with 1 when an incident was missed or told otherwise than it was, or when something was found where nothing was.
 */
import { rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { judge } from "./incidents/judge.mjs";
import { playsOf, pythonForAll, scenarioOf } from "./incidents/plays.mjs";
import { renderJson } from "./json.mjs";
import { playAll } from "./play.mjs";

const { values, positionals } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    keep: { type: "boolean", default: false },
    program: { type: "string", default: new URL("../../", import.meta.url).pathname },
  },
  allowPositionals: true,
});
const { analyzeCaptures } = await import(join(resolve(values.program), "dist/questions.js"));
const say = (/** @type {string} */ line) => process.stdout.write(`${line}\n`);

const python = await pythonForAll();
const why =
  process.getuid?.() !== 0
    ? "network namespaces need root"
    : python === null
      ? "needs urllib3 and redis for Python"
      : null;
const total = { plays: 0, hits: 0, misses: 0, falseFindings: 0, failed: 0, skipped: 0 };
const startedAt = Date.now();
const plays = playsOf(Number(values.seed)).filter(
  ({ acts }) => positionals.length === 0 || positionals.some((name) => acts.includes(name)),
);
if (why !== null) {
  for (const play of plays) say(`${scenarioOf(play, "").name}: skipped: ${why}`);
  process.exit(0);
}
say(`seed ${values.seed}: what is found in the recordings, against what the programs did\n`);
say(`${"play".padEnd(56)} ${["incidents", "found", "missed", "false"].map((head) => head.padStart(9)).join(" ")}`);
await playAll(
  plays.map((play) => scenarioOf(play, python ?? "")),
  Number(values.seed),
  async ({ scenario: { name }, directory, truth, skipped, failed, attempt, before }) => {
    total.plays++;
    let isKept = values.keep;
    if (truth === undefined) {
      say(`${name.padEnd(56)} ${skipped ? `skipped: ${skipped}` : `FAILED: ${failed}`}`);
      if (failed !== undefined) total.failed++;
      else total.skipped++;
      isKept ||= failed !== undefined;
    } else {
      await writeFile(join(directory, "truth.json"), renderJson(truth));
      const incidents = truth.incidents ?? [];
      const [{ file, stoppedAt }] = truth.captures;
      // A quiet recording does not tell how long it ran; whoever made it does.
      const until = { kind: "absolute", nanos: BigInt(Math.round(stoppedAt * 1000)) * 1_000_000n };
      const { findings, captures } = await analyzeCaptures([join(directory, file)], { until });
      const { hits, misses, falseFindings } = judge(findings, incidents, {
        from: Date.parse(captures[0].firstAt) / 1000,
        until: Date.parse(captures[0].lastAt) / 1000,
      });
      total.hits += hits.length;
      total.misses += misses.length;
      total.falseFindings += falseFindings.length;
      const counts = [incidents.length, hits.length, misses.length, falseFindings.length];
      const again = attempt !== undefined && attempt > 1 ? `  (played ${attempt} times: ${before})` : "";
      say(`${name.padEnd(56)} ${counts.map((count) => String(count).padStart(9)).join(" ")}${again}`);
      for (const miss of misses) say(`  MISS   ${miss}`);
      for (const one of falseFindings) say(`  FALSE  ${one}`);
      isKept ||= misses.length + falseFindings.length > 0;
    }
    if (isKept) say(`  ${directory}`);
    else await rm(directory, { recursive: true });
  },
);

const { hits, misses, falseFindings, failed, skipped } = total;
say(
  `\n${total.plays} plays in ${Math.round((Date.now() - startedAt) / 1000)} s: ${hits} incidents found as they were, ${misses} missed, ${falseFindings} false findings` +
    `${failed > 0 ? `, ${failed} plays failed` : ""}${skipped > 0 ? `, ${skipped} skipped` : ""}`,
);
if (misses + falseFindings + failed > 0) process.exitCode = 1;
process.exit();

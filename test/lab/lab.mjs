/**
 * The truth laboratory: plays all scenarios, or the named ones, with real sockets on the real kernel, and compares what `closewait states` tells
 * from the recordings with what `ss` said at each moment. Needs what record.mjs needs, tshark, and redis-server for one scenario.
 *
 *     npm run lab -- [--seed N] [--keep] [name...]     --keep: leave recordings and truth in the directories named at the end
 *
 * Exits with 1 when a scenario failed, or when a difference is not explained by a rule of compare.mjs.
 */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compare } from "./compare.mjs";
import { renderJson } from "./json.mjs";
import { playAll } from "./play.mjs";
import { loadScenarios } from "./scenario.mjs";

const { values, positionals } = parseArgs({
  options: { seed: { type: "string", default: "1" }, keep: { type: "boolean", default: false } },
  allowPositionals: true,
});
const say = (/** @type {string} */ line) => process.stdout.write(`${line}\n`);
const row = (/** @type {(string | number)[]} */ ...cells) =>
  say([String(cells[0]).padEnd(30), ...cells.slice(1).map((cell) => String(cell).padStart(11))].join(" "));

const total = { scenarios: 0, failed: 0, compared: 0, equal: 0, different: 0 };
/** @type {Map<string, number>} */
const setAside = new Map();

say(`seed ${values.seed}: sockets told from the recordings, against ss at the same moments\n`);
row("scenario", "connections", "moments", "compared", "equal", "set aside", "different");
await playAll(await loadScenarios(positionals), Number(values.seed), async (outcome) => {
  const { scenario, directory, truth, skipped, failed } = outcome;
  total.scenarios++;
  let isKept = values.keep;
  if (truth === undefined) {
    say(`${scenario.name.padEnd(30)} ${skipped ? `skipped: ${skipped}` : `FAILED: ${failed}`}`);
    if (failed !== undefined) total.failed++;
    isKept ||= failed !== undefined;
  } else {
    await writeFile(join(directory, "truth.json"), renderJson(truth));
    const result = await compare(truth, directory, scenario.path?.includes("relay") ?? false);
    const aside = Object.values(result.setAside).reduce((sum, count) => sum + count, 0);
    for (const [rule, count] of Object.entries(result.setAside)) setAside.set(rule, (setAside.get(rule) ?? 0) + count);
    total.compared += result.compared;
    total.equal += result.equal;
    total.different += result.different.length;
    row(
      scenario.name,
      truth.connections.length,
      truth.moments.length,
      result.compared,
      result.equal,
      aside,
      result.different.length,
    );
    if (outcome.attempt !== undefined && outcome.attempt > 1)
      say(`  played ${outcome.attempt} times until it went as meant`);
    for (const difference of result.different) say(`  ${difference}`);
    isKept ||= result.different.length > 0;
  }
  if (isKept) say(`  ${directory}`);
  else await rm(directory, { recursive: true });
});

say(`\n${total.compared} sockets compared, ${total.equal} equal, ${total.different} different; set aside by rule:`);
for (const [rule, count] of setAside) say(`  ${String(count).padStart(5)}  ${rule}`);
if (total.failed > 0) say(`${total.failed} of ${total.scenarios} scenarios failed`);
if (total.failed > 0 || total.different > 0) process.exitCode = 1;

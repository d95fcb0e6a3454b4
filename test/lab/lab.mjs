/**
 * Plays all scenarios, or the named ones, and shows what the kernel said of them. Needs what record.mjs needs; redis-server for one scenario.
 *
 *     node test/lab/lab.mjs [--seed N] [--keep] [name...]     --keep: leave recordings and truth in the directories named at the end
 */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { renderJson } from "./json.mjs";
import { playAll } from "./play.mjs";
import { loadScenarios } from "./scenario.mjs";

const { values, positionals } = parseArgs({
  options: { seed: { type: "string", default: "1" }, keep: { type: "boolean", default: false } },
  allowPositionals: true,
});
const row = (/** @type {(string | number)[]} */ ...cells) =>
  process.stdout.write(
    `${[String(cells[0]).padEnd(32), ...cells.slice(1).map((cell) => String(cell).padStart(11))].join(" ")}\n`,
  );

row("scenario", "connections", "half-closed", "moments", "sockets", "changing", "packets");
await playAll(
  await loadScenarios(positionals),
  Number(values.seed),
  async ({ scenario, directory, truth, skipped, failed }) => {
    if (truth === undefined) {
      process.stdout.write(`${scenario.name.padEnd(32)} ${skipped ? `skipped: ${skipped}` : `FAILED: ${failed}`}\n`);
      if (failed !== undefined) process.exitCode = 1;
    } else {
      const { connections, moments, captures } = truth;
      row(
        scenario.name,
        connections.length,
        connections.filter(({ holder }) => holder !== null).length,
        moments.length,
        moments.reduce((sum, { sockets }) => sum + sockets.length, 0),
        moments.reduce((sum, { changing = [] }) => sum + changing.length, 0),
        captures.map(({ packets }) => packets).join("+"),
      );
      await writeFile(join(directory, "truth.json"), renderJson(truth));
    }
    if (values.keep || failed !== undefined) process.stdout.write(`  ${directory}\n`);
    else await rm(directory, { recursive: true });
  },
);

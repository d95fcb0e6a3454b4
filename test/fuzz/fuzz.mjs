/**
 * `npm run fuzz -- --seconds 600 --seed 7`: the fuzz tests and the laws, again and again, each round with the next seed and with more cases,
 * until the time is over or something fails. What failed is printed with its seed and its smallest case, which then belongs in `corpus.ts`, or
 * beside its law.
 */
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";

const { seconds, firstSeed } = readOptions();

/** Rounds grow until one takes so long: the seed changes often enough, and starting costs little beside them. */
const ROUND_SECONDS = 60;
/** A round that takes so many times as long as the one before it hangs. */
const PATIENCE = 20;
const PATIENCE_SECONDS_MIN = 300;

const startedAt = Date.now();
const secondsSince = (moment) => (Date.now() - moment) / 1000;

let times = 1;
let last = ROUND_SECONDS;
for (let round = 0; secondsSince(startedAt) < seconds; round++) {
  const seed = firstSeed + round;
  console.log(`fuzz: round ${round + 1}, seed ${seed}, ${times} times the cases of a test run`);
  const roundAt = Date.now();
  const code = await play(seed, times, Math.max(PATIENCE_SECONDS_MIN, PATIENCE * last));
  last = secondsSince(roundAt);
  if (code !== 0) {
    console.error(`fuzz: FAILED; again with: CLOSEWAIT_RUNS=${times} npm run fuzz -- --seed ${seed} --seconds 1`);
    process.exit(1);
  }
  if (last < ROUND_SECONDS / 2) times *= 2;
}
console.log(`fuzz: nothing found in ${Math.round(secondsSince(startedAt))} s`);

function readOptions() {
  try {
    const { values } = parseArgs({ options: { seconds: { type: "string", default: "60" }, seed: { type: "string" } } });
    const options = { seconds: Number(values.seconds), firstSeed: Number(values.seed ?? randomInt(2 ** 31)) };
    if (options.seconds > 0 && Number.isSafeInteger(options.firstSeed)) return options;
  } catch {
    // Said below.
  }
  console.error("usage: npm run fuzz -- [--seconds N] [--seed N]");
  return process.exit(2);
}

/** Resolves to the exit code; 1 for a round that had to be ended. */
function play(seed, multiplier, patienceSeconds) {
  const vitest = new URL("../../node_modules/vitest/vitest.mjs", import.meta.url).pathname;
  const options = [
    "run",
    "--config",
    "test/vitest.config.ts",
    "--testTimeout",
    "0",
    "--reporter",
    "dot",
    "test/fuzz",
    "test/laws",
  ];
  const runs = process.env.CLOSEWAIT_RUNS ?? String(multiplier);
  const child = spawn(process.execPath, [vitest, ...options], {
    cwd: new URL("../..", import.meta.url),
    env: { ...process.env, CLOSEWAIT_SEED: String(seed), CLOSEWAIT_RUNS: runs },
    stdio: "inherit",
  });
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      console.error(`fuzz: the round hangs: ended after ${patienceSeconds} s`);
      child.kill("SIGKILL");
    }, patienceSeconds * 1000);
    child.once("exit", (code) => {
      clearTimeout(timer);
      resolve(code ?? 1);
    });
  });
}

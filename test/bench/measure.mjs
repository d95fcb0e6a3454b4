import { spawn, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Runs a command as a whole process and measures it. Wall time comes from our clock around the process. CPU time and peak memory come from
 * GNU time(1), which reads the kernel's account of the ended process; without it they are polled from /proc every 10 ms, so that the peak
 * is right (the kernel keeps it) unless it is reached in the last moments, and the CPU time misses up to 10 ms. On other systems they
 * are null.
 */

const POLL_MILLISECONDS = 10;
const STDERR_KEPT = 2_000;
const CLOCK_TICKS_PER_SECOND = 100;

/** @typedef {"time" | "proc" | "none"} AccountedBy */

const GNU_TIME = ["/usr/bin/time", "/usr/local/bin/gtime", "/opt/homebrew/bin/gtime"].find(
  (path) => spawnSync(path, ["-f", "%M", "true"]).status === 0,
);

/** @type {AccountedBy} */
export const ACCOUNTED_BY = GNU_TIME !== undefined ? "time" : process.platform === "linux" ? "proc" : "none";

/**
 * @typedef {object} Measurement
 * @property {number} wallSeconds
 * @property {number | null} cpuSeconds user and system
 * @property {number | null} peakOctets resident
 * @property {number | null} exitCode
 * @property {string} stderr its end
 */

/**
 * @param {readonly string[]} command
 * @param {string | null} outputPath where its output goes; null: nowhere
 * @returns {Promise<Measurement>}
 */
export async function measure(command, outputPath = null) {
  const folder = mkdtempSync(join(tmpdir(), "closewait-measure-"));
  const accountPath = join(folder, "account");
  const output = outputPath === null ? "ignore" : openSync(outputPath, "w");
  try {
    const argv = GNU_TIME === undefined ? command : [GNU_TIME, "-q", "-f", "%U %S %M", "-o", accountPath, ...command];
    const startedAt = process.hrtime.bigint();
    const child = spawn(argv[0], argv.slice(1), { stdio: ["ignore", output, "pipe"] });
    const polled = ACCOUNTED_BY === "proc" ? pollProc(child.pid) : null;
    let stderr = "";
    child.stderr?.setEncoding("utf8").on("data", (text) => {
      stderr = (stderr + text).slice(-STDERR_KEPT);
    });
    const exitCode = await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    const wallSeconds = Number(process.hrtime.bigint() - startedAt) / 1e9;
    const account = polled !== null ? polled.stop() : ACCOUNTED_BY === "time" ? readAccount(accountPath) : UNKNOWN;
    return { wallSeconds, ...account, exitCode, stderr };
  } finally {
    if (output !== "ignore") closeSync(output);
    rmSync(folder, { recursive: true, force: true });
  }
}

const UNKNOWN = { cpuSeconds: /** @type {number | null} */ (null), peakOctets: /** @type {number | null} */ (null) };

/** @param {string} path */
function readAccount(path) {
  const [user, system, kibibytes] = readFileSync(path, "utf8").trim().split(" ").map(Number);
  return { cpuSeconds: user + system, peakOctets: kibibytes * 1024 };
}

/** @param {number | undefined} pid */
function pollProc(pid) {
  let account = UNKNOWN;
  const timer = setInterval(() => {
    try {
      const kibibytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
      // Fields 14 and 15 of stat, counted behind the command in parentheses, which may hold blanks.
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (kibibytes === undefined) return; // a zombie has no memory any more
      account = {
        cpuSeconds: (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND,
        peakOctets: Number(kibibytes) * 1024,
      };
    } catch {
      // It has ended: what was polled last stands.
    }
  }, POLL_MILLISECONDS);
  return {
    stop() {
      clearInterval(timer);
      return account;
    },
  };
}

/**
 * The middle one; of an even number the mean of both.
 * @param {readonly number[]} values
 */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

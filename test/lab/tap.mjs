/** A recording under way: tcpdump (or dumpcap, for pcapng) at one interface. Ready means listening; stopped means the last packet is in the file. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { clock } from "./kernel.mjs";

/**
 * @typedef {object} TapPlan Which packets go into which file.
 * @property {string} file Its extension decides the format: `.pcap`, `.pcapng` or `.pcap.gz`.
 * @property {string} [host] Default `server`.
 * @property {string} [interface] Default `eth0`.
 * @property {boolean} [nanoseconds]
 * @property {number} [snapshotLength]
 * @property {string} [filter]
 */

/** The kernel hands packets over in blocks, tcpdump's at least once a second; what is in an open block at SIGINT would be lost. */
const SETTLE_MILLISECONDS = 1200;
const START_MILLISECONDS = 10_000;

/** @param {TapPlan} plan */
export function recorderOf(plan) {
  return plan.file.endsWith(".pcapng") ? "dumpcap" : "tcpdump";
}

/** The options that make a difference to the file, as one would type them. @param {TapPlan} plan */
export function commandOf(plan) {
  const options = ["-i", plan.interface ?? "eth0"];
  if (plan.nanoseconds) options.push("--time-stamp-precision=nano");
  if (plan.snapshotLength) options.push("-s", String(plan.snapshotLength));
  if (plan.filter) options.push(...(recorderOf(plan) === "dumpcap" ? ["-f", plan.filter] : [plan.filter]));
  return options;
}

export class Tap {
  plan;
  startedAt = 0;
  stoppedAt = 0;
  packets = 0;
  #child;
  #path;
  #messages = "";

  /**
   * @param {TapPlan} plan
   * @param {string} namespace
   * @param {string} path Where to write; gzip is added when stopped.
   */
  constructor(plan, namespace, path) {
    this.plan = plan;
    this.#path = path;
    const command =
      recorderOf(plan) === "dumpcap"
        ? ["dumpcap", "-q", "-w", path]
        : ["tcpdump", "-Z", "root", "-B", "16384", "-w", path];
    this.#child = spawn("ip", ["netns", "exec", namespace, ...command, ...commandOf(plan)], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#child.stderr.setEncoding("utf8").on("data", (text) => {
      this.#messages += text;
    });
  }

  /** Until the recorder says that its socket is bound. */
  async listening() {
    const said = recorderOf(this.plan) === "dumpcap" ? /^File: /m : /listening on /;
    for (let waited = 0; !said.test(this.#messages); waited += 5) {
      if (waited > START_MILLISECONDS || this.#child.exitCode !== null) {
        throw new Error(`no recording of ${this.plan.file}: ${this.#messages.trim() || "the recorder says nothing"}`);
      }
      await sleep(5);
    }
    this.startedAt = clock();
  }

  /** Everything up to `stoppedAt` is in the file. Throws if the kernel dropped packets. */
  async stop() {
    if (this.#child.exitCode !== null) return;
    this.stoppedAt = clock();
    await sleep(SETTLE_MILLISECONDS);
    const closed = once(this.#child, "close");
    this.#child.kill("SIGINT");
    await closed;
    this.#count();
    if (this.plan.file.endsWith(".gz")) await writeFile(this.#path, gzipSync(await readFile(this.#path), { level: 9 }));
  }

  /** Packets that came after `stoppedAt` may be missing; but the recorder must have kept up. */
  #count() {
    const number = (/** @type {RegExp} */ said) => Number(said.exec(this.#messages)?.[1]);
    const [captured, dropped] =
      recorderOf(this.plan) === "dumpcap"
        ? [number(/^Packets captured: (\d+)/m), number(/dropped on.*: \d+\/(\d+)/)]
        : [number(/(\d+) packets? captured/), number(/(\d+) packets? dropped/)];
    if (dropped !== 0) throw new Error(`${this.plan.file} lacks ${dropped} packets that the kernel dropped`);
    this.packets = captured;
  }

  /** For an end in haste: no file to speak of. */
  abandon() {
    this.#child.kill("SIGKILL");
  }
}

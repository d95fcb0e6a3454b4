import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { CloseWaitError } from "../errors.ts";
import { commandIn, explainRefusal, findReason, type Place } from "./place.ts";

/**
 * Runs a program until its own standard input ends, which it does when this process ends, however it does: so nothing is ever left behind,
 * not even by SIGKILL. A shell costs two milliseconds; a listener for "exit" would not hear of SIGKILL.
 */
const GUARD = `
exec 3<&0
"$@" </dev/null 3<&- &
program=$!
{ cat <&3 >/dev/null; kill -TERM $program; } 2>/dev/null >/dev/null &
guard=$!
exec 3<&-
wait $program
code=$?
kill $guard 2>/dev/null
exit $code`;

/**
 * The kernel's buffer for bursts while tcpdump does not run. In immediate mode each packet takes a slot as large as the longest one could
 * be: with whole packets there would be 256 slots, and a burst of three hundred connections lost every second packet (measured).
 */
const BUFFER_KIBIBYTES = 16_384;
/** All headers, and the beginning of what is in them. */
const SNAPSHOT_OCTETS = 512;
const START_MILLISECONDS_MAX = 10_000;
const STOP_MILLISECONDS_MAX = 5_000;
const POLL_MILLISECONDS = 5;

/** A tcpdump at work. It writes into a file that we opened, so that neither its user nor AppArmor has a say in where. */
export class Capturer {
  readonly #child: ChildProcess;
  readonly #place: Place;
  #messages = "";
  #failure: Error | null = null;

  constructor(place: Place, filter: string, path: string) {
    this.#place = place;
    const file = openSync(path, "wx", 0o600);
    const program = commandIn(place, [
      ...["tcpdump", "-n", "-i", place.interface, "-B", String(BUFFER_KIBIBYTES), "-s", String(SNAPSHOT_OCTETS)],
      // Each packet is handed over, and written, at once.
      ...["--immediate-mode", "-U", "-w", "-", filter],
    ]);
    this.#child = spawn("sh", ["-c", GUARD, "closewait", ...program], { stdio: ["pipe", file, "pipe"] });
    closeSync(file);
    this.#child.on("error", (error) => {
      this.#failure = error;
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text) => {
      this.#messages += text;
    });
    // A test that hangs must not be kept alive by its own recording.
    this.#child.unref();
    for (const stream of [this.#child.stdin, this.#child.stderr] as (Socket | null)[]) stream?.unref();
    this.#child.stdin?.on("error", () => undefined);
  }

  get #isOver(): boolean {
    return this.#failure !== null || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Packets that the kernel could not keep for tcpdump; known when it has stopped. */
  get dropped(): number {
    return Number(/(\d+) packets? dropped by kernel/.exec(this.#messages)?.[1] ?? 0);
  }

  /** Until its socket is bound and its filter in place. */
  async listening(): Promise<void> {
    for (const start = performance.now(); !this.#messages.includes("listening on "); ) {
      const isLate = performance.now() - start > START_MILLISECONDS_MAX;
      if (this.#isOver || isLate) throw this.#refusal(isLate ? "tcpdump does not start" : "tcpdump has ended");
      await sleep(POLL_MILLISECONDS);
    }
  }

  /** Throws if it has ended by itself. */
  check(): void {
    if (this.#isOver) throw this.#refusal("tcpdump has ended");
  }

  /** Ends it and waits until it is gone. What the kernel has not handed over yet is lost. */
  async stop(): Promise<void> {
    if (this.#isOver) return;
    const gone = once(this.#child, "exit");
    this.#child.ref();
    this.#child.stdin?.end();
    await Promise.race([gone, sleep(STOP_MILLISECONDS_MAX, undefined, { ref: false })]);
    this.#child.stderr?.destroy();
  }

  #refusal(otherwise: string): CloseWaitError {
    const reason = explainRefusal(this.#messages, this.#place) ?? findReason(this.#place) ?? otherwise;
    return new CloseWaitError("cannot-record", reason, {}, this.#failure ?? undefined);
  }
}

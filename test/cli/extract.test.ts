/** The program as a whole: pipes, signals and what it leaves behind. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { analyzeCaptures } from "../../src/questions.ts";
import { pcapFile } from "../build/captures.ts";
import { temporaryFolder } from "../capture/temporary-folder.ts";
import { hasTshark } from "../captures/facts-by-tshark.ts";
import { octetsOf, pathOf, recordingOf } from "../laws/recordings.ts";

const BIN = new URL("../../bin/closewait.js", import.meta.url).pathname;
const LEAK = pathOf("server-never-closes.pcap");

function extract(args: readonly string[], input?: Uint8Array, env: NodeJS.ProcessEnv = process.env) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, "extract", ...args], { input, env });
  return { code: status, stdout: new Uint8Array(stdout), stderr: stderr.toString() };
}

const flowsOf = async (input: string | Uint8Array) =>
  (await analyzeCaptures([input])).flows.map(({ id, halfClose }) => [id, halfClose?.status, halfClose?.seconds]);

/** Temporary files lie here, so that what is left of them can be seen. */
async function workplace() {
  const folder = await temporaryFolder();
  const temporary = join(folder, "tmp");
  mkdirSync(temporary);
  return { folder, temporary, env: { ...process.env, TMPDIR: temporary } };
}

describe("closewait extract", () => {
  it("writes a capture that gives the same verdicts", async () => {
    const { folder } = await workplace();
    const path = join(folder, "x.pcapng");
    expect(extract([LEAK, "-o", path])).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^closewait: 4 flows, 36 packets, /),
    });
    expect(await flowsOf(path)).toEqual(await flowsOf(LEAK));
  });

  it("reads a pipe and writes one, and leaves nothing behind", async () => {
    const { temporary, env } = await workplace();
    const { code, stdout } = extract(["-", "-o", "-", "-q"], octetsOf("server-never-closes.pcap"), env);
    expect(code).toBe(0);
    expect(await flowsOf(stdout)).toEqual(await flowsOf(LEAK));
    expect(readdirSync(temporary)).toEqual([]);
  });

  it.skipIf(!hasTshark)(
    `${hasTshark ? "" : "(skipped: tshark is not installed) "}tshark shows just the flows`,
    async () => {
      const { folder } = await workplace();
      const path = join(folder, "x.pcap");
      extract([LEAK, "-o", path]);
      const streams = (file: string, filter: string) =>
        spawnSync(
          "tshark",
          [
            "-n",
            "-r",
            file,
            "-Y",
            filter,
            "-T",
            "fields",
            "-e",
            "tcp.srcport",
            "-e",
            "tcp.dstport",
            "-e",
            "frame.time_epoch",
          ],
          { encoding: "utf8" },
        ).stdout;
      const ports = (await analyzeCaptures([LEAK])).flows
        .map(({ client }) => `tcp.port == ${client.port}`)
        .join(" || ");
      expect(streams(path, "")).toBe(streams(LEAK, ports));
    },
  );

  it("writes an empty capture when no flow is selected", async () => {
    const { folder } = await workplace();
    for (const name of ["x.pcap", "x.pcapng"]) {
      const path = join(folder, name);
      expect(extract([LEAK, "--host", "192.0.2.1", "-o", path])).toMatchObject({ code: 0 });
      expect((await analyzeCaptures([path])).totals.packets).toBe(0);
    }
  });

  it("leaves nothing behind when it fails", async () => {
    const { folder, temporary, env } = await workplace();
    const fails = extract([LEAK, "--flow", "nobody", "-o", join(folder, "x.pcap")], undefined, env);
    expect(fails).toMatchObject({ code: 2, stderr: expect.stringContaining("no selected flow is called nobody") });
    expect(extract(["-", "-o", join(folder, "y.pcap")], Uint8Array.of(1, 2, 3), env).code).toBe(2);
    expect([readdirSync(folder), readdirSync(temporary)]).toEqual([["tmp"], []]);
  });

  it("never overwrites what it reads", async () => {
    const before = readFileSync(LEAK);
    expect(extract([LEAK, "-o", LEAK])).toMatchObject({ code: 2, stderr: expect.stringContaining("would overwrite") });
    expect(readFileSync(LEAK)).toEqual(before);
  });
});

describe("Ctrl-C", () => {
  /**
   * Starts reading standard input, gets all of a capture but its end, and waits for more. Behind the flows comes more than a pipe holds:
   * when that could be written, the flows were read.
   */
  async function waiting(args: readonly string[], env: NodeJS.ProcessEnv): Promise<ChildProcess> {
    const { frames } = await recordingOf("server-never-closes.pcap");
    const padding = { at: frames.at(-1)?.at ?? 0n, octets: new Uint8Array(60_000) };
    const input = pcapFile([...frames, ...Array.from({ length: 100 }, () => padding)]);
    const child = spawn(process.execPath, [BIN, "extract", "-", ...args], { env });
    await new Promise((resolve) => child.stdin.write(input, resolve));
    return child;
  }
  const ended = (child: ChildProcess) =>
    new Promise((resolve) => child.on("exit", (code, signal) => resolve(code ?? signal)));

  it("writes what is known until then", async () => {
    const { folder, temporary, env } = await workplace();
    const path = join(folder, "x.pcapng");
    const child = await waiting(["-o", path], env);
    child.kill("SIGINT");
    expect(await ended(child)).toBe(0);
    expect(await flowsOf(path)).toEqual(await flowsOf(LEAK));
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("and being ended otherwise leaves nothing behind", async () => {
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      const { folder, temporary, env } = await workplace();
      const child = await waiting(["-o", join(folder, "x.pcapng")], env);
      child.kill(signal);
      expect(await ended(child)).toBe(signal);
      expect(readdirSync(temporary)).toEqual([]);
      if (signal === "SIGTERM") expect(readdirSync(folder)).toEqual(["tmp"]);
    }
  });
});

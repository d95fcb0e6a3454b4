import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { VERSION } from "../../src/version.ts";

const BIN = new URL("../../bin/closewait.js", import.meta.url).pathname;

interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param hangUp closes the pipe after the first bytes, as `head` does */
function start(argv: readonly string[], { bin = BIN, input = "", hangUp = false } = {}): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...argv], { env: {} });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
      if (hangUp) child.stdout.destroy();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

describe("the program", () => {
  it("prints its version", async () => {
    expect(await start(["--version"])).toEqual({ code: 0, stdout: `${VERSION}\n`, stderr: "" });
  });

  it("prints help without loading the analysis", async () => {
    const { code, stdout } = await start(["--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: closewait /);
  });

  it("says in one line what is wrong with its input, and exits with 2", async () => {
    const { code, stdout, stderr } = await start(["-"], { input: "this is no capture\n" });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^closewait: standard input: .*\n$/);
  });

  it("ends quietly when nobody reads on", async () => {
    const { code, stderr } = await start(["analyze", "--help"], { hangUp: true });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("says how to build it when it is not built", async () => {
    const folder = mkdtempSync(join(tmpdir(), "closewait-"));
    try {
      mkdirSync(join(folder, "bin"));
      const bin = join(folder, "bin", "closewait.mjs");
      copyFileSync(BIN, bin);
      expect(await start(["a.pcap"], { bin })).toEqual({
        code: 2,
        stdout: "",
        stderr: "closewait: not built yet (there is no dist/): run npm ci, or npm run build\n",
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

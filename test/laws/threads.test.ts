import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { AnalyzeOptions } from "../../src/analysis/options.ts";
import type { ByteInput } from "../../src/capture/byte-source.ts";
import type * as Questions from "../../src/questions.ts";
import { CASES } from "../bench/cases.mjs";
import { generate } from "../bench/generate.mjs";
import { pcapFile } from "../build/captures.ts";
import { runs } from "./analyzing.ts";
import { randomConversation } from "./random-conversation.ts";
import { pathOf, RECORDING_NAMES } from "./recordings.ts";

// Law 3: any number of threads gives the same JSON, byte by byte. Workers run JavaScript, so the question is asked of the built program.

const { analyzeCaptures, listSockets } = (await import(
  new URL("../../dist/questions.js", import.meta.url).href
)) as typeof Questions;

const THREADS = [2, 3];

async function expectSame(inputs: readonly ByteInput[], options: Partial<AnalyzeOptions>): Promise<void> {
  const alone = JSON.stringify(await analyzeCaptures(inputs, { ...options, threads: 1 }));
  for (const threads of THREADS) {
    expect(JSON.stringify(await analyzeCaptures(inputs, { ...options, threads })), `${threads} threads`).toBe(alone);
  }
}

const folder = mkdtempSync(join(tmpdir(), "closewait-threads-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("any number of threads gives the same JSON", () => {
  it("of random conversations", async () => {
    await fc.assert(
      fc.asyncProperty(randomConversation(), ({ conversation }) =>
        expectSame([pcapFile(conversation.frames())], { flows: "every" }),
      ),
      runs(6),
    );
  });

  it("of all recordings together", () => expectSame(RECORDING_NAMES.map(pathOf), { flows: "every" }));

  it.each([
    ["health-checks", 8000, "half-closed"],
    ["ipv6", 2000, "every"],
  ] as const)("of %s: more segments than the ring holds, many epochs", async (name, connections, flows) => {
    const path = join(folder, `${name}.pcap`);
    await generate(path, { ...(CASES[name] as (typeof CASES)[string]), packets: 64_000, connections });
    await expectSame([path], { flows });
  });

  it("of the sockets at every moment", async () => {
    const [alone, many] = await Promise.all(
      [1, 3].map((threads) => listSockets([pathOf("mixed-traffic.pcap")], { everySeconds: 5 }, { threads })),
    );
    expect(many).toEqual(alone);
  });
});

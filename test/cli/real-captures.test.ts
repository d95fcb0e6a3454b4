import { describe, expect, it } from "vitest";
import type { Ladder } from "../../src/analysis/ladder.ts";
import type { Flow } from "../../src/analysis/model.ts";
import type { SocketTable } from "../../src/analysis/sockets.ts";
import * as questions from "../../src/questions.ts";
import { textWidth } from "../../src/report/text-width.ts";
import { schemaProblems } from "../report/json-schema.ts";
import { run, type Surroundings } from "./run-in-process.ts";

const { analyzeCaptures, listSockets, showFlow } = questions;
const REAL: Surroundings = { analyzeCaptures, listSockets, showFlow };
const TERMINAL: Surroundings = { ...REAL, columns: 80, env: { NO_COLOR: "1" } };
const path = (name: string) => new URL(`../../captures/${name}`, import.meta.url).pathname;

async function json<T>(...argv: string[]): Promise<T> {
  const { stdout, stderr, code } = await run([...argv, "-f", "json"], REAL);
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  return JSON.parse(stdout) as T;
}

const countOf = ({ sockets }: SocketTable, ip: string, state: string) =>
  sockets.filter((socket) => socket.local.ip === ip && socket.state === state).length;

const LEAK = path("server-never-closes.pcap");

describe("closewait states", () => {
  it("lists the leaked sockets at the end, on the side that holds them", async () => {
    const table = await json<SocketTable>("states", LEAK);
    expect(schemaProblems(table, "states.schema.json")).toEqual([]);
    const leaked = table.sockets.filter(({ state }) => state === "CLOSE-WAIT");
    expect(leaked.length).toBeGreaterThan(0);
    expect(new Set(leaked.map(({ role }) => role))).toEqual(new Set(["server"]));
    for (const { since } of table.sockets) expect(since <= table.at).toBe(true);
  });

  it("counts what it lists", async () => {
    const table = await json<SocketTable>("states", LEAK);
    const { counts, ...rest } = await json<SocketTable>("states", LEAK, "--count");
    expect(Object.keys(rest)).toEqual(["at"]);
    expect(counts).toEqual(table.counts);
    for (const [ip, states] of Object.entries(counts)) {
      for (const [state, count] of Object.entries(states)) expect(countOf(table, ip, state)).toBe(count);
    }
  });

  it("ends a series with the sockets of the end", async () => {
    const { moments } = await json<{ moments: SocketTable[] }>("states", LEAK, "--every", "1s");
    expect(schemaProblems({ moments }, "states.schema.json")).toEqual([]);
    expect(moments.length).toBeGreaterThan(2);
    expect(moments.at(-1)).toEqual(await json("states", LEAK, "--at", "end"));
  });

  it("prints the same sockets as CSV", async () => {
    const table = await json<SocketTable>("states", LEAK);
    const { stdout } = await run(["states", LEAK, "-f", "csv"], REAL);
    const records = stdout.trimEnd().split("\r\n").slice(1);
    expect(records.map((record) => record.split(",")[1])).toEqual(table.sockets.map(({ state }) => state));
  });

  it.each([["states"], ["states", "--count"], ["states", "--every", "1s"]])(
    "%s %s fits a terminal",
    async (...argv) => {
      const { stdout, code } = await run([...argv, LEAK, path("mixed-traffic.pcap")], TERMINAL);
      expect(code).toBe(0);
      for (const line of stdout.split("\n")) expect(textWidth(line)).toBeLessThanOrEqual(80);
    },
  );
});

describe.each(["mixed-traffic.pcap", "port-reused-into-close-wait.pcap", "half-close-in-use.pcap"])(
  "closewait show %s",
  (name) => {
    const flows = async () => (await json<{ flows: Flow[] }>("flows", path(name))).flows;

    it("shows every flow by its id, with all of its segments", async () => {
      for (const { id, segments } of await flows()) {
        const ladder = await json<Ladder>("show", path(name), "--flow", id);
        expect(schemaProblems(ladder, "ladder.schema.json")).toEqual([]);
        expect(ladder.flow.id).toBe(id);
        const shown = ladder.lines.reduce((sum, line) => sum + line.segments, 0);
        // A SYN for the next incarnation of the same addresses may stand between them.
        expect(shown).toBeGreaterThanOrEqual(segments.client + segments.server);
      }
    });

    it("marks the FIN and its acknowledgment of a half-close", async () => {
      const halfClosed = (await flows()).filter(({ halfClose }) => halfClose !== null);
      for (const { id, halfClose } of halfClosed) {
        const { lines } = await json<Ladder>("show", path(name), "--flow", id);
        const marked = lines.filter(({ marks }) => marks.length > 0);
        for (const evidence of [halfClose?.fin, halfClose?.finAck]) {
          const { frame = 0 } = evidence ?? {};
          expect(marked.some((line) => line.frame <= frame && frame <= line.lastFrame)).toBe(true);
        }
      }
    });

    it("fits a terminal", async () => {
      for (const { id } of await flows()) {
        const { stdout } = await run(["show", path(name), "--flow", id], TERMINAL);
        for (const line of stdout.split("\n")) expect(textWidth(line)).toBeLessThanOrEqual(80);
      }
    });

    it("asks which, in one line, when a name fits several", async () => {
      const { stdout, stderr, code } = await run(["show", path(name), "--flow", "10.0.0."], REAL);
      expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
      expect(stderr).toMatch(/^closewait: .*10\.0\.0\.\S+@\d+\.\d{9}.*\n$/);
    });
  },
);

it("a flow may be named holder first", async () => {
  const name = "10.0.0.192:8641-10.0.0.60:46309";
  const ladder = await json<Ladder>("show", LEAK, "--flow", name);
  expect(ladder.flow.id).toMatch(/^10\.0\.0\.60:46309-10\.0\.0\.192:8641@/);
  expect(await run(["show", LEAK, "--flow", "10.0.0.192:8641"], REAL)).toMatchObject({ code: 2 });
});

describe("a time that the capture does not know of", () => {
  it.each([
    ["--from", "2027-01-01T00:00:00Z", "after all captures"],
    ["--from", "+1h", "after all captures"],
    ["--to", "2026-01-01T00:00:00Z", "before all captures"],
  ])("is refused by %s %s", async (option, moment, where) => {
    const { code, stdout, stderr } = await run([LEAK, option, moment], REAL);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`closewait: the time that was asked about lies ${where}, which are of 2026-11-20T20:14:0`);
  });

  it.each([
    ["2026-01-01T00:00:00Z", "the captures begin at 2026-11-20T20:14:0"],
    ["+1h", "the captures end at 2026-11-20T20:14:18"],
  ])("is warned of by states --at %s", async (moment, warning) => {
    const { code, stderr } = await run(["states", LEAK, "--at", moment], REAL);
    expect(code).toBe(0);
    expect(stderr).toContain(`closewait: warning: ${warning}`);
  });

  it("is not mentioned when it does", async () => {
    expect(await run(["states", LEAK, "--at", "+3s"], REAL)).toMatchObject({ code: 0, stderr: "" });
  });
});

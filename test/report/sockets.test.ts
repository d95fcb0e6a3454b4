import { describe, expect, it } from "vitest";
import type { SocketTable } from "../../src/analysis/sockets.ts";
import { renderSocketCounts, renderSocketsOverTime } from "../../src/report/socket-counts-table.ts";
import { renderSocketsTable } from "../../src/report/sockets-table.ts";
import { textWidth } from "../../src/report/text-width.ts";
import type { StatesView } from "../../src/report/view.ts";
import { differences, loadSchema, partOf, schemaProblems } from "./json-schema.ts";
import { leakedSockets, MIXED_SOCKETS, socket, socketTable } from "./sample-sockets.ts";

const PLAIN: StatesView = { width: 80, colour: false, timeZone: "UTC", detail: "normal", rowCountMax: 50 };
const OVER_TIME = [
  socketTable(0, []),
  socketTable(10, leakedSockets(4)),
  MIXED_SOCKETS,
  socketTable(20, leakedSockets(3)),
];

/** Name of the golden file; what is printed. */
const TEXTS: readonly (readonly [string, (view: StatesView) => string])[] = [
  ["states", (view) => renderSocketsTable(MIXED_SOCKETS, view)],
  ["states-leak", (view) => renderSocketsTable(socketTable(607, leakedSockets(34)), { ...view, rowCountMax: 36 })],
  ["states-none", (view) => renderSocketsTable(socketTable(0, []), view)],
  ["states-count", (view) => renderSocketCounts(MIXED_SOCKETS, view)],
  ["states-count-one-host", (view) => renderSocketCounts(socketTable(607, leakedSockets(9).slice(9)), view)],
  ["states-over-time", (view) => renderSocketsOverTime(OVER_TIME, 10, view)],
  ["states-over-time-limited", (view) => renderSocketsOverTime(OVER_TIME, 10, { ...view, rowCountMax: 2 })],
];

describe.each(TEXTS)("%s", (name, render) => {
  it.each([80, 160])("reads well in %i columns", async (width) => {
    const text = render({ ...PLAIN, width });
    await expect(text).toMatchFileSnapshot(`golden/${name}.${width}.txt`);
    for (const line of text.split("\n")) expect(textWidth(line)).toBeLessThanOrEqual(width);
  });

  it("differs in colour only by colours", () => {
    const coloured = render({ ...PLAIN, colour: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is looked for.
    expect(coloured.replace(/\u001b\[\d+m/g, "")).toBe(render(PLAIN));
  });

  it("is only the answer and the rows when quiet", () => {
    const quiet = render({ ...PLAIN, width: 160, detail: "quiet" });
    expect(quiet).not.toContain("Keep in mind");
  });
});

it("shows the ids of the flows with -v, however narrow the terminal", () => {
  const text = renderSocketsTable(MIXED_SOCKETS, { ...PLAIN, detail: "verbose" });
  for (const { flow } of MIXED_SOCKETS.sockets) expect(text).toContain(`flow ${flow}\n`);
});

describe("the first line", () => {
  const firstLine = (table: SocketTable) =>
    renderSocketsTable(table, { ...PLAIN, width: Number.POSITIVE_INFINITY }).split("\n")[0];
  const closeWait = (server: string, port: number) => socket("CLOSE-WAIT", server, `10.0.0.1:${port}`, 1);

  it("names the host that has all", () => {
    expect(firstLine(socketTable(2, [closeWait("10.0.0.2:80", 1)]))).toBe(
      "1 socket at 2026-11-20 02:45:22 UTC: 1 CLOSE-WAIT on 10.0.0.2.",
    );
  });

  it("names the host that has the most in CLOSE-WAIT, and those first", () => {
    const established = Array.from({ length: 9 }, (_, n) => socket("ESTABLISHED", "10.0.0.2:80", `10.0.0.9:${n}`, 1));
    const sockets = [closeWait("10.0.0.2:80", 1), closeWait("10.0.0.3:80", 2), closeWait("10.0.0.3:80", 3)];
    expect(firstLine(socketTable(2, [...established, ...sockets]))).toBe(
      "12 sockets at 2026-11-20 02:45:22 UTC: 3 CLOSE-WAIT (2 of them on 10.0.0.3), 9 ESTAB on 10.0.0.2.",
    );
  });

  it("names none of equals", () => {
    expect(firstLine(socketTable(2, [closeWait("10.0.0.2:80", 1), closeWait("10.0.0.3:80", 2)]))).toBe(
      "2 sockets at 2026-11-20 02:45:22 UTC: 2 CLOSE-WAIT (on 2 hosts).",
    );
  });
});

describe("the schema of states", () => {
  const schema = loadSchema("states.schema.json");
  const problems = (value: unknown) => schemaProblems(value, "states.schema.json");
  const { at, counts } = MIXED_SOCKETS;

  it("accepts one moment, several, and counts alone", () => {
    expect(problems(MIXED_SOCKETS)).toEqual([]);
    expect(problems({ moments: OVER_TIME })).toEqual([]);
    expect(problems({ at, counts })).toEqual([]);
    expect(problems({ moments: [{ at, counts }] })).toEqual([]);
  });

  it("refuses states that no socket can be seen in, and a result without a moment", () => {
    expect(problems({ at, counts: { "10.0.0.1": { LISTEN: 1 } } })).not.toEqual([]);
    expect(problems({ at, counts: { "10.0.0.1": { ESTAB: 1 } } })).not.toEqual([]);
    expect(problems({ counts })).not.toEqual([]);
  });

  it("has the fields of the type, all of them and no others, each described", () => {
    const notRequired = ["moment.sockets is not required"];
    expect(differences(MIXED_SOCKETS, partOf(schema, "$defs", "moment"), schema, "moment")).toEqual(notRequired);
    expect(differences({ moments: [] }, partOf(schema, "$defs", "moments"), schema, "moments")).toEqual([]);
  });
});

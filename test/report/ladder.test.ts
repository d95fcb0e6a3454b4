import { describe, expect, it } from "vitest";
import { renderJson } from "../../src/report/json.ts";
import { ladderLabel } from "../../src/report/ladder-label.ts";
import { renderLadder } from "../../src/report/ladder-table.ts";
import { textWidth } from "../../src/report/text-width.ts";
import type { View } from "../../src/report/view.ts";
import { differences, loadSchema, schemaProblems } from "./json-schema.ts";
import { at, flow, halfClose } from "./sample-analysis.ts";
import { LEAK, line, RESET } from "./sample-ladder.ts";

const PLAIN: View = { width: 80, colour: false, timeZone: "UTC", detail: "normal" };
const LADDERS = { "ladder-leak": LEAK, "ladder-reset": RESET };

describe.each(Object.entries(LADDERS))("%s", (name, ladder) => {
  it.each([80, 160])("reads well in %i columns", async (width) => {
    const text = renderLadder(ladder, { ...PLAIN, width });
    await expect(text).toMatchFileSnapshot(`golden/${name}.${width}.txt`);
    for (const line of text.split("\n")) expect(textWidth(line)).toBeLessThanOrEqual(width);
  });

  it("shows absolute numbers and the id with -v", async () => {
    const text = renderLadder(ladder, { ...PLAIN, detail: "verbose" });
    await expect(text).toMatchFileSnapshot(`golden/${name}-verbose.80.txt`);
    for (const { seq } of ladder.lines.filter(({ flags }) => flags !== "."))
      expect(text).toContain(`(${seq.absolute})`);
  });

  it("is one line for each line of the ladder where lines may be long", () => {
    const text = renderLadder(ladder, { ...PLAIN, width: Number.POSITIVE_INFINITY, detail: "quiet" });
    const gap = ladder.leftOut > 0 ? 1 : 0;
    expect(text.trimEnd().split("\n")).toHaveLength(3 + 1 + 1 + ladder.lines.length + gap + 1);
  });

  it("has no control codes without colour, and differs in colour only by colours", () => {
    const plain = renderLadder(ladder, PLAIN);
    expect(plain.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is looked for.
    expect(renderLadder(ladder, { ...PLAIN, colour: true }).replace(/\u001b\[\d+m/g, "")).toBe(plain);
  });

  it("fits its schema", () => {
    expect(schemaProblems(JSON.parse([...renderJson(ladder)].join("")), "ladder.schema.json")).toEqual([]);
  });
});

describe("the label of a line", () => {
  const states = ["ESTABLISHED", "ESTABLISHED"] as const;
  it.each([
    [line(1, 0, "client", "S", [0, 1, null], states), "S seq 0"],
    [line(1, 0, "client", ".", [1, 1, 1], states), ". ack 1"],
    [line(1, 0, "client", "F.", [1, 2, 1], states), "F. seq 1, ack 1"],
    [line(1, 0, "client", "R", [7, 7, null], states), "R seq 7"],
    [line(1, 0, "client", "P.", [1, 3, 9], states, { payloadBytes: 2 }), "P. 2 bytes, seq 1:3, ack 9"],
    [line(1, 0, "client", ".", [1, 1, 9], states, { segments: 3, kind: "run" }), ". 3 segments, ack 9"],
    [
      line(1, 0, "client", "F.", [1, 2, 9], states, { segments: 3, lastAt: at(1.4) }),
      "F. 3 copies in 1.4 s, seq 1, ack 9",
    ],
  ])("%#: has what matters", (line, label) => {
    expect(ladderLabel(line, false).join(", ")).toBe(label);
  });
});

describe("the first line", () => {
  const firstLine = (over: Parameters<typeof flow>[3], half = null as ReturnType<typeof halfClose> | null) =>
    renderLadder({ ...LEAK, flow: flow("10.0.0.1:1", "10.0.0.2:80", half, over) }, { ...PLAIN, width: 999 }).split(
      "\n",
    )[0];

  it.each([
    [{ verdict: "closed" }, "Closed: the client closed first."],
    [{ verdict: "established", closer: null, holder: null }, "Established."],
    [{ verdict: "closed", closer: null, holder: null }, "Closed: both ends closed at the same time."],
    [{ verdict: "undecided", closer: null, holder: null, reasons: ["one-way-capture"] }, "Undecided: one-way-capture."],
  ] as const)("%j: %s", (over, text) => {
    expect(firstLine(over)).toBe(text);
  });

  it("says who was half-closed for how long", () => {
    expect(firstLine({ verdict: "closed" }, halfClose(5, { status: "ended", seconds: 2.5 }))).toBe(
      "Closed: 10.0.0.2:80 (server) was in CLOSE-WAIT for 2.5 s.",
    );
  });
});

describe("the schema of a ladder", () => {
  it("has the fields of the type, all of them and no others, each described", () => {
    const schema = loadSchema("ladder.schema.json");
    // The flow has its own test.
    const unflown = (text: string) => !text.startsWith("ladder.flow.");
    expect(differences(LEAK, schema, schema, "ladder").filter(unflown)).toEqual([]);
  });
});

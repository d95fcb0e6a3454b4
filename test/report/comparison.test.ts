import { describe, expect, it } from "vitest";
import type { Comparison } from "../../src/compare/model.ts";
import { comparisonHeadline } from "../../src/report/comparison-headline.ts";
import { type ComparisonView, renderComparison } from "../../src/report/comparison-table.ts";
import { textWidth } from "../../src/report/text-width.ts";
import { differences, loadSchema, schemaProblems } from "./json-schema.ts";
import { COMPARISON } from "./sample-comparison.ts";

const PLAIN: ComparisonView = { width: 80, colour: false, timeZone: "UTC", detail: "normal", rowCountMax: 20 };

it.each([60, 80, 160])("reads well in %i columns", async (width) => {
  const text = renderComparison(COMPARISON, { ...PLAIN, width });
  await expect(text).toMatchFileSnapshot(`golden/comparison.${width}.txt`);
  for (const line of text.split("\n")) expect(textWidth(line)).toBeLessThanOrEqual(width);
  expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

it("has no notes when quiet, and says how many rows are left out", () => {
  const text = renderComparison(COMPARISON, { ...PLAIN, detail: "quiet", rowCountMax: 1 });
  expect(text).not.toContain("Keep in mind");
  expect(text).toContain("… and 2 more: --limit 3");
});

describe("the headline", () => {
  const { points, totals } = COMPARISON;
  const none: Comparison = { ...COMPARISON, losses: [], totals: { ...totals, verdictsDiffer: 0 } };
  const lostSyns = COMPARISON.losses.filter(({ segment }) => segment === "SYN");
  it.each<[string, Comparison]>([
    ["Of 128 connections seen at both points, none lost a SYN, a FIN, its ACK or a RST in between.", none],
    [
      "Of 128 connections seen at both points, 1 SYN was lost in between and came when sent again.",
      { ...none, losses: lostSyns },
    ],
    [
      "Of 128 connections seen at both points and 3 at one, 1 SYN of the client, sent at A, never reached B.",
      { ...none, losses: lostSyns.map((loss) => ({ ...loss, never: 1 })) },
    ],
    [
      "Of 128 connections seen at both points, 1 SYN of the client, sent at A, never reached B.",
      {
        ...none,
        losses: lostSyns.map((loss) => ({ ...loss, never: 1 })),
        totals: { ...none.totals, onlyA: 0, onlyB: 0 },
      },
    ],
    [
      "Nothing to compare: no connection was seen at B.",
      { ...none, points: { a: points.a, b: { ...points.b, flows: 0 } } },
    ],
    ["No connection was seen at both points (130 at A, 129 at B).", { ...none, totals: { ...totals, both: 0 } }],
  ])("%s", (text, comparison) => {
    expect(comparisonHeadline(comparison)).toBe(text);
  });
});

it("fits its schema, field by field", () => {
  const schema = loadSchema("compare.schema.json");
  expect(schemaProblems(COMPARISON, "compare.schema.json")).toEqual([]);
  const found = differences(COMPARISON, { ...schema, description: "it" }, schema, "comparison");
  // Only a capture that has comments has annotations.
  expect(found.filter((text) => !text.includes("annotations"))).toEqual([]);
});

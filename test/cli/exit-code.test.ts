import { describe, expect, it } from "vitest";
import { exitCode, explainIfHolds } from "../../src/cli/exit-code.ts";
import { parseFailOn } from "../../src/cli/parse/fail-on.ts";
import { analysis, capture, finding } from "../report/sample-analysis.ts";

const found = analysis({
  captures: [capture(), capture({ problems: [{ kind: "bad-option", count: 1, message: "bad" }] })],
  findings: [finding()],
  totals: { stuck: 3, halfClosed: 5 },
});

describe("the exit code", () => {
  it("is 0 whatever was found, unless asked", () => {
    expect([exitCode(found, []), exitCode(analysis(), [])]).toEqual([0, 0]);
  });

  it.each([
    ["stuck", "3 stuck"],
    ["stuck>2", "3 stuck"],
    ["stuck>3", null],
    ["half-closed>4", "5 half-closed"],
    ["half-closed>5", null],
    ["finding:never-touched", "1 found"],
    ["finding:slow-close", null],
    ["problem", "1 of 2 captures with problems"],
  ])("with %s", (text, reason) => {
    const condition = parseFailOn(text);
    expect(explainIfHolds(condition, found)).toBe(reason);
    expect(exitCode(found, [condition])).toBe(reason === null ? 0 : 1);
  });

  it("is 1 when one of several conditions holds", () => {
    expect(exitCode(found, [parseFailOn("stuck>3"), parseFailOn("half-closed")])).toBe(1);
  });

  it("takes a capture that was cut short for a problem", () => {
    const cut = analysis({ captures: [capture({ cutShort: true })] });
    expect(exitCode(cut, [parseFailOn("problem")])).toBe(1);
  });
});

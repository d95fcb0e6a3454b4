import { describe, expect, it } from "vitest";
import { renderJson, renderNdjsonLine } from "../../src/report/json.ts";
import { analysis, flow, halfClose } from "./sample-analysis.ts";
import { SCENES, scene } from "./scenes.ts";

describe("JSON", () => {
  it.each(Object.entries(SCENES))("of %s is the analysis, indented by one space", (name, scene) => {
    const text = [...renderJson(scene)].join("");
    expect(JSON.parse(text)).toEqual(scene);
    if (name !== "hostile") expect(text).toBe(`${JSON.stringify(scene, null, 1)}\n`);
  });

  it("comes in pieces, one for each flow", () => {
    const flows = [1, 2, 3].map((n) => flow(`10.0.0.1:${n}`, "10.0.0.2:80", halfClose(n)));
    const longest = Math.max(...[...renderJson(analysis({ flows }))].map((piece) => piece.length));
    expect(longest).toBeLessThan(2500);
  });

  it("never contains a control code or a bidirectional mark, whatever a name holds", () => {
    const hostile = scene("hostile");
    const texts = [[...renderJson(hostile)].join(""), ...hostile.flows.map(renderNdjsonLine)];
    for (const text of texts) expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });

  it("is one line for each flow as NDJSON", () => {
    const one = flow("10.0.0.1:1", "10.0.0.2:80", halfClose(1));
    expect(renderNdjsonLine(one)).toBe(`${JSON.stringify(one)}\n`);
  });
});

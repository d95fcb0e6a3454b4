import { describe, expect, it } from "vitest";
import { renderTable } from "../../src/report/table.ts";
import type { View } from "../../src/report/view.ts";
import { SCENES } from "./scenes.ts";

const PLAIN: View = {
  width: 80,
  colour: false,
  timeZone: "UTC",
  detail: "normal",
  flowCountMax: 20,
  holderCountMax: 10,
  order: null,
};

describe.each(Object.keys(SCENES))("%s", (name) => {
  it.each([80, 160])("reads well in %i columns", async (width) => {
    const text = renderTable(scene(name), { ...PLAIN, width });
    await expect(text).toMatchFileSnapshot(`golden/${name}.${width}.txt`);
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(width);
  });
});

function scene(name: string) {
  const found = SCENES[name];
  if (found === undefined) throw new Error(`no scene ${name}`);
  return found;
}

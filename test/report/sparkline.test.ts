import { expect, it } from "vitest";
import { knowsUnicode } from "../../src/cli/terminal.ts";
import { sparkline } from "../../src/report/sparkline.ts";

it("draws numbers from zero to the largest", () => {
  expect(sparkline([1, 2, 3, 4, 5, 6, 7, 8], 8, true)).toBe("▁▂▃▄▅▆▇█");
  expect(sparkline([0, 4, 0, 8], 8, true)).toBe(" ▄ █");
});

it("shows the largest of each share when there are more numbers than columns", () => {
  expect(sparkline([1, 8, 1, 1, 4, 1], 3, true)).toBe("█▁▄");
});

it("does without Unicode", () => {
  expect(sparkline([1, 2, 3, 4, 5, 6, 7, 8], 8, false)).toBe("..::-=+#");
});

it("is empty without numbers, or of nothing", () => {
  expect(sparkline([], 8, true)).toBe("");
  expect(sparkline([0, 0], 8, true)).toBe("");
});

it.each([
  [{}, true],
  [{ LANG: "C" }, false],
  [{ LANG: "en_US.UTF-8" }, true],
  [{ LANG: "en_US.UTF-8", LC_ALL: "POSIX" }, false],
  [{ LC_ALL: "", LC_CTYPE: "de_DE.utf8", LANG: "C" }, true],
])("the locale %o decides what the terminal knows", (env, expected) => {
  expect(knowsUnicode(env)).toBe(expected);
});

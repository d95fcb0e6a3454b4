/** Matchers load with every test file: what reads captures is loaded only by those who read. */
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const SRC = fileURLToPath(new URL("../../src/", import.meta.url));

/** Files of src/ and packages that are loaded with a file, types and `import()` left out. */
function loadedWith(path: string, found = new Set<string>()): Set<string> {
  found.add(relative(SRC, path));
  const statements = readFileSync(path, "utf8").matchAll(/^(?:import|export)\s+(?!type\b)[^;]*?from\s+"([^"]+)";/gm);
  for (const [, name = ""] of statements) {
    const next = name.startsWith(".") ? join(dirname(path), name) : name;
    if (!name.startsWith(".")) found.add(name);
    else if (!found.has(relative(SRC, next))) loadedWith(next, found);
  }
  return found;
}

describe.each(["vitest.ts", "jest.ts"])("closewait/%s loads", (door) => {
  const loaded = [...loadedWith(join(SRC, door))];

  it("what judges and what words it", () => {
    expect(loaded).toContain("matchers/no-stuck-flows.ts");
    expect(loaded).toContain("report/ladder-table.ts");
  });

  it("nothing that reads captures, and few packages", () => {
    const folders = ["capture/", "wire/", "flow/", "tcp/", "transcript/", "library/", "pipeline.ts", "questions.ts"];
    expect(loaded.filter((name) => folders.some((folder) => name.startsWith(folder)))).toEqual([]);
    const packages = loaded.filter((name) => !name.endsWith(".ts") && !name.startsWith("node:"));
    expect(packages.sort()).toEqual(door === "vitest.ts" ? ["picocolors", "vitest"] : ["picocolors"]);
  });
});

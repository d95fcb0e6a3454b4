/** What users get from the registry. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { VERSION } from "../../src/version.ts";

const ROOT = new URL("../../", import.meta.url);
const { name, version } = JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8"));

/** Without `prepare`: other tests are using `dist/`. */
function packed(): string[] {
  const args = ["pack", "--dry-run", "--json", "--ignore-scripts"];
  const output = execFileSync("npm", args, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const [{ files }] = JSON.parse(output) as [{ readonly files: readonly { readonly path: string }[] }];
  return files.map(({ path }) => path);
}

describe("the package", () => {
  it("knows its own version", () => {
    expect({ name, version }).toEqual({ name: "closewait", version: VERSION });
  });

  it("has what it needs, and nothing that only makes or tests it", () => {
    const files = packed();
    const needed = [
      "LICENSE",
      "README.md",
      "bin/closewait.js",
      "dist/cli/main.js",
      "dist/index.d.ts",
      "dist/index.js",
      "package.json",
      "src/report/analysis.schema.json",
    ];
    expect(needed.filter((file) => !files.includes(file))).toEqual([]);
    const folders = new Set(files.map((file) => (file.includes("/") ? file.split("/")[0] : "")));
    expect([...folders].sort()).toEqual(["", "bin", "dist", "src"]);
    expect(files.filter((file) => /\.test\.|\.pcap|\.tsbuildinfo$/.test(file))).toEqual([]);
  });
});

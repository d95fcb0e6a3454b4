/** src/README.md keeps up with the tree: what it names exists, and every folder is named. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";

const SRC = new URL("../../src/", import.meta.url).pathname;
const ROOT = new URL("../../", import.meta.url).pathname;
const text = readFileSync(join(SRC, "README.md"), "utf8");

const PATH = /^(?:[\w.-]+\/)*(?:[\w.-]+\/|[\w.-]+\.(?:ts|mjs|js|json|md|py))$/;

const quoted = [...text.matchAll(/`([^`\n]+)`/g)].map(([, word = ""]) => word);
const linked = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path = ""]) => path);
const drawn = [...text.matchAll(/(?<![\w./@-])[a-z-]+\/(?![\w/])/g)].map(([word]) => word);
const paths = [...new Set([...quoted, ...linked, ...drawn])].filter((word) => PATH.test(word)).sort();

const entries = readdirSync(SRC, { recursive: true, withFileTypes: true });
const fileNames = new Set(entries.filter((entry) => entry.isFile()).map(({ name }) => name));

describe("src/README.md", () => {
  it("names many files and folders", () => {
    expect(paths.length).toBeGreaterThan(10);
  });

  it.each(paths)("%s exists", (path) => {
    const places = [join(SRC, path), join(ROOT, path)];
    expect(places.some((place) => existsSync(place)) || (basename(path) === path && fileNames.has(path))).toBe(true);
  });

  it("names every folder of src/", () => {
    const folders = readdirSync(SRC, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => `${name}/`).filter((name) => !paths.includes(name))).toEqual([]);
  });
});

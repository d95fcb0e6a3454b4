/** The package as its users get it: packed, installed in a project of its own, used by its runner. A leak fails there, its fix passes. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { recordSkipReason } from "../../src/index.ts";
import { EXAMPLE, NoRegistry, Project, pack } from "./project.ts";

const reason = recordSkipReason();
const named = (name: string) => (reason === null ? name : `${name} (${reason})`);
const capture = (name: string) => fileURLToPath(new URL(`../../captures/${name}`, import.meta.url));
const TSC = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));

const HOOK_MILLISECONDS_MAX = 60_000;
const TEST_MILLISECONDS_MAX = 180_000;

const directory = mkdtempSync(join(tmpdir(), "closewait-pack-"));
const projects: Project[] = [];
let tarball: string;
beforeAll(async () => {
  tarball = await pack(directory);
}, HOOK_MILLISECONDS_MAX);
afterAll(() => {
  for (const project of projects) project.remove();
  rmSync(directory, { recursive: true });
}, HOOK_MILLISECONDS_MAX);

/** A project with these packages; without a registry the test is skipped, and says so. */
async function projectWith(test: TestContext, ...packages: readonly string[]): Promise<Project> {
  const project = new Project();
  projects.push(project);
  try {
    await project.install(tarball, ...packages);
  } catch (error) {
    if (error instanceof NoRegistry) test.skip(error.message);
    throw error;
  }
  return project;
}

/** What a failing test says: the expectation, both ends, the ladder, and where the capture is. */
function expectLeakShown(text: string, project: Project): void {
  expect(text).toMatch(/expected no stuck flows, but the only flow is half-closed/);
  expect(text).toMatch(
    /closer: 127\.0\.0\.1:\d+, holder: 127\.0\.0\.1:\d+ \(the server\) in CLOSE-WAIT for at least 1\.\d s \(stuck\)/,
  );
  expect(text).toMatch(/\d\.\d{6} +\d+ +FIN-WAIT-1 +── F\. seq \d+, ack \d+ ─+▶ +CLOSE-WAIT/);
  expect(text).toMatch(/end +FIN-WAIT-2 +of observation +CLOSE-WAIT/);
  const path = /Capture, kept: (\S+\.pcap)/.exec(text)?.[1] ?? "";
  expect(readdirSync(project.directory).map((name) => join(project.directory, name))).toContain(path);
  expect(readFileSync(path).readUInt32LE(0)).toBe(0xa1b2c3d4);
}

const versionOf = (project: Project, name: string): string =>
  JSON.parse(readFileSync(join(project.directory, "node_modules", name, "package.json"), "utf8")).version;

/** vitest's own report, as data: the status and the message of each test, by file. */
function resultsIn(project: Project): Record<string, { readonly status: string; readonly message: string }> {
  const { testResults } = JSON.parse(readFileSync(join(project.directory, "report.json"), "utf8"));
  return Object.fromEntries(
    testResults.map(({ name, assertionResults: [{ status, failureMessages }] }: VitestFile) => [
      basename(name),
      { status, message: failureMessages.join("\n") },
    ]),
  );
}

interface VitestFile {
  readonly name: string;
  readonly assertionResults: [{ readonly status: string; readonly failureMessages: readonly string[] }];
}

const VITESTS = [
  { name: "vitest 4", packages: ["vitest@4", "@types/node@20"], version: /^4\./ },
  { name: "vitest 5 on Node 24", packages: ["vitest@5", "node@24", "@types/node@24"], version: /^5\./ },
];

describe.skipIf(reason !== null)(named("a leak becomes a failing test"), { timeout: TEST_MILLISECONDS_MAX }, () => {
  it.concurrent.for(VITESTS)("with $name", async ({ packages, version }, test) => {
    const project = await projectWith(test, ...packages);
    expect(versionOf(project, "vitest")).toMatch(version);
    const ending = await project.run(["vitest", "run", "--reporter=json", "--outputFile=report.json"], {
      LEAKING: capture("server-never-closes.pcap"),
      CLEAN: capture("closed-by-client.pcap"),
    });
    expect(ending.code).toBe(1);
    const results = resultsIn(project);
    expect(results).toMatchObject({
      "feed.test.js": { status: "failed" },
      "feed-fixed.test.js": { status: "passed", message: "" },
      "captures.test.js": { status: "passed", message: "" },
    });
    expectLeakShown(results["feed.test.js"]?.message ?? "", project);
    // The capture of the test that passed is gone.
    expect(readdirSync(project.directory).filter((name) => name.endsWith(".pcap"))).toHaveLength(1);

    const types = await project.run([process.execPath, TSC, "-p", "."]);
    expect(types).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it.concurrent("with node:test, and nothing else installed", async (test) => {
    const project = await projectWith(test);
    const ending = await project.run(["node", "--test", "--test-reporter=tap", "node-test.mjs"]);
    expect(ending.code).toBe(1);
    expect(ending.stdout).toMatch(/^not ok 1 - \.\/feed\.js closes what its clients close$/m);
    expect(ending.stdout).toMatch(/^ok 2 - \.\/feed-fixed\.js closes what its clients close$/m);
    expectLeakShown(ending.stdout, project);

    const common = await project.run(["node", "common.cjs", capture("server-never-closes.pcap")]);
    expect(common).toEqual({ code: 0, stdout: "4 function CloseWaitError\n", stderr: "" });
    const cli = await project.run([
      "npx",
      "--no-install",
      "closewait",
      "assert",
      capture("closed-by-client.pcap"),
      "--no-stuck",
    ]);
    expect(cli).toMatchObject({ code: 0, stdout: expect.stringContaining("All assertions hold.") });
  });

  it.concurrent("with Jest's expect, on captures", async (test) => {
    const project = await projectWith(test, "expect@30");
    const captures = ["server-never-closes.pcap", "closed-by-client.pcap"].map(capture);
    const { code, stdout, stderr } = await project.run(["node", "jest-expect.mjs", ...captures]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("expected no stuck flows, but 4 of 9 flows are half-closed");
    expect(stdout).toContain("closer: 10.0.0.60:46309, holder: 10.0.0.192:8641");
  });
});

describe("the example", () => {
  it("differs from its fix by the fix", () => {
    const [leaking, fixed] = ["feed.js", "feed-fixed.js"].map((name) =>
      readFileSync(join(EXAMPLE, name), "utf8").split("\n"),
    );
    expect(leaking?.filter((line) => !fixed?.includes(line))).toEqual([
      "    // The leak: nobody reads from this socket, so nobody learns that the client has closed it.",
    ]);
    expect(fixed?.filter((line) => !leaking?.includes(line))).toEqual([
      "    // The fix: read to the end, and answer it.",
      '    socket.resume().on("end", () => socket.end());',
    ]);
  });

  it("is tested by the same test", () => {
    const [leaking, fixed] = ["feed.test.js", "feed-fixed.test.js"].map((name) =>
      readFileSync(join(EXAMPLE, name), "utf8"),
    );
    expect(fixed).toBe(leaking?.replace("./feed.js", "./feed-fixed.js"));
  });
});

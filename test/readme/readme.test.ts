/** README.md is right: its commands run, and print what it shows. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../capture/temporary-folder.ts";
import { type Command, type Example, examplesOf, shows, whyNotRun } from "./commands.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const README = join(ROOT, "README.md");

const readme = readFileSync(README, "utf8");
const examples = examplesOf(readme);
const commands = examples.flatMap((example) => example.commands);
const runnable = commands.filter((command) => whyNotRun(command, ROOT) === null);

describe("the commands of README.md", () => {
  it("are there", () => {
    expect(runnable.length).toBeGreaterThanOrEqual(3);
  });

  it.each(runnable.map((command) => [nameOf(command), command] as const))("%s", async (_, command) => {
    const { code, output } = run(command, await workplace());
    expect({ code, output: code === command.exitCode ? "" : output }).toEqual({ code: command.exitCode, output: "" });
  });

  for (const command of commands) {
    const reason = whyNotRun(command, ROOT);
    if (reason !== null) it.skip(`${nameOf(command)} (not run: ${reason})`);
  }

  it("print what it shows; -u puts it there", async () => {
    const place = await workplace();
    const lines = readme.split("\n");
    for (const { commands, output } of examples.filter(isShown).reverse()) {
      const printed = linesOf(commands.map((command) => run(command, place).output).join(""));
      if (!shows(output.lines, printed)) lines.splice(output.firstLine, output.lines.length, ...printed);
    }
    await expect(lines.join("\n")).toMatchFileSnapshot(README);
  });
});

describe("the links of README.md", () => {
  const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path = ""]) => path);

  it.each([...new Set(links)])("%s leads somewhere", (path) => {
    expect(existsSync(join(ROOT, path))).toBe(true);
  });
});

const nameOf = ({ line, text }: Command): string => `line ${line}: ${text}`;

type Shown = Example & { readonly output: NonNullable<Example["output"]> };

const isShown = (example: Example): example is Shown =>
  example.output !== null && example.commands.every((command) => runnable.includes(command));

/** The project's root without the danger: what a command writes there is gone with the test. */
async function workplace(): Promise<string> {
  const folder = await temporaryFolder();
  for (const name of readdirSync(ROOT)) symlinkSync(join(ROOT, name), join(folder, name));
  return folder;
}

/** As on a terminal of 80 columns. */
function run({ script }: Command, cwd: string): { readonly code: number | null; readonly output: string } {
  const env = { ...process.env, NO_COLOR: "1", COLUMNS: "80", TZ: "UTC" };
  const { status, stdout } = spawnSync("bash", ["-o", "pipefail", "-c", `{ ${script}\n} 2>&1`], {
    cwd,
    env,
    encoding: "utf8",
  });
  return { code: status, output: stdout };
}

const linesOf = (output: string): string[] =>
  output
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => line.trimEnd());

import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const EXAMPLE = fileURLToPath(new URL("feed/", import.meta.url));

/** How a program ended. */
export interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function runProgram(command: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<Ending> {
  const [program = "", ...parameters] = command;
  // What npm and vitest tell their children about themselves is none of the example's business.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_ENV|TEST$)/i.test(name));
  const child = spawn(program, parameters, {
    cwd,
    env: { ...Object.fromEntries(inherited), NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (piece) => {
      text[name] += piece;
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...text }));
  });
}

/** The package as it would be published, in this directory. */
export async function pack(directory: string): Promise<string> {
  const { code, stderr } = await runProgram(["npm", "pack", "--ignore-scripts", "--pack-destination", directory], ROOT);
  const tarball = readdirSync(directory).find((name) => name.endsWith(".tgz"));
  if (code !== 0 || tarball === undefined) throw new Error(`npm pack: ${stderr}`);
  return join(directory, tarball);
}

/** The registry cannot be reached, or does not have everything: a test that needs it is skipped, and says so. */
export class NoRegistry extends Error {}

const UNREACHABLE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|E404|E403|ETARGET)\b/;

/** A copy of the example, with the package and what else it needs installed as a user would. */
export class Project {
  readonly directory = mkdtempSync(join(tmpdir(), "closewait-example-"));

  constructor() {
    cpSync(EXAMPLE, this.directory, { recursive: true });
  }

  async install(...packages: readonly string[]): Promise<void> {
    const options = [
      "--no-audit",
      "--no-fund",
      "--prefer-offline",
      "--loglevel=error",
      "--fetch-retries=1",
      "--fetch-timeout=20000",
    ];
    const { code, stdout, stderr } = await runProgram(["npm", "install", ...options, ...packages], this.directory);
    if (code === 0) return;
    const said = UNREACHABLE.exec(stderr + stdout)?.[1];
    if (said) throw new NoRegistry(`the npm registry does not give ${packages.slice(1).join(", ")} (${said})`);
    throw new Error(`npm install: ${stderr}${stdout}`);
  }

  /** Runs what was installed; on the Node of the package `node`, if that was. What is left behind goes with the project. */
  run(command: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ending> {
    const own = [join(this.directory, "node_modules/node/bin"), join(this.directory, "node_modules/.bin")];
    const path = [...own.filter(existsSync), process.env.PATH].join(delimiter);
    return runProgram(command, this.directory, { PATH: path, TMPDIR: this.directory, ...env });
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

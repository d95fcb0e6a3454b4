import type { Analysis } from "../../src/analysis/model.ts";
import type { AnalyzeOptions } from "../../src/analysis/options.ts";
import type { CliIo, Output, OutputFile } from "../../src/cli/io.ts";
import { runCli } from "../../src/cli/run-cli.ts";

export interface Run {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
  /** What was written by `-o`, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** What the analysis was asked for; null: it was not run. */
  readonly asked: { readonly inputs: readonly string[]; readonly options: AnalyzeOptions } | null;
}

export interface Surroundings {
  /** The analysis itself, or what stands in for it. */
  readonly analyze: CliIo["analyze"] | Analysis;
  readonly env?: CliIo["env"];
  /** Columns of a terminal; without, the output is a pipe. */
  readonly columns?: number;
  readonly existing?: readonly string[];
  readonly onInterrupt?: CliIo["onInterrupt"];
  readonly exitNow?: CliIo["exitNow"];
}

/** Runs a command line in this process, as if it were one of its own. */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<Run> {
  const { analyze, env = {}, columns, existing = [] } = surroundings;
  const [stdout, stderr] = [memory(columns), memory(columns)];
  const files = new Map<string, string>();
  let asked: Run["asked"] = null;
  const code = await runCli(argv, {
    stdout,
    stderr,
    env,
    timeZone: "UTC",
    version: "0.1.0",
    analyze: async (inputs, options) => {
      asked = { inputs, options };
      return typeof analyze === "function" ? analyze(inputs, options) : analyze;
    },
    fileExists: (path) => existing.includes(path),
    openFile: async (path) => fileInMemory(path, files),
    openProgress: null,
    onInterrupt: surroundings.onInterrupt ?? (() => () => {}),
    exitNow: surroundings.exitNow ?? (() => {}),
  });
  return { stdout: stdout.text, stderr: stderr.text, code, files, asked };
}

/** The run as a person would have seen it: command, output, exit code. */
export function transcript(argv: readonly string[], { stdout, stderr, code }: Run): string {
  const words = argv.map((word) => (/[^\w./:=+,@%-]/.test(word) ? `'${word}'` : word));
  const errors = stderr === "" ? "" : `--- standard error ---\n${stderr}`;
  return `$ ${["closewait", ...words].join(" ")}\n${stdout}${errors}[exit ${code}]\n`;
}

function memory(columns: number | undefined): Output & { text: string } {
  return {
    text: "",
    write(text) {
      this.text += text;
    },
    isTerminal: columns !== undefined,
    columns,
  };
}

function fileInMemory(path: string, files: Map<string, string>): OutputFile {
  files.set(path, "");
  return {
    isTerminal: false,
    columns: undefined,
    write: (text) => void files.set(path, `${files.get(path) ?? ""}${text}`),
    discard: () => void files.delete(path),
    close: () => {},
  };
}

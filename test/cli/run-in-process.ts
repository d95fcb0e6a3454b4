import type { AnalyzeOptions } from "../../src/analysis/options.ts";
import type { CaptureOutput, CliIo, Output, OutputFile, Questions } from "../../src/cli/io.ts";
import { runCli } from "../../src/cli/run-cli.ts";

export interface Run {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
  /** What was written by `-o`, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** What the analysis was asked for; null: it was not run. */
  readonly asked: Asked | null;
}

interface Asked {
  readonly inputs: readonly unknown[];
  /** What else the question needs: when to look, or which flow. */
  readonly about: unknown;
  readonly options: Partial<AnalyzeOptions>;
}

type Answer<Name extends keyof Questions> = Awaited<ReturnType<Questions[Name]>>;

/** Questions that a command line may ask, or the answers that stand in for them. */
type StandIns = { readonly [Name in keyof Questions]?: Questions[Name] | Answer<Name> };

export interface Surroundings extends StandIns {
  readonly env?: CliIo["env"];
  /** Columns of a terminal; without, the output is a pipe. */
  readonly columns?: number;
  readonly existing?: readonly string[];
  /** Small files, by path. */
  readonly contents?: Readonly<Record<string, Uint8Array>>;
  readonly onInterrupt?: CliIo["onInterrupt"];
  readonly exitNow?: CliIo["exitNow"];
}

/** Runs a command line in this process, as if it were one of its own. */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<Run> {
  const { env = {}, columns, existing = [], contents = {} } = surroundings;
  const [stdout, stderr] = [memory(columns), memory(columns)];
  const files = new Map<string, string>();
  let asked: Run["asked"] = null;
  async function answer<T>(question: Asked, standIn: T | (() => Promise<T>) | undefined): Promise<T> {
    asked = question;
    if (standIn === undefined) throw new Error("the test did not expect this question");
    return standIn instanceof Function ? standIn() : standIn;
  }
  const code = await runCli(argv, {
    stdout,
    stderr,
    env,
    timeZone: "UTC",
    version: "0.1.0",
    loadQuestions: async () => ({
      analyzeCaptures(inputs, options = {}) {
        const given = surroundings.analyzeCaptures;
        const standIn = typeof given === "function" ? () => given(inputs, options) : given;
        return answer({ inputs, about: null, options }, standIn);
      },
      listSockets(inputs, look, options = {}) {
        const given = surroundings.listSockets;
        const standIn = typeof given === "function" ? () => given(inputs, look, options) : given;
        return answer({ inputs, about: look, options }, standIn);
      },
      showFlow(inputs, flow, options = {}) {
        const given = surroundings.showFlow;
        const standIn = typeof given === "function" ? () => given(inputs, flow, options) : given;
        return answer({ inputs, about: flow, options }, standIn);
      },
      extractFlows(inputs, sink, extract, options = {}) {
        const given = surroundings.extractFlows;
        const standIn = typeof given === "function" ? () => given(inputs, sink, extract, options) : given;
        return answer({ inputs, about: extract, options }, standIn);
      },
      compareCaptures(inputs, flows, options = {}) {
        const given = surroundings.compareCaptures;
        const standIn = typeof given === "function" ? () => given(inputs, flows, options) : given;
        return answer({ inputs: [inputs.a, inputs.b], about: flows, options }, standIn);
      },
    }),
    openCapture: async (path) => captureInMemory(path ?? "-", files),
    readFile: (path) => {
      const content = contents[path];
      if (content === undefined) throw Object.assign(new Error(path), { code: "ENOENT" });
      return content;
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

function captureInMemory(path: string, files: Map<string, string>): CaptureOutput {
  let octets = 0;
  return {
    write: (part) => {
      octets += part.length;
    },
    patch: () => {},
    commit: async () => void files.set(path, `${octets} octets`),
    discard: () => void files.delete(path),
  };
}

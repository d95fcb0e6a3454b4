import { existsSync, readFileSync } from "node:fs";
import type { WriteStream } from "node:tty";
import { VERSION } from "../version.ts";
import type { Output } from "./io.ts";
import { runCli } from "./run-cli.ts";

/** Its number: a stream on it would set a pipe to non-blocking. */
const STANDARD_INPUT = 0;

/** Connects the command line to this process. The exit code is set, not forced: pending output is still written. */
export async function main(argv: readonly string[]): Promise<void> {
  endQuietlyWhenNobodyReads();
  process.exitCode = await runCli(argv, {
    stdout: outputTo(process.stdout),
    stderr: outputTo(process.stderr),
    env: process.env,
    // Asked for only when a time is printed: loading the zones takes longer than printing the help.
    get timeZone() {
      return Intl.DateTimeFormat().resolvedOptions().timeZone;
    },
    version: VERSION,
    loadQuestions: () => import("../questions.ts"),
    fileExists: existsSync,
    openFile: async (path, captures) => {
      const { openOutputFile } = await import("./output-file.ts");
      return openOutputFile(path, captures);
    },
    openCapture: async (path, captures) => {
      const { openCaptureOutput, openCaptureStream } = await import("./capture-output.ts");
      return path === null ? openCaptureStream(process.stdout) : openCaptureOutput(path, captures);
    },
    readFile: (path) => readFileSync(path === "-" ? STANDARD_INPUT : path),
    openProgress: process.stderr.isTTY
      ? async () => {
          const { openProgress } = await import("./progress.ts");
          return openProgress(process.stderr);
        }
      : null,
    onInterrupt: (listener) => {
      process.on("SIGINT", listener);
      return () => process.off("SIGINT", listener);
    },
    exitNow: (code) => process.exit(code),
  });
}

function outputTo(stream: WriteStream): Output {
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY === true,
    columns: stream.isTTY ? stream.columns : undefined,
  };
}

/** `closewait … | head` closes the pipe early. That is no error. */
function endQuietlyWhenNobodyReads(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(0);
      throw error;
    });
  }
}

import { CommanderError } from "commander";
import { CloseWaitError } from "../errors.ts";
import { sanitize } from "../report/sanitize.ts";
import { EXIT_CODES } from "./exit-code.ts";
import type { CliIo } from "./io.ts";

const HELP_HINT = "see closewait --help";

/** Says in one line on standard error why there is no result. */
export function reportFailure(error: unknown, io: Pick<CliIo, "stderr" | "env">): number {
  // Help and version were asked for and printed.
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT_CODES.analyzed;
  io.stderr.write(`closewait: ${describe(error)}\n`);
  const { CLOSEWAIT_DEBUG } = io.env;
  if (CLOSEWAIT_DEBUG === "1" && error instanceof Error) io.stderr.write(`${error.stack}\n`);
  return EXIT_CODES.unusable;
}

function describe(error: unknown): string {
  if (error instanceof CommanderError) return describeUsage(error);
  if (error instanceof CloseWaitError) return sanitize(withFile(error));
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `${sanitize(message)} (this is a bug; CLOSEWAIT_DEBUG=1 shows where, please report it)`;
}

/** The readers' messages may or may not name the file. */
function withFile(error: CloseWaitError): string {
  if (error.file === undefined || error.message.includes(error.file)) return error.message;
  return `${error.file}: ${error.message}`;
}

/** commander's text in one line: `unknown option '--hots' (did you mean --host?); see closewait --help`. */
function describeUsage(error: CommanderError): string {
  if (error.code === "commander.missingArgument") {
    return `no captures given: name files, directories, globs, or - for standard input; ${HELP_HINT}`;
  }
  const [first = "", ...rest] = sanitizeLines(error.message);
  const suggestion = rest.find((line) => line.startsWith("(Did you mean"))?.replace("(Did", "(did");
  const problem = first
    .replace(/^error: /, "")
    .replace(
      /^option '(?:-\w, )?(--[\w-]+).*' argument '(.*)' is invalid\. Allowed choices are (.*)\.$/,
      "$1: '$2' is none of $3",
    )
    .replace(/^option '(?:-\w, )?(--[\w-]+)[^']*' argument missing$/, "$1: a value is missing")
    .replace(/^required option '(?:-\w, )?(--[\w-]+).*' not specified$/, "$1 is required");
  return `${suggestion === undefined ? problem : `${problem} ${suggestion}`}; ${HELP_HINT}`;
}

function sanitizeLines(text: string): string[] {
  return text.split("\n").map((line) => sanitize(line.trim()));
}

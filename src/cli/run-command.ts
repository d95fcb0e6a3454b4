import type { Analysis, Flow } from "../analysis/model.ts";
import { sanitize } from "../report/sanitize.ts";
import { warnings } from "../report/warnings.ts";
import { exitCode, explainIfHolds } from "./exit-code.ts";
import { listenForInterrupt } from "./interrupt.ts";
import type { CliIo, Output } from "./io.ts";
import { printAnalysis, printFlowLines } from "./print.ts";
import { type CommandName, type RawOptions, readSettings, type Settings } from "./settings.ts";

/** Parses, analyzes, prints. Returns the exit code. */
export async function runCommand(
  command: CommandName,
  captures: readonly string[],
  raw: RawOptions,
  io: CliIo,
): Promise<number> {
  const settings = readSettings(command, raw);
  const file = settings.outputPath === null ? null : await io.openFile(settings.outputPath, captures);
  const output = file ?? io.stdout;
  try {
    const analysis = await analyze(captures, settings, output, io);
    printAnalysis(command, analysis, settings, output, io);
    file?.close();
    note(analysis, settings, output, io);
    return exitCode(analysis, settings.failOn);
  } catch (error) {
    file?.discard();
    throw error;
  }
}

async function analyze(captures: readonly string[], settings: Settings, output: Output, io: CliIo): Promise<Analysis> {
  const progress = settings.progress && io.openProgress !== null ? await io.openProgress() : null;
  const interrupt = listenForInterrupt(io);
  const lines = streamsFlows(settings) ? printFlowLines(output, settings.rowCountMax) : null;
  try {
    const analysis = await io.analyze(captures, {
      ...settings.analyze,
      signal: interrupt.signal,
      onProgress: progress === null ? undefined : (state) => progress.update(state),
      onFlow: lines === null ? undefined : (flow: Flow) => lines.print(flow),
    });
    lines?.end();
    if (interrupt.signal.aborted) io.stderr.write("closewait: interrupted: this is what was known until then\n");
    return analysis;
  } finally {
    progress?.stop();
    interrupt.stop();
  }
}

/** Flat memory: each flow is printed when it is over. An order needs all of them first. */
function streamsFlows(settings: Settings): boolean {
  return settings.format === "ndjson" && settings.order === null;
}

/** What a table on a terminal says itself, other formats and files leave to standard error. */
function note(analysis: Analysis, settings: Settings, output: Output, io: CliIo): void {
  const saidInTable = settings.format === "table" && output.isTerminal;
  if (!saidInTable && settings.detail !== "quiet") {
    for (const warning of warnings(analysis)) io.stderr.write(`closewait: warning: ${warning}\n`);
  }
  for (const condition of settings.failOn) {
    const reason = explainIfHolds(condition, analysis);
    if (reason !== null) io.stderr.write(`closewait: --fail-on ${sanitize(condition.text)}: ${reason}\n`);
  }
}

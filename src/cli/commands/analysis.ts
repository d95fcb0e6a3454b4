import type { Analysis } from "../../analysis/model.ts";
import { sanitize } from "../../report/sanitize.ts";
import { ask } from "../ask.ts";
import { exitCode, explainIfHolds } from "../exit-code.ts";
import type { CliIo, Output } from "../io.ts";
import { printWarnings } from "../print-warnings.ts";
import {
  type AnalysisCommand,
  type AnalysisSettings,
  type RawAnalysisOptions,
  readAnalysisSettings,
} from "./analysis-settings.ts";
import { printAnalysis, printFlowLines } from "./print-analysis.ts";

/** `closewait analyze` and `closewait flows`. Returns the exit code. */
export async function runAnalysis(
  command: AnalysisCommand,
  captures: readonly string[],
  raw: RawAnalysisOptions,
  io: CliIo,
): Promise<number> {
  const settings = await readAnalysisSettings(command, captures, raw, io);
  const analysis = await ask<Analysis>(
    captures,
    settings,
    {
      async ask({ analyzeCaptures }, options, output) {
        if (!streamsFlows(settings)) return analyzeCaptures(captures, options);
        const lines = printFlowLines(output, settings.rowCountMax);
        const result = await analyzeCaptures(captures, { ...options, onFlow: (flow) => lines.print(flow) });
        lines.end();
        return result;
      },
      tell(analysis, output) {
        printAnalysis(analysis, settings, output, io);
        note(analysis, settings, output, io);
      },
    },
    io,
  );
  return exitCode(analysis, settings.failOn);
}

/** Flat memory: each flow is printed when it is over. An order needs all of them first. */
function streamsFlows(settings: AnalysisSettings): boolean {
  return settings.format === "ndjson" && settings.order === null;
}

/** What a table on a terminal says itself, other formats and files leave to standard error. */
function note(analysis: Analysis, settings: AnalysisSettings, output: Output, io: CliIo): void {
  const saidInTable = settings.format === "table" && output.isTerminal;
  if (!saidInTable && settings.detail !== "quiet") {
    printWarnings(analysis.captures, io);
  }
  for (const condition of settings.failOn) {
    const reason = explainIfHolds(condition, analysis);
    if (reason !== null) io.stderr.write(`closewait: --fail-on ${sanitize(condition.text)}: ${reason}\n`);
  }
}

import type { RawAnalysisOptions } from "./commands/analysis-settings.ts";
import type { RawAssertOptions } from "./commands/assert.ts";
import type { RawCompareOptions } from "./commands/compare.ts";
import type { RawExtractOptions } from "./commands/extract.ts";
import type { RawShowOptions } from "./commands/show.ts";
import type { RawStatesOptions } from "./commands/states.ts";
import type { CliIo } from "./io.ts";

/** A command with its arguments, as the grammar understood them. */
export type Invocation = { readonly captures: readonly string[] } & (
  | { readonly command: "analyze" | "flows"; readonly raw: RawAnalysisOptions }
  | { readonly command: "states"; readonly raw: RawStatesOptions }
  | { readonly command: "show"; readonly raw: RawShowOptions }
  | { readonly command: "extract"; readonly raw: RawExtractOptions }
  | { readonly command: "compare"; readonly raw: RawCompareOptions }
  | { readonly command: "assert"; readonly raw: RawAssertOptions }
);

export type CommandName = Invocation["command"];

/** Loads the command and runs it. Returns the exit code. */
export async function runCommand(invocation: Invocation, io: CliIo): Promise<number> {
  const { captures } = invocation;
  switch (invocation.command) {
    case "analyze":
    case "flows": {
      const { runAnalysis } = await import("./commands/analysis.ts");
      return runAnalysis(invocation.command, captures, invocation.raw, io);
    }
    case "states": {
      const { runStates } = await import("./commands/states.ts");
      return runStates(captures, invocation.raw, io);
    }
    case "show": {
      const { runShow } = await import("./commands/show.ts");
      return runShow(captures, invocation.raw, io);
    }
    case "extract": {
      const { runExtract } = await import("./commands/extract.ts");
      return runExtract(captures, invocation.raw, io);
    }
    case "compare": {
      const { runCompare } = await import("./commands/compare.ts");
      return runCompare(captures, invocation.raw, io);
    }
    case "assert": {
      const { runAssert } = await import("./commands/assert.ts");
      return runAssert(captures, invocation.raw, io);
    }
  }
}

import { parseSeconds } from "../../analysis/duration.ts";
import type { Grouping } from "../../analysis/groupings.ts";
import type { FlowOrder } from "../../report/flow-order.ts";
import type { AnalysisFormat } from "../formats.ts";
import type { CliIo } from "../io.ts";
import { type RawKnowledge, readKnowledge } from "../knowledge.ts";
import { type FailCondition, parseFailOn } from "../parse/fail-on.ts";
import { eachInOption, inOption } from "../parse/in-option.ts";
import { type RawOptions, readSettings, type Settings } from "../settings.ts";

export type AnalysisCommand = "analyze" | "flows";

export interface RawAnalysisOptions extends RawOptions, RawKnowledge {
  readonly minAge: string;
  readonly all?: true;
  readonly follow?: true;
  readonly sort?: FlowOrder;
  readonly groupBy?: Grouping;
  readonly failOn?: readonly string[];
  readonly format: AnalysisFormat;
}

export interface AnalysisSettings extends Settings {
  readonly command: AnalysisCommand;
  readonly failOn: readonly FailCondition[];
  readonly format: AnalysisFormat;
  readonly order: FlowOrder | null;
}

export async function readAnalysisSettings(
  command: AnalysisCommand,
  captures: readonly string[],
  raw: RawAnalysisOptions,
  io: CliIo,
): Promise<AnalysisSettings> {
  const settings = readSettings(raw);
  const timeZone = settings.utc ? "UTC" : io.timeZone;
  return {
    ...settings,
    command,
    options: {
      ...settings.options,
      ...(await readKnowledge(raw, captures, io)),
      groupBy: raw.groupBy === undefined ? undefined : { by: raw.groupBy, timeZone },
      minAgeSeconds: inOption("--min-age", () => parseSeconds(raw.minAge)),
      follow: raw.follow === true,
      flows: command === "flows" ? "every" : raw.all ? "ever" : "half-closed",
    },
    failOn: eachInOption("--fail-on", raw.failOn, parseFailOn),
    format: raw.format,
    order: raw.sort ?? null,
  };
}

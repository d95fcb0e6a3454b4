import type { AnalyzeOptions } from "../analysis/options.ts";
import { CloseWaitError } from "../errors.ts";
import type { FlowOrder } from "../report/flow-order.ts";
import type { Format } from "./formats.ts";
import { parseAddress, parseEndpoint, parseNetwork, parsePort } from "./parse/address.ts";
import { parseSeconds } from "./parse/duration.ts";
import { type FailCondition, parseFailOn } from "./parse/fail-on.ts";
import { parseLimit } from "./parse/limit.ts";
import { parseMoment } from "./parse/moment.ts";

export type CommandName = "analyze" | "flows";

/** The options as commander hands them over: text, lists of text and flags. */
export interface RawOptions {
  readonly host?: readonly string[];
  readonly net?: readonly string[];
  readonly port?: readonly string[];
  readonly holder?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly until?: string;
  readonly minAge: string;
  readonly all?: true;
  readonly limit?: string;
  readonly sort?: FlowOrder;
  readonly failOn?: readonly string[];
  readonly format: Format;
  readonly output?: string;
  readonly reader: "closewait" | "pcap-parser";
  readonly timeWait: string;
  readonly finTimeout: string;
  readonly strict?: true;
  readonly progress: boolean;
  readonly utc?: true;
  readonly quiet?: true;
  readonly verbose?: true;
}

/** What the command line asks for. */
export interface Settings {
  readonly analyze: AnalyzeOptions;
  readonly failOn: readonly FailCondition[];
  readonly format: Format;
  /** Path for the results; null: standard output. */
  readonly outputPath: string | null;
  readonly order: FlowOrder | null;
  /** null: the default of the format. */
  readonly rowCountMax: number | null;
  readonly progress: boolean;
  readonly utc: boolean;
  readonly detail: "quiet" | "normal" | "verbose";
}

/** Turns text into values, or throws one line that names the option. */
export function readSettings(command: CommandName, raw: RawOptions): Settings {
  const utc = raw.utc === true;
  if (raw.quiet && raw.verbose) throw new CloseWaitError("usage", "-q and -v contradict each other");
  const moment = (name: string, text: string | undefined) =>
    text === undefined ? undefined : inOption(name, () => parseMoment(text, utc));
  const from = moment("--from", raw.from);
  const to = moment("--to", raw.to);
  refuseEmptyPeriod(from, to);
  const selection = {
    hosts: each("--host", raw.host, parseAddress),
    nets: each("--net", raw.net, parseNetwork),
    ports: each("--port", raw.port, parsePort),
    holders: each("--holder", raw.holder, parseEndpoint),
  };
  return {
    analyze: {
      minAgeSeconds: inOption("--min-age", () => parseSeconds(raw.minAge)),
      flows: command === "flows" ? "every" : raw.all ? "ever" : "half-closed",
      from,
      to,
      until: moment("--until", raw.until),
      selection,
      timeWaitSeconds: inOption("--time-wait", () => parseSeconds(raw.timeWait)),
      finTimeoutSeconds: inOption("--fin-timeout", () => parseSeconds(raw.finTimeout)),
      reader: raw.reader,
      strict: raw.strict === true,
    },
    failOn: each("--fail-on", raw.failOn, parseFailOn),
    format: raw.format,
    outputPath: raw.output === undefined || raw.output === "-" ? null : raw.output,
    order: raw.sort ?? null,
    rowCountMax: raw.limit === undefined ? null : inOption("--limit", () => parseLimit(raw.limit ?? "")),
    progress: raw.progress && raw.quiet !== true,
    utc,
    detail: raw.quiet ? "quiet" : raw.verbose ? "verbose" : "normal",
  };
}

function each<T>(name: string, texts: readonly string[] | undefined, parse: (text: string) => T): T[] {
  return (texts ?? []).map((text) => inOption(name, () => parse(text)));
}

function inOption<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof CloseWaitError)) throw error;
    throw new CloseWaitError(error.code, `${name}: ${error.message}`);
  }
}

function refuseEmptyPeriod(from: AnalyzeOptions["from"], to: AnalyzeOptions["to"]): void {
  if (from === undefined || to === undefined || from.kind === "end" || from.kind !== to.kind) return;
  if (from.nanos > to.nanos) throw new CloseWaitError("usage", "--from is later than --to: no packet lies between");
}

import { parseSeconds } from "../analysis/duration.ts";
import { parseMoment } from "../analysis/moment.ts";
import { type AnalyzeOptions, DEFAULT_OPTIONS, type Moment } from "../analysis/options.ts";
import { CloseWaitError } from "../errors.ts";
import { parseAddress, parseEndpoint, parseNetwork, parsePort } from "./parse/address.ts";
import { eachInOption, inOption } from "./parse/in-option.ts";
import { parseLimit } from "./parse/limit.ts";
import { parseThreads } from "./parse/threads.ts";

/** The options of every command, as commander hands them over: text, lists of text and flags. */
export interface RawOptions {
  readonly host?: readonly string[];
  readonly net?: readonly string[];
  readonly port?: readonly string[];
  readonly holder?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly until?: string;
  readonly limit?: string;
  readonly output?: string;
  readonly reader: "closewait" | "pcap-parser";
  readonly timeWait: string;
  readonly finTimeout: string;
  readonly strict?: true;
  readonly threads?: string;
  readonly progress: boolean;
  readonly utc?: true;
  readonly quiet?: true;
  readonly verbose?: true;
}

/** What the command line asks for, whatever the command. */
export interface Settings {
  readonly options: AnalyzeOptions;
  /** Path for the results; null: standard output. */
  readonly outputPath: string | null;
  /** null: the default of the format. */
  readonly rowCountMax: number | null;
  readonly progress: boolean;
  readonly utc: boolean;
  readonly detail: "quiet" | "normal" | "verbose";
}

/** Turns text into values, or throws one line that names the option. */
export function readSettings(raw: RawOptions): Settings {
  const utc = raw.utc === true;
  if (raw.quiet && raw.verbose) throw new CloseWaitError("usage", "-q and -v contradict each other");
  const from = readMoment("--from", raw.from, utc);
  const to = readMoment("--to", raw.to, utc);
  refuseEmptyPeriod(from, to);
  const selection = {
    hosts: eachInOption("--host", raw.host, parseAddress),
    nets: eachInOption("--net", raw.net, parseNetwork),
    ports: eachInOption("--port", raw.port, parsePort),
    holders: eachInOption("--holder", raw.holder, parseEndpoint),
  };
  return {
    options: {
      ...DEFAULT_OPTIONS,
      from,
      to,
      until: readMoment("--until", raw.until, utc),
      selection,
      timeWaitSeconds: inOption("--time-wait", () => parseSeconds(raw.timeWait)),
      finTimeoutSeconds: inOption("--fin-timeout", () => parseSeconds(raw.finTimeout)),
      reader: raw.reader,
      strict: raw.strict === true,
      threads: raw.threads === undefined ? undefined : inOption("--threads", () => parseThreads(raw.threads ?? "")),
    },
    outputPath: raw.output === undefined || raw.output === "-" ? null : raw.output,
    rowCountMax: raw.limit === undefined ? null : inOption("--limit", () => parseLimit(raw.limit ?? "")),
    progress: raw.progress && raw.quiet !== true,
    utc,
    detail: raw.quiet ? "quiet" : raw.verbose ? "verbose" : "normal",
  };
}

export function readMoment(name: string, text: string | undefined, utc: boolean): Moment | undefined {
  return text === undefined ? undefined : inOption(name, () => parseMoment(text, utc));
}

function refuseEmptyPeriod(from: Moment | undefined, to: Moment | undefined): void {
  if (from === undefined || to === undefined || from.kind === "end" || to.kind === "end" || from.kind !== to.kind)
    return;
  if (from.nanos > to.nanos) throw new CloseWaitError("usage", "--from is later than --to: no packet lies between");
}

import { type Command, Option } from "commander";
import { FLOW_ORDERS } from "../report/flow-order.ts";

/** Options that several commands share, so that each has one spelling and one meaning. */
export const GROUPS = {
  selection: "Select packets and flows (different options narrow, the same option again widens):",
  judgment: "What counts:",
  knowledge: "What else is known (- is standard input):",
  output: "Output:",
  reading: "Reading:",
  help: "Help:",
} as const;

export function addEndpoints(command: Command): void {
  command
    .optionsGroup(GROUPS.selection)
    .addOption(repeatable("--host <ip>", "flows of this address"))
    .addOption(repeatable("--net <cidr>", "flows of this network, such as 10.0.0.0/8"))
    .addOption(repeatable("--port <n>", "flows of this port, at either end"));
}

export function addHolder(command: Command): void {
  command.optionsGroup(GROUPS.selection).addOption(repeatable("--holder <ip[:port]>", "flows whose holder this is"));
}

export function addPeriod(command: Command): void {
  command
    .optionsGroup(GROUPS.selection)
    .option("--from <time>", "ignore packets before; ISO 8601, epoch, +12.5s (after the first packet), or end")
    .option("--to <time>", "ignore packets after");
}

export function addMinAge(command: Command): void {
  command.addOption(
    withDefault("--min-age <duration>", "younger half-closes are recent, not stuck; 250ms, 90s, 5m, 2h", "1s"),
  );
}

export function addUntil(command: Command): void {
  command.option("--until <time>", "the capture was running until then; a quiet capture cannot know");
}

export function addFailOn(command: Command): void {
  command.addOption(
    repeatable(
      "--fail-on <condition>",
      "exit with 1 if it holds: stuck, stuck>3, half-closed, half-closed>10, finding:<kind>, problem",
    ),
  );
}

/** Files that say more about the addresses of the captures. */
export function addKnowledge(command: Command): void {
  command
    .optionsGroup(GROUPS.knowledge)
    .option("--known-hosts <file>", "mark addresses that are not in this list: lines, /etc/hosts, or a registry's JSON")
    .option("--ports <file>", "name services by this file, such as /etc/services");
}

/** The host's own word. */
export function addHostSockets(command: Command): void {
  command
    .optionsGroup(GROUPS.knowledge)
    .option(
      "--ss <file>",
      "hold the capture, as of its end or --to, against what `ss -tanp` or `netstat -tanp` printed on the host",
    );
}

export function addTimers(command: Command): void {
  command
    .addOption(withDefault("--time-wait <duration>", "how long the kernels keep TIME-WAIT", "60s"))
    .addOption(withDefault("--fin-timeout <duration>", "how long they keep FIN-WAIT-2 of an orphaned socket", "60s"));
}

export interface OutputOptions {
  readonly formats: readonly string[];
  /** What `--limit` limits; without it there is no such option. */
  readonly limit?: string;
  /** What `-v` adds. */
  readonly verbose: string;
  /** Flows can be sorted. */
  readonly sorts?: boolean;
}

export function addOutput(command: Command, { formats, limit, verbose, sorts = false }: OutputOptions): void {
  command
    .addOption(new Option("-f, --format <format>", "how to print").choices(formats).default("table", "table"))
    .option("-o, --output <file>", "print into a file");
  if (limit !== undefined) command.option("--limit <n>", limit);
  if (sorts) command.addOption(new Option("--sort <order>", "order of the flows").choices(Object.keys(FLOW_ORDERS)));
  command
    .option("--utc", "print times in UTC, and read times without a zone as UTC")
    .option("-q, --quiet", "only the answer and the rows, no notes")
    .option("-v, --verbose", verbose)
    .option("--no-progress", "no progress on the terminal");
}

export function addFlowIds(command: Command): void {
  command
    .optionsGroup(GROUPS.selection)
    .addOption(repeatable("--flow <id>", "this flow: its id, as -v and JSON print it, or how the id begins"));
}

/** A capture is not printed in formats. */
export function addCaptureOutput(command: Command): void {
  command
    .optionsGroup(GROUPS.output)
    .requiredOption("-o, --output <file>", "the capture to write; - is standard output")
    .option("--annotate", "packet comments on what proves each verdict (pcapng)")
    .option("--snaplen <n>", "keep at most n octets of each packet")
    .option("--anonymize <keyfile>", "replace all addresses, keeping prefixes (Crypto-PAn), and keep only headers")
    .option("--utc", "read times without a zone as UTC")
    .option("-q, --quiet", "no summary, no warnings")
    .option("--no-progress", "no progress on the terminal");
}

export function addReading(command: Command): void {
  command
    .optionsGroup(GROUPS.reading)
    .addOption(
      new Option("--reader <reader>", "what reads classic pcap files")
        .choices(["closewait", "pcap-parser"])
        .default("closewait", "closewait"),
    )
    .option("--strict", "give up when one of several captures cannot be read")
    .option("--threads <n>", "threads to work with; the result is the same for any number (default: what suits)");
}

export function addHelp(command: Command): Command {
  return command.optionsGroup(GROUPS.help).helpOption("-h, --help", "print this help");
}

/** commander would print the default in quotation marks. */
function withDefault(flags: string, description: string, value: string): Option {
  return new Option(flags, description).default(value, value);
}

function repeatable(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text: string, before: readonly string[] = []) => [...before, text]);
}

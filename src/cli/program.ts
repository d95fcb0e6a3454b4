import { Command, Option } from "commander";
import { FLOW_ORDERS } from "../report/flow-order.ts";
import { FORMATS } from "./formats.ts";
import { ANALYZE_HELP, FLOWS_HELP, PROGRAM_HELP } from "./help-text.ts";
import type { CliIo } from "./io.ts";
import type { CommandName, RawOptions } from "./settings.ts";

export type RunCommand = (name: CommandName, captures: readonly string[], raw: RawOptions) => Promise<void>;

const SELECTION = "Select packets and flows (different options narrow, the same option again widens):";
const JUDGMENT = "What counts:";
const OUTPUT = "Output:";
const READING = "Reading:";

/** Declares the command line. What commander has to say goes out through `io`; it never ends the process. */
export function createProgram(io: CliIo, run: RunCommand): Command {
  const program = new Command("closewait");
  program
    .description(
      "Finds half-closed TCP connections in packet captures: which end holds a socket in CLOSE-WAIT, since when.",
    )
    .usage("[command] <captures...> [options]")
    .version(io.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      // Errors are printed by whoever catches them: one line, however many commander makes of it.
      writeErr: () => {},
      getOutHelpWidth: () => Math.min(100, io.stdout.columns ?? 100),
      getOutHasColors: () => false,
    })
    .configureHelp({ showGlobalOptions: false })
    .addHelpText("after", PROGRAM_HELP);

  declare(program.command("analyze", { isDefault: true }), "analyze", run)
    .summary("what is half-closed, who holds it, on what evidence (the default)")
    .description("Says which connections are half-closed, who holds them, since when, and on what evidence.")
    .addHelpText("after", ANALYZE_HELP);
  declare(program.command("flows"), "flows", run)
    .summary("every flow, one row")
    .description("Lists every flow with its verdict, the states of both ends, and what was transferred.")
    .addHelpText("after", FLOWS_HELP);
  return program;
}

function declare(command: Command, name: CommandName, run: RunCommand): Command {
  command
    .copyInheritedSettings(command.parent ?? command)
    .argument("<captures...>", "capture files (pcap, pcapng, also gzip), directories, globs, or - for standard input")
    .action((captures: string[], raw: RawOptions) => run(name, captures, raw));

  command
    .optionsGroup(SELECTION)
    .addOption(repeatable("--host <ip>", "flows of this address"))
    .addOption(repeatable("--net <cidr>", "flows of this network, such as 10.0.0.0/8"))
    .addOption(repeatable("--port <n>", "flows of this port, at either end"))
    .addOption(repeatable("--holder <ip[:port]>", "flows whose holder this is"))
    .option("--from <time>", "ignore packets before; ISO 8601, epoch, +12.5s (after the first packet), or end")
    .option("--to <time>", "ignore packets after");

  command
    .optionsGroup(JUDGMENT)
    .addOption(
      withDefault("--min-age <duration>", "younger half-closes are recent, not stuck; 250ms, 90s, 5m, 2h", "1s"),
    )
    .option("--until <time>", "the capture was running until then; a quiet capture cannot know")
    .addOption(
      repeatable(
        "--fail-on <condition>",
        "exit with 1 if it holds: stuck, stuck>3, half-closed, half-closed>10, finding:<kind>, problem",
      ),
    )
    .addOption(withDefault("--time-wait <duration>", "how long the kernels keep TIME-WAIT", "60s"))
    .addOption(withDefault("--fin-timeout <duration>", "how long they keep FIN-WAIT-2 of an orphaned socket", "60s"));

  command.optionsGroup(OUTPUT);
  if (name === "analyze")
    command.option("--all", "also list half-closes that have ended, if they lasted --min-age or longer");
  command
    .addOption(new Option("-f, --format <format>", "how to print").choices(FORMATS).default("table", "table"))
    .option("-o, --output <file>", "print into a file")
    .option("--limit <n>", limitHelp(name))
    .addOption(new Option("--sort <order>", "order of the flows").choices(Object.keys(FLOW_ORDERS)))
    .option("--utc", "print times in UTC, and read times without a zone as UTC")
    .option("-q, --quiet", "only the answer and the rows, no notes")
    .option("-v, --verbose", "also each capture, and what was skipped and why")
    .option("--no-progress", "no progress on the terminal");

  return command
    .optionsGroup(READING)
    .addOption(
      new Option("--reader <reader>", "what reads classic pcap files")
        .choices(["closewait", "pcap-parser"])
        .default("closewait", "closewait"),
    )
    .option("--strict", "give up when one of several captures cannot be read")
    .optionsGroup("Help:")
    .helpOption("-h, --help", "print this help");
}

/** commander would print the default in quotation marks. */
function withDefault(flags: string, description: string, value: string): Option {
  return new Option(flags, description).default(value, value);
}

function repeatable(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text: string, before: readonly string[] = []) => [...before, text]);
}

function limitHelp(name: CommandName): string {
  const tableDefault = name === "analyze" ? "a table has 20 flows and 10 holders" : "all";
  return `list at most n flows, or all (default: ${tableDefault})`;
}

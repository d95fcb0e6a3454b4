import { Command, Option } from "commander";
import { GROUPINGS } from "../analysis/groupings.ts";
import type { RawAnalysisOptions } from "./commands/analysis-settings.ts";
import type { RawAssertOptions } from "./commands/assert.ts";
import type { RawCompareOptions } from "./commands/compare.ts";
import type { RawExtractOptions } from "./commands/extract.ts";
import type { RawShowOptions } from "./commands/show.ts";
import type { RawStatesOptions } from "./commands/states.ts";
import { ANALYSIS_FORMATS, ASSERT_FORMATS, COMPARE_FORMATS, SHOW_FORMATS, STATES_FORMATS } from "./formats.ts";
import {
  ANALYZE_HELP,
  ASSERT_HELP,
  COMPARE_HELP,
  EXTRACT_HELP,
  FLOWS_HELP,
  PROGRAM_HELP,
  SHOW_HELP,
  STATES_HELP,
} from "./help-text.ts";
import type { CliIo } from "./io.ts";
import {
  addCaptureOutput,
  addEndpoints,
  addFailOn,
  addFlowIds,
  addHelp,
  addHolder,
  addHostSockets,
  addKnowledge,
  addMinAge,
  addOutput,
  addPeriod,
  addReading,
  addTimers,
  addUntil,
  GROUPS,
} from "./option-groups.ts";
import type { Invocation } from "./run-command.ts";

export type RunCommand = (invocation: Invocation) => Promise<void>;

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

  declareAnalysis(declare(program, "analyze", { isDefault: true }), "analyze", run)
    .summary("what is half-closed, who holds it, on what evidence (the default)")
    .description("Says which connections are half-closed, who holds them, since when, and on what evidence.")
    .addHelpText("after", ANALYZE_HELP);
  declareAnalysis(declare(program, "flows"), "flows", run)
    .summary("every flow, one row")
    .description("Lists every flow with its verdict, the states of both ends, and what was transferred.")
    .addHelpText("after", FLOWS_HELP);
  declareStates(declare(program, "states"), run)
    .summary("every socket at a moment, like `ss -tan`")
    .description(
      "Lists the sockets that existed at a moment with their states, as `ss -tan` on their hosts would have.",
    )
    .addHelpText("after", STATES_HELP);
  declareShow(declare(program, "show"), run)
    .summary("one flow as a ladder, line by line")
    .description("Shows one flow line by line: times, frames, who sent what, and the states of both ends after it.")
    .addHelpText("after", SHOW_HELP);
  declareExtract(declare(program, "extract"), run)
    .summary("only the packets of selected flows, as a capture for Wireshark")
    .description("Writes the packets of the half-closed flows, or of those that are selected, into a capture.")
    .addHelpText("after", EXTRACT_HELP);
  declareCompare(declare(program, "compare"), run)
    .summary("two capture points of the same connections: which FIN was lost between them")
    .description(
      "Says which SYN, FIN, RST or ACK of a FIN was lost between two capture points of the same connections.",
    )
    .addHelpText("after", COMPARE_HELP);
  declareAssert(declare(program, "assert"), run)
    .summary("assertions for CI, also as JUnit XML")
    .description("Fails, with exit code 1, unless everything that is asserted holds.")
    .addHelpText("after", ASSERT_HELP);
  program.commands.forEach(refuseOptionsAsValues);
  return program;
}

/** commander would take `-o` for the key file in `--anonymize -o out.pcap`, and miss the output. */
function refuseOptionsAsValues(command: Command): void {
  for (const option of command.options.filter(({ required }) => required)) {
    command.on(`option:${option.name()}`, (value: string) => {
      const [name] = value.split("=");
      const isOption = command.options.some(({ short, long }) => value === short || name === long);
      if (isOption) command.error(`${option.long}: a value is missing before ${value}`);
    });
  }
}

function declare(program: Command, name: string, options: { readonly isDefault?: boolean } = {}): Command {
  return program
    .command(name, options)
    .copyInheritedSettings(program)
    .argument(
      "<captures...>",
      "capture files (pcap, pcapng, also gzip, zstd, lz4, xz, bzip2), directories, globs, or - for standard input",
    );
}

function declareAnalysis(command: Command, name: "analyze" | "flows", run: RunCommand): Command {
  command.action((captures: string[], raw: RawAnalysisOptions) => run({ command: name, captures, raw }));
  addEndpoints(command);
  addHolder(command);
  addPeriod(command);
  command.optionsGroup(GROUPS.judgment);
  addMinAge(command);
  addUntil(command);
  addFailOn(command);
  addTimers(command);
  if (name === "analyze") addHostSockets(command);
  addKnowledge(command);
  command.optionsGroup(GROUPS.output);
  if (name === "analyze") {
    command.addOption(new Option("--group-by <what>", "also count half-closes by this").choices(GROUPINGS));
    command.option("--all", "also list half-closes that have ended, if they lasted --min-age or longer");
  }
  const limitDefault = name === "analyze" ? "a table has 20 flows and 10 holders" : "all";
  addOutput(command, {
    formats: ANALYSIS_FORMATS,
    limit: `list at most n flows, or all (default: ${limitDefault})`,
    verbose: "also each capture, the ids of the flows, and what was skipped and why",
    sorts: true,
  });
  addReading(command);
  command.option("--follow", "read the newest capture on while it is being written, until Ctrl-C or --until");
  return addHelp(command);
}

function declareStates(command: Command, run: RunCommand): Command {
  command.action((captures: string[], raw: RawStatesOptions) => run({ command: "states", captures, raw }));
  command
    .optionsGroup("When:")
    .option("--at <time>", "the moment; ISO 8601, epoch, +12.5s (after the first packet), or end (default: end)")
    .option("--every <duration>", "every so often, from the first packet to the end; a table then has the counts");
  addEndpoints(command);
  addHolder(command);
  addPeriod(command);
  command.optionsGroup(GROUPS.judgment);
  addUntil(command);
  addTimers(command);
  command.optionsGroup(GROUPS.output).option("--count", "only how many sockets of each state each host has");
  addOutput(command, {
    formats: STATES_FORMATS,
    limit: "list at most n rows, or all (default: a table has 50)",
    verbose: "also the ids of the flows",
  });
  addReading(command);
  return addHelp(command);
}

function declareShow(command: Command, run: RunCommand): Command {
  command.action((captures: string[], raw: RawShowOptions) => run({ command: "show", captures, raw }));
  command
    .optionsGroup("Which flow:")
    .requiredOption(
      "--flow <id>",
      "its id, as -v and JSON print it, or how the id begins: client-server without the time",
    );
  addPeriod(command);
  command.optionsGroup(GROUPS.judgment);
  addUntil(command);
  addTimers(command);
  command.optionsGroup(GROUPS.output);
  addOutput(command, { formats: SHOW_FORMATS, verbose: "also absolute sequence numbers and windows" });
  addReading(command);
  return addHelp(command);
}

function declareExtract(command: Command, run: RunCommand): Command {
  command.action((captures: string[], raw: RawExtractOptions) => run({ command: "extract", captures, raw }));
  addEndpoints(command);
  addHolder(command);
  addFlowIds(command);
  command.option("--all", "also half-closes that have ended, if they lasted --min-age or longer");
  command.option("--all-flows", "every flow, half-closed or not");
  addPeriod(command);
  command.optionsGroup(GROUPS.judgment);
  addMinAge(command);
  addUntil(command);
  addTimers(command);
  addCaptureOutput(command);
  addReading(command);
  return addHelp(command);
}

function declareCompare(command: Command, run: RunCommand): Command {
  command.usage("[options] <captureA> <captureB>");
  command.action((captures: string[], raw: RawCompareOptions) => run({ command: "compare", captures, raw }));
  addEndpoints(command);
  addPeriod(command);
  command.optionsGroup(GROUPS.judgment);
  addUntil(command);
  command.optionsGroup(GROUPS.output).option("--all", "every connection, not only those in which the points differ");
  addOutput(command, {
    formats: COMPARE_FORMATS,
    limit: "list at most n connections, or all (default: a table has 20)",
    verbose: "as without it: there is no more to say",
  });
  addReading(command);
  return addHelp(command);
}

function declareAssert(command: Command, run: RunCommand): Command {
  command.action((captures: string[], raw: RawAssertOptions) => run({ command: "assert", captures, raw }));
  command
    .optionsGroup("What must hold (at least one):")
    .option("--no-stuck", "no flow is half-closed, for --min-age or longer if that is given, unless its holder sends")
    .option("--max-age <duration>", "no half-close, open or ended, lasted longer; 250ms, 90s, 5m, 2h")
    .option("--every-flow-closed", "every flow was closed by both ends, reset or refused")
    .addOption(
      new Option("--no-finding <kind>", "there is no finding of this kind (repeatable)").argParser(
        (kind: string, before: true | readonly string[]) => [...(before === true ? [] : before), kind],
      ),
    );
  addEndpoints(command);
  addHolder(command);
  addPeriod(command);
  command
    .optionsGroup(GROUPS.judgment)
    .option("--min-age <duration>", "younger half-closes are not stuck (default: those of any age are)");
  addUntil(command);
  addTimers(command);
  command.optionsGroup(GROUPS.output);
  addOutput(command, { formats: ASSERT_FORMATS, verbose: "as without it: there is no more to say" });
  addReading(command);
  return addHelp(command);
}

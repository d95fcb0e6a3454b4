import { parseSeconds } from "../../analysis/duration.ts";
import { CloseWaitError } from "../../errors.ts";
import type { Extraction, ExtractOptions } from "../../extract/extraction.ts";
import { formatCount } from "../../report/count.ts";
import { sanitize } from "../../report/sanitize.ts";
import { listen } from "../ask.ts";
import { EXIT_CODES } from "../exit-code.ts";
import type { CaptureOutput, CliIo } from "../io.ts";
import { parseAnonymizeKey } from "../parse/anonymize-key.ts";
import { inOption } from "../parse/in-option.ts";
import { parseSnapLength } from "../parse/snap-length.ts";
import { type RawOptions, readSettings, type Settings } from "../settings.ts";

export interface RawExtractOptions extends RawOptions {
  readonly minAge: string;
  readonly flow?: readonly string[];
  readonly all?: true;
  readonly allFlows?: true;
  readonly output: string;
  readonly annotate?: true;
  readonly snaplen?: string;
  readonly anonymize?: string;
}

const STANDARD_OUTPUT = "-";

/** `closewait extract`. Returns the exit code. */
export async function runExtract(captures: readonly string[], raw: RawExtractOptions, io: CliIo): Promise<number> {
  const settings = withFlows(readSettings(raw), raw);
  const extract = readExtractOptions(raw, io);
  const capture = await openOutput(raw.output, captures, io);
  try {
    const extraction = await listen<Extraction>(
      settings,
      { ask: ({ extractFlows }, options) => extractFlows(captures, capture, extract, options), tell() {} },
      io.stdout,
      io,
    );
    await capture.commit();
    if (settings.detail !== "quiet") summarize(extraction, extract, raw.output, io);
    return EXIT_CODES.analyzed;
  } catch (error) {
    capture.discard();
    throw error;
  }
}

function withFlows(settings: Settings, raw: RawExtractOptions): Settings {
  const flows = raw.allFlows ? "every" : raw.all ? "ever" : "half-closed";
  const minAgeSeconds = inOption("--min-age", () => parseSeconds(raw.minAge));
  return { ...settings, options: { ...settings.options, minAgeSeconds, flows } };
}

function readExtractOptions(raw: RawExtractOptions, io: CliIo): ExtractOptions {
  const { output, annotate = false, snaplen, anonymize } = raw;
  const format = /\.(pcap|cap|dmp)$/i.test(output) ? "pcap" : "pcapng";
  if (/\.(gz|zst|lz4)$/i.test(output)) {
    throw new CloseWaitError(
      "usage",
      `-o ${sanitize(output)}: captures are written uncompressed; leave the ending out`,
    );
  }
  if (annotate && format === "pcap") {
    throw new CloseWaitError("usage", "--annotate: a pcap file has no room for comments; let -o end in .pcapng");
  }
  return {
    ids: raw.flow ?? [],
    format,
    annotate,
    snapLength: snaplen === undefined ? null : inOption("--snaplen", () => parseSnapLength(snaplen)),
    anonymizeKey:
      anonymize === undefined ? null : inOption("--anonymize", () => parseAnonymizeKey(readKey(anonymize, io))),
  };
}

function readKey(path: string, io: CliIo): Uint8Array {
  try {
    return io.readFile(path);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new CloseWaitError("usage", `cannot read ${sanitize(path)} (${reason})`, {}, cause);
  }
}

async function openOutput(path: string, captures: readonly string[], io: CliIo): Promise<CaptureOutput> {
  if (path === STANDARD_OUTPUT && io.stdout.isTerminal) {
    throw new CloseWaitError("usage", "-o -: standard output is a terminal; name a file, or pipe it into tshark -r -");
  }
  return io.openCapture(path === STANDARD_OUTPUT ? null : path, captures);
}

function summarize(extraction: Extraction, { anonymizeKey }: ExtractOptions, path: string, io: CliIo): void {
  const { flows, packets, octets, observedUntil, points } = extraction;
  const { commentsLost, leftOut, unfitTimes } = extraction;
  const count = (number: number, noun: string) => `${formatCount(number)} ${noun}${number === 1 ? "" : "s"}`;
  const target = path === STANDARD_OUTPUT ? "standard output" : sanitize(path);
  const say = (text: string) => io.stderr.write(`closewait: ${text}\n`);
  say(`${count(flows, "flow")}, ${count(packets, "packet")}, ${count(octets, "byte")} written to ${target}`);
  if (anonymizeKey !== null) say("addresses were replaced and only headers kept: no payload, names or comments");
  if (leftOut > 0) say(`${count(leftOut, "packet")} left out: no IP header to keep`);
  if (commentsLost > 0) say(`${count(commentsLost, "comment")} left out: a pcap file has no room for them`);
  if (unfitTimes > 0) say(`${count(unfitTimes, "packet")} with a time that the format cannot hold`);
  if (points > 1) say(`${points} capture points became one: what the latest saw counts as observed for all`);
  if (observedUntil !== null) {
    say(
      `the source goes on until ${observedUntil}, which a pcap file cannot say: use --until, or let -o end in .pcapng`,
    );
  }
}

import { Analyst } from "./analysis/analyst.ts";
import { assembleAnalysis, captureReports } from "./analysis/assemble.ts";
import type { Conclusion } from "./analysis/conclusion.ts";
import { Extras, markingFlows } from "./analysis/extras.ts";
import { type Ladder, LadderMaker } from "./analysis/ladder.ts";
import { lookEvery, lookOnce } from "./analysis/looking-times.ts";
import type { Analysis } from "./analysis/model.ts";
import { type AnalyzeOptions, DEFAULT_OPTIONS, type Moment } from "./analysis/options.ts";
import { SocketCensus, type SocketTable } from "./analysis/sockets.ts";
import { timersOf } from "./analysis/timers.ts";
import type { ByteInput } from "./capture/byte-source.ts";
import type { Comparison } from "./compare/model.ts";
import { Casebook } from "./diagnosis/casebook.ts";
import { diagnose } from "./diagnosis/diagnose.ts";
import type { ByteSink } from "./extract/byte-sink.ts";
import type { Extraction, ExtractOptions } from "./extract/extraction.ts";
import { replayCaptures } from "./pipeline.ts";

/** What is half-closed, who holds it, since when, on what evidence. */
export async function analyzeCaptures(
  inputs: readonly ByteInput[],
  options: Partial<AnalyzeOptions> = {},
): Promise<Analysis> {
  const casebook = new Casebook(options.minAgeSeconds ?? DEFAULT_OPTIONS.minAgeSeconds);
  let extras: Extras | null = null;
  const observe = (conclusion: Conclusion) => {
    casebook.add(conclusion);
    extras?.observe(conclusion);
  };
  const { reading, sink } = await replayCaptures(inputs, options, (started) => {
    extras = new Extras(started);
    const marked = { ...started, options: { ...started.options, onFlow: markingFlows(started) } };
    return new Analyst(marked, null, observe);
  });
  const result = sink.result();
  const findings = diagnose(casebook, reading, (holder) => sink.closingTimes(holder));
  const analysis = assembleAnalysis(reading, result, findings);
  return extras === null ? analysis : (extras as Extras).addTo(analysis);
}

/** When to look at the sockets. */
export type Look = { readonly at: Moment } | { readonly everySeconds: number };

/** The sockets that existed at a moment, or at regular moments. */
export async function listSockets(
  inputs: readonly ByteInput[],
  look: Look,
  options: Partial<AnalyzeOptions> = {},
): Promise<SocketTable[]> {
  const { reading, sink } = await replayCaptures(
    inputs,
    options,
    ({ clock, observation, options: { selection, ...rest } }) =>
      new SocketCensus({
        clock,
        observation,
        selection,
        timers: timersOf(rest),
        times: "at" in look ? lookOnce(clock, look.at) : lookEvery(look.everySeconds * 1e9),
      }),
  );
  options.onRead?.(captureReports(reading));
  return sink.result();
}

/**
 * One flow as a ladder: its transcript line by line, with the states of both ends.
 *
 * @param flow a flow's id, or the beginning of one
 * @throws CloseWaitError (usage) when no flow, or more than one, has that name
 */
export async function showFlow(
  inputs: readonly ByteInput[],
  flow: string,
  options: Partial<AnalyzeOptions> = {},
): Promise<Ladder> {
  const { reading, sink } = await replayCaptures(inputs, options, (started) => new LadderMaker(started, flow));
  options.onRead?.(captureReports(reading));
  return sink.result();
}

/**
 * Only the packets of some flows, written as a capture. The captures are read twice, or three times if comments are to be added; what can
 * be read only once is kept in a temporary file.
 *
 * @throws CloseWaitError (usage) when a flow does not exist, or when a pcap file would need several link types
 */
export async function extractFlows(
  inputs: readonly ByteInput[],
  sink: ByteSink,
  extract: ExtractOptions,
  options: Partial<AnalyzeOptions> = {},
): Promise<Extraction> {
  const { rereadable } = await import("./extract/spool.ts");
  const { FlowPicker } = await import("./extract/flow-picker.ts");
  const { writeFlows } = await import("./extract/extraction.ts");
  const sources = await rereadable(inputs);
  try {
    const flows = extract.ids.length > 0 ? "every" : (options.flows ?? "half-closed");
    const wanted = { ids: extract.ids, conclusions: extract.annotate };
    const { reading, sink: picker } = await replayCaptures(
      sources.inputs,
      { ...options, flows, onProgress: ofSeveralPasses(options.onProgress, extract.annotate ? 3 : 2) },
      (started) => new FlowPicker(started, wanted),
    );
    options.onRead?.(captureReports(reading));
    return await writeFlows(reading, picker, sink, extract, {
      // Stopped once: what was read until then is written nevertheless.
      signal: options.signal?.aborted ? undefined : options.signal,
      onProgress: (bytesRead, bytesTotal, packets) => options.onProgress?.({ bytesRead, bytesTotal, packets }),
    });
  } finally {
    sources.close();
  }
}

/** The first pass is not all that there is to do. */
function ofSeveralPasses(tell: AnalyzeOptions["onProgress"], passCount: number): AnalyzeOptions["onProgress"] {
  return (progress) => {
    const { bytesTotal } = progress;
    tell?.({ ...progress, bytesTotal: bytesTotal === null ? null : bytesTotal * passCount });
  };
}

/**
 * Two capture points of the same connections: how their clocks differ, which SYN, FIN, ACK of a FIN or RST only one of them saw, and what
 * became of each connection by all that both saw.
 */
export async function compareCaptures(
  inputs: { readonly a: readonly ByteInput[]; readonly b: readonly ByteInput[] },
  flows: "differing" | "every",
  options: Partial<AnalyzeOptions> = {},
): Promise<Comparison> {
  const { compare } = await import("./compare/comparison.ts");
  const { PointLog } = await import("./compare/point-log.ts");
  const { Settlement } = await import("./compare/settlement.ts");
  const read = async (of: readonly ByteInput[], settle?: InstanceType<typeof Settlement>) => {
    const { reading, sink } = await replayCaptures(
      of,
      { ...options, flows: "half-closed" },
      (started) => new PointLog(started, settle && ((view) => settle.settle(view))),
    );
    options.onRead?.(captureReports(reading));
    return sink;
  };
  const a = await read(inputs.a);
  const settlement = new Settlement(a.takeViews());
  // Only what is to be listed has to be kept.
  const b = await read(inputs.b, flows === "every" ? undefined : settlement);
  return compare({ a, b }, settlement, flows);
}

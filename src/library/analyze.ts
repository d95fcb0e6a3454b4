import type { Analysis } from "../analysis/model.ts";
import { analyzeCaptures } from "../questions.ts";
import { type CaptureInput, readInputs } from "./inputs.ts";
import { type AnalyzeOptions, readOptions } from "./options.ts";

/**
 * What is half-closed, who holds it, since when, on what evidence: what `closewait analyze -f json` prints, as typed data.
 * Several inputs are read as one: rotated files in the order of what is in them, overlapping ones merged by time.
 *
 * Lists flows that are half-closed at the end, unless `flows: "ever"` or `"every"` asks for more; `totals` counts all of them.
 * Times are ISO 8601 in UTC with nanoseconds, durations are seconds, `frame` counts the records of its capture from 1, as Wireshark does.
 *
 * @example
 * const { totals, flows } = await analyze("traffic.pcap", { until: new Date() });
 *
 * @throws CloseWaitError when nothing can be read; what is wrong inside a readable capture is in `captures[].problems`
 * @see RFC 9293, section 3.6 (half-closed connections) and 3.3.2 (names of the states)
 */
export async function analyze(
  input: CaptureInput | readonly CaptureInput[],
  options: AnalyzeOptions = {},
): Promise<Analysis> {
  return analyzeCaptures(readInputs(input), readOptions(options));
}

import type { Ladder } from "../analysis/ladder.ts";
import { showFlow as showFlowOf } from "../questions.ts";
import { type CaptureInput, readInputs } from "./inputs.ts";
import { type AnalyzeOptions, readOptions } from "./options.ts";

/**
 * One flow line by line, with the states of both ends after each: what `closewait show -f json` prints, as typed data.
 *
 * @param flow its id, or the beginning of one
 * @throws CloseWaitError ("usage") when no flow, or more than one, has that name
 */
export async function showFlow(
  input: CaptureInput | readonly CaptureInput[],
  flow: string,
  options: AnalyzeOptions = {},
): Promise<Ladder> {
  return showFlowOf(readInputs(input), flow, readOptions(options));
}

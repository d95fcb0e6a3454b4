import type { SocketTable } from "../analysis/sockets.ts";
import { listSockets as listSocketsOf } from "../questions.ts";
import { type CaptureInput, readInputs } from "./inputs.ts";
import { type AnalyzeOptions, type MomentInput, readMoment, readOptions } from "./options.ts";

/** When to look: at one moment, or every so many seconds from the first packet to the end. */
export type Look = { readonly at: MomentInput } | { readonly everySeconds: number };

/**
 * The sockets that existed at a moment, or at regular moments: what `closewait states -f json` prints, as typed data.
 *
 * @example
 * const [table] = await listSockets("traffic.pcap", { at: "+10s" });
 *
 * @throws CloseWaitError when nothing can be read
 */
export async function listSockets(
  input: CaptureInput | readonly CaptureInput[],
  look: Look,
  options: AnalyzeOptions = {},
): Promise<SocketTable[]> {
  const when = "at" in look ? { at: readMoment("at", look.at) } : look;
  return listSocketsOf(readInputs(input), when, readOptions(options));
}

import { Clock } from "../analysis/clock.ts";
import type { Timestamp } from "../analysis/model.ts";
import type { CaptureSummary } from "../capture/capture.ts";
import { type CaptureSet, openCaptures } from "../capture/capture-set.ts";
import { linkTypeName } from "../capture/link-types.ts";
import type { ReaderChoice } from "../capture/open-reader.ts";
import type { RecordTurn } from "../capture/record-turns.ts";
import { type CaptureInput, readInputs } from "./inputs.ts";

export interface OpenOptions {
  /** Our own readers, or the package pcap-parser as an independent second one. */
  readonly reader?: ReaderChoice | undefined;
  /** Throw if any of several inputs cannot be read. */
  readonly strict?: boolean | undefined;
  /** Ends the reading early. */
  readonly signal?: AbortSignal | undefined;
}

/** One captured packet. */
export interface PacketRecord {
  /** Place of its capture in `captures`. */
  readonly capture: number;
  /** Counts the records of its capture from 1, as Wireshark does. */
  readonly frame: number;
  /** ISO 8601 in UTC with nanoseconds. */
  readonly at: Timestamp;
  /** The same as nanoseconds since the epoch. */
  readonly epochNanos: bigint;
  /** LINKTYPE_ name of the interface, such as `EN10MB` (https://www.tcpdump.org/linktypes.html). */
  readonly linkType: string;
  /** Octets on the wire; more than `octets` has when the snapshot length cut it. */
  readonly originalLength: number;
  /** What was captured, from the link layer on. Yours to keep. */
  readonly octets: Uint8Array;
}

/** Facts about one capture file or stream: of what was read so far, complete after the last record. */
export type CaptureFacts = Pick<
  CaptureSummary,
  "path" | "format" | "compression" | "linkTypes" | "packets" | "cutShort" | "dropped"
> & {
  readonly problems: readonly { readonly kind: string; readonly count: number; readonly message: string }[];
};

/** An open capture, to be iterated once. */
export interface OpenCapture extends AsyncIterable<PacketRecord> {
  /** What was opened, in the order of first records. */
  readonly captures: readonly CaptureFacts[];
  /** Lets go of the files. Leaving a loop over the records does so, too. */
  close(): Promise<void>;
}

/**
 * Opens captures and reads their packets, as they are, without judging them: of several inputs merged by time.
 *
 * @example
 * const capture = await openCapture("traffic.pcapng.gz");
 * for await (const { frame, at, octets } of capture) console.log(frame, at, octets.length);
 * console.log(capture.captures[0]?.problems);
 *
 * @throws CloseWaitError when nothing can be read
 * @see https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/ and https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/
 */
export async function openCapture(
  input: CaptureInput | readonly CaptureInput[],
  options: OpenOptions = {},
): Promise<OpenCapture> {
  const set = await openCaptures(readInputs(input), options);
  const turns = set.turns()[Symbol.asyncIterator]();
  return {
    captures: set.captures,
    [Symbol.asyncIterator]: () => records(set, turns),
    close: async () => void (await turns.return?.()),
  };
}

async function* records(
  { baseNanos }: CaptureSet,
  turns: AsyncIterator<RecordTurn>,
): AsyncGenerator<PacketRecord, void, undefined> {
  const clock = new Clock(baseNanos);
  try {
    while (true) {
      const { done, value: turn } = await turns.next();
      if (done) return;
      const { record, capture } = turn;
      while (turn.next()) {
        const { view, offset, capturedLength, frame, time, originalLength } = record;
        yield {
          capture,
          frame,
          at: clock.timestamp(time),
          epochNanos: clock.nanos(time),
          linkType: linkTypeName(record.linkType),
          originalLength,
          octets: new Uint8Array(view.buffer, view.byteOffset + offset, capturedLength).slice(),
        };
      }
    }
  } finally {
    await turns.return?.();
  }
}

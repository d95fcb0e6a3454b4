import { basename } from "node:path";
import { flowOf } from "../analysis/flow.ts";
import type { Reading } from "../analysis/reading.ts";
import { timersOf } from "../analysis/timers.ts";
import { packetComments } from "../capture/packet-comments.ts";
import { VERSION } from "../version.ts";
import { Anonymizer } from "./anonymizer.ts";
import type { ByteSink, CaptureWriter, Origin } from "./byte-sink.ts";
import { Comments } from "./comments.ts";
import { CryptoPan } from "./crypto-pan.ts";
import { type EndpointWriter, evidenceOf, plainEndpoint } from "./evidence.ts";
import type { FlowPicker } from "./flow-picker.ts";
import { PcapWriter } from "./pcap-writer.ts";
import { PcapngWriter } from "./pcapng-writer.ts";
import type { PickedFlows } from "./picked-flows.ts";
import { type PassOptions, Rereading } from "./rereading.ts";

export interface ExtractOptions {
  /** Ids of flows, or beginnings of ids; empty: those that `AnalyzeOptions.flows` lists. */
  readonly ids: readonly string[];
  readonly format: "pcap" | "pcapng";
  /** Comments on the records that the verdicts rest on. pcapng only. */
  readonly annotate: boolean;
  /** Octets kept of a record; null: all. */
  readonly snapLength: number | null;
  /** KEY_OCTETS octets (`crypto-pan.ts`); null: addresses stay as they are. */
  readonly anonymizeKey: Uint8Array | null;
}

export interface Extraction {
  readonly flows: number;
  packets: number;
  octets: number;
  /** Comments of the source that a pcap file has no room for. */
  commentsLost: number;
  /** Records whose time does not fit into the output. */
  unfitTimes: number;
  /** Records that could not be anonymized, and so were left out. */
  leftOut: number;
  /** How far the source was observed, as ISO 8601; null: not beyond the last record, or the output says so itself. */
  observedUntil: string | null;
  /** Capture points of the source, which are one in the output. */
  readonly points: number;
}

/** The later passes: numbers the records if comments are to name them, then writes them. */
export async function writeFlows(
  reading: Reading,
  picker: FlowPicker,
  sink: ByteSink,
  options: ExtractOptions,
  pass: PassOptions,
): Promise<Extraction> {
  const picked = picker.result();
  const pan = options.anonymizeKey && new CryptoPan(options.anonymizeKey);
  const { observedUntil } = picker;
  const comments = commentsOf(reading, picked, pan);
  const { fragment, "fragment-incomplete": incomplete } = reading.decoder.skipped.byReason;
  const hasFragments = fragment + incomplete > 0;
  const rereading = new Rereading(reading, picked, 2 + Number(hasFragments) + Number(options.annotate));
  if (hasFragments) await rereading.findFragments(pass);
  if (options.annotate) await rereading.pass((record, capture) => comments.number(capture, record.frame), pass);

  const extraction: Extraction = {
    flows: picked.flowCount,
    packets: 0,
    octets: 0,
    commentsLost: 0,
    unfitTimes: 0,
    leftOut: 0,
    observedUntil: null,
    points: new Set(picker.captures.map((capture) => reading.captures[capture]?.point)).size,
  };
  const counting: ByteSink = {
    write(octets) {
      extraction.octets += octets.length;
      sink.write(octets);
    },
    patch: (at, octets) => sink.patch(at, octets),
  };
  const until = Number.isFinite(observedUntil) ? reading.clock.nanos(observedUntil) : null;
  const writer = writerOf(reading, counting, options, until);
  const anonymizer = pan && new Anonymizer(pan);
  let latest = 0n;
  await rereading.pass((record, capture, nanos) => {
    const { view, offset, capturedLength } = record;
    const frame =
      anonymizer === null
        ? { octets: octetsOf(view, offset, capturedLength), ...record }
        : anonymizer.anonymize(record);
    if (frame === null) {
      extraction.leftOut++;
      return;
    }
    const { octets, originalLength, linkType } = frame;
    const kept = options.snapLength === null ? octets : octets.subarray(0, options.snapLength);
    const source = reading.captures[capture];
    const found = pan === null && source?.format === "pcapng" ? packetComments(record) : [];
    const notes = [...found, ...comments.of(capture, record.frame)];
    if (options.format === "pcap") extraction.commentsLost += notes.length;
    const at = source?.isNanosecond ? nanos : nearestMicrosecond(nanos);
    writer.write({ octets: kept, originalLength, nanos: at, linkType, capture, comments: notes });
    extraction.packets++;
    if (nanos > latest) latest = nanos;
  }, pass);
  writer.finish();
  extraction.unfitTimes = writer.unfitTimes;
  if (options.format === "pcap" && until !== null && until > latest) {
    extraction.observedUntil = reading.clock.timestamp(observedUntil);
  }
  return extraction;
}

function commentsOf(reading: Reading, picked: PickedFlows, pan: CryptoPan | null): Comments {
  const comments = new Comments(reading.captures, pan === null);
  const write: EndpointWriter =
    pan === null ? plainEndpoint : ({ ip, port }) => plainEndpoint({ ip: pan.text(ip), port });
  const timers = timersOf(reading.options);
  for (const conclusion of picked.conclusions) {
    comments.add(evidenceOf(flowOf(conclusion, null, reading.clock, timers), write));
  }
  return comments;
}

function writerOf(
  reading: Reading,
  sink: ByteSink,
  { format, anonymizeKey }: ExtractOptions,
  until: bigint | null,
): CaptureWriter {
  const { captures } = reading;
  if (format === "pcap") {
    return new PcapWriter(
      sink,
      captures.some(({ isNanosecond }) => isNanosecond),
    );
  }
  const origins = captures.map(
    ({ path, isNanosecond, dropped }): Origin => ({
      name: anonymizeKey === null ? basename(path) : null,
      isNanosecond,
      dropped,
      observedUntil: until,
    }),
  );
  return new PcapngWriter(sink, {
    application: `closewait ${VERSION}`,
    originOf: (capture) => origins[capture] ?? NO_ORIGIN,
  });
}

const NO_ORIGIN: Origin = { name: null, isNanosecond: false, dropped: null, observedUntil: null };

/** Far from the base time a float64 cannot hold each nanosecond any more; what was a whole microsecond is one again. */
const nearestMicrosecond = (nanos: bigint): bigint => ((nanos + 500n) / 1000n) * 1000n;

const octetsOf = (view: DataView, offset: number, octets: number): Uint8Array =>
  new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset + offset, octets);

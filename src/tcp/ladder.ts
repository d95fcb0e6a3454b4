import {
  type Control,
  type EntryCursor,
  FLAGS_SHIFT,
  HAS_ACK,
  HAS_BARE,
  HAS_PAYLOAD,
  type Run,
  SENT_BY_B,
} from "../transcript/entries.ts";
import type { FlowKey, Fold } from "../transcript/fold.ts";
import { ACK, FIN, PSH, RST, SYN } from "../wire/segment-batch.ts";
import { advance, latest } from "../wire/sequence-number.ts";
import type { EndIndex } from "./conversation.ts";
import { type Endpoints, flowEndpoints } from "./endpoints.ts";
import { captureOf } from "./observe.ts";

/** One entry of a transcript, as plain data: a control segment, or a run of others in one direction. */
export interface Rung {
  readonly kind: "segment" | "run";
  readonly from: EndIndex;
  readonly at: number;
  readonly lastAt: number;
  readonly capture: number;
  readonly frame: number;
  readonly lastFrame: number;
  /** As tcpdump prints them: S F R P and a dot for ACK. */
  readonly flags: string;
  readonly segments: number;
  readonly payloadBytes: number;
  readonly seq: number;
  /** The sequence number after the last octet, SYN and FIN counted. */
  readonly seqEnd: number;
  readonly ack: number | null;
  readonly window: number;
}

/** Rungs kept of one 4-tuple: with more, the middle is left out. */
export const RUNG_COUNT_MAX = 10_000;

/** The transcript of one 4-tuple on its way to the replay. */
export interface Transcript {
  readonly endpoints: Endpoints;
  readonly rungs: Rung[];
  /** Rungs left out after the first half of RUNG_COUNT_MAX. */
  leftOut: number;
}

/** Stands before the replay and writes down the transcripts of the flows that are wanted. */
export class TranscriptCopyist implements Fold {
  readonly transcripts = new Map<string, Transcript>();
  readonly #replay: Fold;
  readonly #wants: (endpoints: Endpoints) => boolean;

  constructor(replay: Fold, wants: (endpoints: Endpoints) => boolean) {
    this.#replay = replay;
    this.#wants = wants;
  }

  fold(key: FlowKey, entries: EntryCursor, state: number): number {
    const endpoints = flowEndpoints(key);
    if (this.#wants(endpoints)) {
      const name = `${endpoints.map(({ ip, port }) => `${ip}|${port}`).join("|")}|${key.tunnel}`;
      const transcript = this.transcripts.get(name) ?? { endpoints, rungs: [], leftOut: 0 };
      this.transcripts.set(name, transcript);
      while (entries.next()) {
        write(transcript, entries.isControl ? controlRung(entries.control) : runRung(entries.run));
      }
      entries.rewind();
    }
    return this.#replay.fold(key, entries, state);
  }

  take(state: number): void {
    this.#replay.take(state);
  }

  keep(): number {
    return this.#replay.keep();
  }

  release(key: FlowKey): void {
    this.#replay.release(key);
  }

  get settleNanosMin(): number {
    return this.#replay.settleNanosMin;
  }
}

function write(transcript: Transcript, rung: Rung): void {
  transcript.rungs.push(rung);
  if (transcript.rungs.length <= RUNG_COUNT_MAX) return;
  transcript.rungs.splice(RUNG_COUNT_MAX / 2, 1);
  transcript.leftOut++;
}

const senderOf = (what: number): EndIndex => ((what & SENT_BY_B) !== 0 ? 1 : 0);

function controlRung(control: Control): Rung {
  const flags = control.what >>> FLAGS_SHIFT;
  const counted = control.length + ((flags & SYN) !== 0 ? 1 : 0) + ((flags & FIN) !== 0 ? 1 : 0);
  return {
    kind: "segment",
    from: senderOf(control.what),
    at: control.at,
    lastAt: control.lastAt,
    capture: control.capture,
    frame: control.frame >>> 0,
    lastFrame: control.lastFrame >>> 0,
    flags: flagText(flags),
    segments: control.copies,
    payloadBytes: control.length * control.copies,
    seq: control.seq,
    seqEnd: advance(control.seq, counted),
    ack: (flags & ACK) !== 0 ? control.ack : null,
    window: control.window,
  };
}

function runRung(run: Run): Rung {
  const { what } = run;
  const hasPayload = (what & HAS_PAYLOAD) !== 0;
  const bareEnd = (what & HAS_BARE) !== 0 ? run.bareSeq : run.seqLow;
  return {
    kind: "run",
    from: senderOf(what),
    at: run.firstAt,
    lastAt: run.lastAt,
    capture: captureOf(run),
    frame: run.firstFrame >>> 0,
    lastFrame: run.lastFrame >>> 0,
    flags: hasPayload ? "P." : ".",
    segments: run.segments,
    payloadBytes: run.payloadBytes,
    seq: run.seqLow,
    seqEnd: hasPayload ? latest(run.dataEnd, bareEnd) : bareEnd,
    ack: (what & HAS_ACK) !== 0 ? run.ack : null,
    window: run.windows & 0xffff,
  };
}

const FLAG_LETTERS: readonly (readonly [number, string])[] = [
  [SYN, "S"],
  [FIN, "F"],
  [RST, "R"],
  [PSH, "P"],
  [ACK, "."],
];

const flagText = (flags: number): string =>
  FLAG_LETTERS.map(([flag, letter]) => ((flags & flag) !== 0 ? letter : "")).join("");

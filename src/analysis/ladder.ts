import { CloseWaitError } from "../errors.ts";
import { peerOf } from "../tcp/conversation.ts";
import type { Endpoints } from "../tcp/endpoints.ts";
import type { FlowHistory } from "../tcp/history.ts";
import { type Rung, type Transcript, TranscriptCopyist } from "../tcp/ladder.ts";
import { spanAt, timelineOf } from "../tcp/timeline.ts";
import type { Fold } from "../transcript/fold.ts";
import { distance, unsigned } from "../wire/sequence-number.ts";
import { conclude } from "./conclusion.ts";
import { flowOf } from "./flow.ts";
import { endpointText, type FlowName, flowName, idOf, isCalled } from "./flow-name.ts";
import type { BySide, Flow, Side, StateName, Timestamp } from "./model.ts";
import type { Reading } from "./reading.ts";
import { RoleGuesser } from "./roles.ts";
import { timersOf } from "./timers.ts";

/** A sequence or acknowledgment number, from the ISN (as Wireshark and tcpdump print it) and as it stands in the header. */
export interface NumberPair {
  readonly relative: number;
  readonly absolute: number;
}

/** One line of the ladder: a segment with SYN, FIN or RST, or a run of others in one direction. */
export interface LadderLine {
  readonly kind: "segment" | "run";
  readonly from: Side;
  readonly at: Timestamp;
  readonly lastAt: Timestamp;
  readonly capture: number;
  readonly frame: number;
  readonly lastFrame: number;
  /** As tcpdump prints them: S F R P and a dot for ACK. */
  readonly flags: string;
  readonly segments: number;
  readonly payloadBytes: number;
  readonly seq: NumberPair;
  readonly seqEnd: NumberPair;
  readonly ack: NumberPair | null;
  readonly window: number;
  /** Of both ends after this line, with hindsight. */
  readonly states: BySide<StateName>;
  /** What this line proves. */
  readonly marks: readonly string[];
}

export interface Ladder {
  readonly flow: Flow;
  readonly lines: readonly LadderLine[];
  /** Lines left out in the middle of a very long flow. */
  readonly leftOut: number;
}

/** Ids listed when a name fits several flows. */
const LISTED_ID_COUNT = 5;

/** Finds the flow that was asked for, and draws it from its transcript. */
export class LadderMaker {
  readonly needsTimeWait = true;
  readonly #reading: Reading;
  readonly #wanted: string;
  readonly #roles = new RoleGuesser();
  readonly #histories: FlowHistory[] = [];
  #copyist: TranscriptCopyist | null = null;

  /** `wanted`: a flow id, or the beginning of one. */
  constructor(reading: Reading, wanted: string) {
    this.#reading = reading;
    this.#wanted = wanted;
  }

  watch(replay: Fold): Fold {
    this.#copyist = new TranscriptCopyist(replay, (endpoints) => this.#mayBeWanted(endpoints));
    return this.#copyist;
  }

  add(history: FlowHistory): void {
    this.#roles.learn(history);
    if (this.#mayBeWanted([history.ends[0], history.ends[1]])) this.#histories.push(history);
  }

  /** @throws CloseWaitError (usage) when no flow, or more than one, has that name */
  result(): Ladder {
    const found = this.#histories.filter((history) =>
      isCalled(this.#nameOf(history), this.#wanted, this.#reading.clock),
    );
    const [history, ...others] = found.sort((a, b) => a.order - b.order);
    if (history === undefined) {
      throw new CloseWaitError(
        "usage",
        `no flow is called ${this.#wanted}: "closewait flows -f ndjson" prints all ids`,
      );
    }
    if (others.length > 0) {
      const ids = found.slice(0, LISTED_ID_COUNT).map((one) => this.#idOf(one));
      const more = found.length > ids.length ? ", …" : "";
      throw new CloseWaitError("usage", `${found.length} flows are called so, name one: ${ids.join(", ")}${more}`);
    }
    return this.#draw(history);
  }

  #mayBeWanted(endpoints: Endpoints): boolean {
    const [a, b] = endpoints.map(({ ip, port }) => endpointText(ip, port));
    const [wanted = ""] = this.#wanted.split("@");
    return `${a}-${b}`.startsWith(wanted) || `${b}-${a}`.startsWith(wanted);
  }

  #clientOf(history: FlowHistory) {
    return history.opener ?? this.#roles.client(history);
  }

  #nameOf(history: FlowHistory): FlowName {
    return flowName(history, this.#clientOf(history));
  }

  #idOf(history: FlowHistory): string {
    return idOf(this.#nameOf(history), this.#reading.clock);
  }

  #draw(history: FlowHistory): Ladder {
    const { clock, observation, options } = this.#reading;
    const client = this.#clientOf(history);
    const until = observation.endOfFlow(history.captures);
    const timers = timersOf(options);
    const loss = observation.lossUntil(history.captures);
    const flow = flowOf(conclude(history, client, until, options.minAgeSeconds, loss), null, clock, timers);
    const transcript = this.#transcriptOf(history);
    const rungs = transcript?.rungs.filter((rung) => isPartOf(rung, history)) ?? [];
    rungs.sort((a, b) => a.at - b.at || a.frame - b.frame);

    const timeline = timelineOf(history, timers);
    const zero = ([0, 1] as const).map((end) => numberingOf(history, end, rungs));
    const pair = (end: number, absolute: number): NumberPair => ({
      relative: distance(zero[end] ?? 0, absolute),
      absolute: unsigned(absolute),
    });
    const lines = rungs.map((rung): LadderLine => {
      const { from, at, lastAt, seq, seqEnd, ack, ...rest } = rung;
      return {
        ...rest,
        from: from === client ? "client" : "server",
        at: clock.timestamp(at),
        lastAt: clock.timestamp(lastAt),
        seq: pair(from, seq),
        seqEnd: pair(from, seqEnd),
        ack: ack === null ? null : pair(peerOf(from), ack),
        states: {
          client: spanAt(timeline[client], lastAt).state,
          server: spanAt(timeline[peerOf(client)], lastAt).state,
        },
        marks: marksOf(rung, from === client ? "client" : "server", flow),
      };
    });
    return { flow, lines, leftOut: transcript?.leftOut ?? 0 };
  }

  #transcriptOf({ ends, tunnel }: FlowHistory): Transcript | undefined {
    const name = `${ends.map(({ ip, port }) => `${ip}|${port}`).join("|")}|${tunnel}`;
    return this.#copyist?.transcripts.get(name);
  }
}

/** Other incarnations of the 4-tuple stand in the same transcript, and their SYN may come while this one lasts (rule 8). */
function isPartOf({ at, lastAt, from, flags, seq }: Rung, { firstAt, lastAt: until, ends }: FlowHistory): boolean {
  const { syn } = ends[from];
  const ofAnother = flags.startsWith("S") && syn !== null && syn.isn !== unsigned(seq);
  return lastAt >= firstAt && at <= until && !ofAnother;
}

/** What relative numbers of an end count from: its ISN, or, mid-stream, so that the first octet seen is 1. */
function numberingOf(history: FlowHistory, end: 0 | 1, rungs: readonly Rung[]): number {
  const { syn } = history.ends[end];
  if (syn !== null) return syn.isn | 0;
  const own = rungs.find(({ from }) => from === end);
  const acknowledged = rungs.find(({ from, ack }) => from !== end && ack !== null);
  return ((own?.seq ?? acknowledged?.ack ?? 1) - 1) | 0;
}

/** The verdict's evidence, where it stands. */
function marksOf(rung: Rung, from: Side, { halfClose, reset, closer, holder }: Flow): string[] {
  const shows = (evidence: { readonly capture: number; readonly frame: number } | null | undefined): boolean =>
    evidence != null &&
    evidence.capture === rung.capture &&
    evidence.frame >= rung.frame &&
    evidence.frame <= rung.lastFrame;
  const marks: string[] = [];
  if (halfClose !== null) {
    if (from === closer && rung.kind === "segment" && shows(halfClose.fin))
      marks.push(`FIN: ${holder} enters CLOSE-WAIT`);
    if (from === holder && shows(halfClose.finAck))
      marks.push(`acknowledges the FIN in frame ${halfClose.finAck.frame}`);
    const { end } = halfClose;
    if (end !== null && from === end.sender && shows(end)) {
      marks.push(`ends the half-close (${end.by}${end.cause === null ? "" : `, ${end.cause}`})`);
    }
  }
  if (reset !== null && from === reset.sender && shows(reset) && marks.length === 0)
    marks.push("resets the connection");
  return marks;
}

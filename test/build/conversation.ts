/**
 * Conversations as tcpdump would print them, with numbers that count from each party's ISN:
 *
 *     0.000   c > s  [S]   seq 0  win 64240  <mss 1460,sackOK,TS val 100 ecr 0,wscale 7>
 *     +0.001  s > c  [S.]              # a number left out is the next one; an acknowledgment covers all that was sent
 *     +0.001  c > s  [.]
 *     1.000   c > s  [P.]  seq 1:101  ack 1
 *     10m     --  other traffic        # an unrelated datagram: observation goes on
 *     --- isn c 900000 s 700000        # a new incarnation: from here on 0 means something else
 *
 * Times: `0.040`, `+0.040` (since the line before), `10m`, `1m0.5s`, `+250ms`. Numbers: `101`, `-1`, or `=3000000000` as it stands
 * in the header, which is never noted for what comes next. Attributes in any order: seq, ack, win, id, ttl, length, options in `<>`.
 */
import type { CaptureFrame } from "./capture-frame.ts";
import { type Captured, framesOf, isSegment } from "./captured.ts";
import { type PcapngOptions, type PcapOptions, pcapFile, pcapngFile } from "./captures.ts";
import { withEachFrameTwice } from "./copies.ts";
import type { Endpoint, FrameOptions, TestSegment } from "./frames.ts";
import { withNoise } from "./noise.ts";
import { parseNotation } from "./notation.ts";
import { type CastOptions, castOf } from "./parties.ts";
import { Stage } from "./stage.ts";

export interface ConversationOptions extends CastOptions, Presentation {
  /** When the clock of the notation shows zero: ISO 8601, to the millisecond. */
  readonly epoch?: string;
}

/** How the conversation was captured; all methods take it too, and theirs goes first. */
export interface Presentation extends FrameOptions {
  /** Every frame twice, see `withEachFrameTwice`. */
  readonly duplicate?: { readonly delayNanos: bigint; readonly burst?: number };
  /** Foreign frames in between, one behind every so many; see `withNoise`. */
  readonly noise?: { readonly every: number };
}

const EPOCH = "2026-01-01T00:00:00Z";
const NANOS_PER_MILLISECOND = 1_000_000n;

/** Throws with the line number on anything that is not in the notation. */
export function conversation(text: string, options: ConversationOptions = {}): Conversation {
  const { epoch = EPOCH } = options;
  const cast = castOf(options);
  const stage = new Stage(cast, BigInt(Date.parse(epoch)) * NANOS_PER_MILLISECOND);
  const captured = parseNotation(text).flatMap((statement) => stage.play(statement));
  const endpoints = new Map([...cast].map(([name, { endpoint }]) => [name, endpoint]));
  return new Conversation(captured, endpoints, options);
}

export class Conversation {
  /** Segments and other traffic in capture order. */
  readonly captured: readonly Captured[];
  readonly parties: ReadonlyMap<string, Endpoint>;
  readonly #presentation: Presentation;

  constructor(captured: readonly Captured[], parties: ReadonlyMap<string, Endpoint>, presentation: Presentation) {
    this.captured = captured;
    this.parties = parties;
    this.#presentation = presentation;
  }

  get segments(): TestSegment[] {
    return this.captured.filter(isSegment);
  }

  /** The same with each item replaced; `undefined` leaves it out. */
  with(change: (item: Captured, index: number) => Captured | undefined): Conversation {
    const captured = this.captured.map(change).filter((item) => item !== undefined);
    return new Conversation(captured, this.parties, this.#presentation);
  }

  frames(presentation: Presentation = {}): CaptureFrame[] {
    const how = { ...this.#presentation, ...presentation };
    const frames = framesOf(this.captured, how);
    const twice = how.duplicate ? withEachFrameTwice(frames, how.duplicate.delayNanos, how.duplicate.burst) : frames;
    return how.noise ? withNoise(twice, { ...how, ...how.noise }) : twice;
  }

  pcap(options: Presentation & PcapOptions = {}): Uint8Array {
    return pcapFile(this.frames(options), { linkType: this.#link(options), ...options });
  }

  pcapng(options: Presentation & PcapngOptions = {}): Uint8Array {
    return pcapngFile(this.frames(options), { linkType: this.#link(options), ...options });
  }

  #link(presentation: Presentation): NonNullable<Presentation["link"]> {
    return presentation.link ?? this.#presentation.link ?? "EN10MB";
  }
}

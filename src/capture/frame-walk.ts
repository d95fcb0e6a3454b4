/** A few octets of a compressed stream, and what becomes of them. */
export interface Step {
  readonly octets: number;
  /** The layout is shown them; at most FIELD_OCTETS_MAX. */
  readonly look: boolean;
  /** Undecided: held back, and handed to the decoder only if the next step's octets are. So begins a frame. */
  readonly to: "decoder" | "nowhere" | "undecided";
  /** A block is complete: the decoder may as well work on it. */
  readonly ends: boolean;
}

/** Why nothing more is handed on. `padding`: zeros follow the last frame, as tape drives and object stores add them. */
export type Ending = "padding" | "broken" | { readonly unsupported: string };

/** A format's own description of itself: yields the steps, is shown the octets it asked for, returns what it cannot be. */
export type Layout = Generator<Step, Ending, Uint8Array>;

/** What a frame may return: null, and the next one follows. */
export type FrameLayout = Generator<Step, Ending | null, Uint8Array>;

export const FIELD_OCTETS_MAX = 16;

/** Blocks are handed on one by one, but the smallest together: a million empty ones may not cost a million calls. */
const PIECE_OCTETS_MIN = 512;

const MAGIC: Step = { octets: 4, look: true, to: "undecided", ends: false };

/** Octets the layout wants to see. */
export function field(octets: number): Step {
  return { octets, look: true, to: "decoder", ends: false };
}

/** Octets only the decoder understands. */
export function content(octets: number): Step {
  return { octets, look: false, to: "decoder", ends: true };
}

/** Any number of frames of one format, with skippable ones between them (both formats share those). */
export function* framesOf(magic: number, frame: () => FrameLayout): Layout {
  while (true) {
    const found = little(yield MAGIC);
    if (found === 0) return "padding";
    if (isSkippable(found)) {
      const octets = little(yield { octets: 4, look: true, to: "nowhere", ends: false });
      yield { octets, look: false, to: "nowhere", ends: false };
    } else if (found === magic) {
      const ending = yield* frame();
      if (ending !== null) return ending;
    } else {
      return "broken";
    }
  }
}

/** 0x184D2A50 to 0x184D2A5F: user data in front of, between or behind frames, e.g. pzstd's sizes. */
export function isSkippable(magic: number): boolean {
  return magic >>> 4 === 0x184d2a5;
}

/** A number of up to four octets, least significant first. */
export function little(octets: Uint8Array): number {
  return octets.reduceRight((value, octet) => value * 256 + octet, 0);
}

/**
 * Walks along the frames of a compressed stream without decompressing it. It knows what no decoder tells alike: where a frame ends,
 * whether the input ends inside of one, and how much memory one asks for. Does no I/O.
 */
export class FrameWalk {
  ending: Ending | null = null;
  readonly #layout: Layout;
  readonly #field = new Uint8Array(FIELD_OCTETS_MAX);
  #step: Step = MAGIC;
  /** Octets of the step that have come. */
  #got = 0;

  constructor(layout: Layout) {
    this.#layout = layout;
    layout.next(new Uint8Array(0)); // every layout begins with a magic number
  }

  /** Whether the input may end here. */
  get isBetweenFrames(): boolean {
    return this.#step.to === "undecided" && this.#field.subarray(0, this.#got).every((octet) => octet === 0);
  }

  /** What is to be decompressed of the next chunk. No piece reaches beyond its frame. */
  *pieces(chunk: Uint8Array): Generator<Uint8Array> {
    let [from, at] = [0, 0];
    while (at < chunk.length && this.ending === null) {
      const { octets, look, to, ends } = this.#step;
      const part = chunk.subarray(at, at + octets - this.#got);
      if (look) this.#field.set(part, this.#got);
      at += part.length;
      this.#got += part.length;
      if (to !== "decoder") from = at;
      if (this.#got < octets) break;

      const magic = to === "undecided" ? this.#field.slice(0, octets) : null;
      const isGoingOn = this.#advance();
      if (magic !== null && isGoingOn) yield magic;
      if (!isGoingOn || (ends && at - from >= PIECE_OCTETS_MIN)) {
        if (from < at) yield chunk.subarray(from, at);
        from = at;
      }
    }
    if (from < at) yield chunk.subarray(from, at);
  }

  /** Takes the next step that has octets; false if they do not go to the decoder, or there is none. */
  #advance(): boolean {
    do {
      const { done, value } = this.#layout.next(this.#field.subarray(0, this.#step.octets));
      this.#got = 0;
      if (done) {
        this.ending = value;
        return false;
      }
      this.#step = value;
    } while (this.#step.octets === 0);
    return this.#step.to === "decoder";
  }
}

/** Plays the steps of one flow: keeps both ends' numbers and time stamps, and writes down every segment. */
import { wrapped } from "../build/numbering.ts";
import type { FinStep, OpenStep, ProbeStep, ReuseStep, Role, Step } from "./steps.ts";

export type Side = "c" | "s";

/** Something captured, with absolute numbers; who the parties are is not known here. */
export interface Line {
  /** Microseconds since the line before. */
  readonly pause: number;
  /** null: other traffic. */
  readonly segment: Segment | null;
}

export interface Segment {
  readonly from: Side;
  readonly flags: string;
  readonly seq: number;
  /** null without the flag. */
  readonly ack: number | null;
  readonly length: number;
  readonly window: number;
  /** In the notation. */
  readonly options: string;
  /** What the ISNs were when it was sent. */
  readonly isns: Isns;
}

export type Isns = Readonly<Record<Side, number>>;

export interface DialogueOptions {
  readonly isns: Isns;
  /** The end whose FIN is meant to come first. */
  readonly closer: Side;
  readonly timestamps: boolean;
  /** Steps that no TCP would take are left out: payload behind the own FIN, anything but a SYN after a reset or where nobody answers. */
  readonly lawful: boolean;
}

const ON_THE_WIRE = 200;
const PROBE_INTERVAL = 2_000_000;
const RETRANSMISSION = 300_000;
/** Linux chooses later ISNs of a 4-tuple ahead of earlier ones. */
const ISN_ADVANCE = { c: 900_000, s: 700_000 } as const;
const other = (side: Side): Side => (side === "c" ? "s" : "c");

class End {
  next: number;
  /** What it has received of the other end. */
  received = 0;
  window = 64_240;
  hasClosed = false;
  tsval: number;
  echo = 0;

  constructor(isn: number) {
    this.next = isn;
    this.tsval = wrapped(isn * 7);
  }
}

export function linesOf(steps: readonly Step[], options: DialogueOptions): Line[] {
  const dialogue = new Dialogue(options);
  for (const step of steps) dialogue.play(step);
  return dialogue.lines;
}

class Dialogue {
  readonly lines: Line[] = [];
  readonly #options: DialogueOptions;
  #isns: Isns;
  #ends: Record<Side, End>;
  #pause = 0;
  #isOver = false;

  constructor(options: DialogueOptions) {
    this.#options = options;
    this.#isns = options.isns;
    this.#ends = this.#newEnds();
  }

  play(step: Step): void {
    if (this.#options.lawful && !this.#isLawful(step)) return;
    this.#wait(step.pause);
    switch (step.do) {
      case "open":
        this.#open(step);
        break;
      case "simultaneous-open":
        this.#openAtOnce();
        break;
      case "payload": {
        const from = this.#side(step.from);
        this.#send(from, "P.", { length: step.length });
        if (step.acked) this.#answer(other(from));
        break;
      }
      case "ack":
        this.#answer(this.#side(step.from), step.pause);
        break;
      case "repeat": {
        const last = this.lines.findLast(({ segment }) => segment?.from === this.#side(step.from));
        if (last?.segment) this.#write(last.segment);
        break;
      }
      case "lose":
        this.#ends[this.#side(step.from)].next += 300;
        break;
      case "fin":
        this.#fin(step);
        break;
      case "cross-fins":
        this.#crossFins();
        break;
      case "reset":
        this.#reset(step);
        break;
      case "probe":
        this.#probe(step);
        break;
      case "window":
        this.#ends[this.#side(step.from)].window = step.size;
        this.#answer(this.#side(step.from), step.pause);
        break;
      case "reuse":
        this.#reuse(step);
        break;
      case "other-traffic":
        this.lines.push({ pause: this.#taken(), segment: null });
    }
  }

  #isLawful(step: Step): boolean {
    if (step.do === "open" || step.do === "simultaneous-open") return this.lines.length === 0;
    if (step.do === "reuse" || step.do === "other-traffic") return true;
    if (this.#isOver) return false;
    if (step.do === "payload" || step.do === "lose") return !this.#ends[this.#side(step.from)].hasClosed;
    if (step.do === "fin") return !this.#ends[this.#side(step.from)].hasClosed && this.#canAnswer(step);
    if (step.do === "cross-fins") return !this.#ends.c.hasClosed && !this.#ends.s.hasClosed;
    return true;
  }

  #canAnswer({ from, acked }: FinStep): boolean {
    return acked !== "by payload" || !this.#ends[other(this.#side(from))].hasClosed;
  }

  #open({ syns, synAcks, thirdAck, fastOpen, answerFirst }: OpenStep): void {
    const synOptions = this.#synOptions();
    const firstSyn = this.lines.length;
    this.#send("c", "S", { length: fastOpen, options: synOptions });
    for (let copy = 1; copy < syns; copy++) this.#again(3 ** copy * RETRANSMISSION);
    this.#wait(ON_THE_WIRE);
    this.#send("s", "S.", { options: synOptions });
    for (let copy = 1; copy < synAcks; copy++) this.#again(3 ** copy * RETRANSMISSION);
    if (answerFirst) this.#exchangeLines(firstSyn, this.lines.length - 1);
    if (thirdAck) this.#answer("c");
  }

  #openAtOnce(): void {
    const options = this.#synOptions();
    this.#send("c", "S", { options });
    this.#send("s", "S", { options, ack: null });
    this.#send("c", "S.", { seq: this.#isns.c, options });
    this.#send("s", "S.", { seq: this.#isns.s, options });
  }

  #fin({ from: role, copies, length, withAck, acked, echo, before }: FinStep): void {
    const from = this.#side(role);
    const me = this.#ends[from];
    const peer = this.#ends[other(from)];
    const late = before > 0 ? this.#segment(from, "P.", { length: before }) : null;
    if (late) me.next = wrapped(me.next + before);
    const firstEcho = me.tsval;
    const seq = me.next;
    me.hasClosed = true;
    this.#send(from, withAck ? "F." : "F", { length, ...(withAck ? {} : { ack: null }) });
    for (let copy = 1; copy < copies; copy++) {
      this.#wait(2 ** copy * RETRANSMISSION);
      me.tsval = wrapped(me.tsval + 300);
      this.#send(from, withAck ? "F." : "F", { seq, length, ...(withAck ? {} : { ack: null }) });
    }
    if (late) {
      this.#wait(ON_THE_WIRE);
      this.#write(late);
    }
    if (echo === "first") peer.echo = firstEcho;
    const dsack = `sack 1 {=${seq}:${wrapped(seq + length + 1)}}`;
    if (acked === "bare") this.#answer(other(from));
    else if (acked === "by payload") this.#answerWith(other(from), "P.", { length: 77 });
    else if (acked === "payload only") this.#answerWith(other(from), ".", { ack: wrapped(seq + length) });
    else if (acked === "with SACK of the copy") this.#answerWith(other(from), ".", { options: [dsack] });
  }

  /** Neither FIN acknowledges the other. */
  #crossFins(): void {
    const { c, s } = this.#ends;
    const [fromC, fromS] = [this.#segment("c", "F.", {}), this.#segment("s", "F.", {})];
    this.#write(fromC);
    this.#write(fromS);
    [c.hasClosed, s.hasClosed] = [true, true];
    [c.next, s.next] = [wrapped(c.next + 1), wrapped(s.next + 1)];
    [c.received, s.received] = [s.next, c.next];
    this.#answer("s");
    this.#answer("c");
  }

  #reset({ from: role, number, withAck }: Extract<Step, { do: "reset" }>): void {
    const from = this.#side(role);
    const me = this.#ends[from];
    const { received } = this.#ends[other(from)];
    const seq = {
      exact: me.next,
      "in window": wrapped(me.next + 50),
      stale: wrapped(me.next - 100_000),
      "what was acknowledged": received,
    }[number];
    this.#isOver = number === "exact" || number === "what was acknowledged";
    this.#write(this.#segment(from, withAck ? "R." : "R", { seq, ...(withAck ? {} : { ack: null }) }));
  }

  #probe({ from: role, times, length, answered }: ProbeStep): void {
    const from = this.#side(role);
    const seq = wrapped(this.#ends[from].next - 1);
    for (let time = 0; time < times; time++) {
      if (time > 0) this.#wait(PROBE_INTERVAL);
      this.#write(this.#segment(from, ".", { seq, length }));
      if (answered) this.#answer(other(from));
    }
  }

  /** The client connects again from the same port. */
  #reuse({ how }: ReuseStep): void {
    const old = this.#ends;
    this.#isOver = false;
    const challenge = this.#segment("s", ".", {});
    this.#isns = { c: wrapped(this.#isns.c + ISN_ADVANCE.c), s: wrapped(this.#isns.s + ISN_ADVANCE.s) };
    this.#ends = this.#newEnds();
    const opening = {
      do: "open",
      pause: 0,
      syns: 1,
      synAcks: 1,
      thirdAck: true,
      fastOpen: 0,
      answerFirst: false,
    } as const;
    if (how === "answered") {
      this.#open(opening);
      return;
    }
    this.#send("c", "S", { options: this.#synOptions() });
    this.#wait(ON_THE_WIRE);
    this.#write(challenge);
    if (how === "blocked") {
      this.#wait(3 * RETRANSMISSION);
      this.#ends = this.#newEnds();
      this.#send("c", "S", { options: this.#synOptions() });
      this.#wait(ON_THE_WIRE);
      this.#write(challenge);
      this.#isOver = true;
      return;
    }
    this.#wait(ON_THE_WIRE);
    this.#write({ ...challenge, from: "c", flags: "R", seq: old.s.received, ack: null, options: "" });
    this.#wait(3 * RETRANSMISSION);
    this.#ends = this.#newEnds();
    this.#open(opening);
  }

  #answer(from: Side, pause = ON_THE_WIRE): void {
    this.#pause = pause;
    this.#write(this.#segment(from, ".", {}));
  }

  #answerWith(from: Side, flags: string, given: Given): void {
    this.#wait(ON_THE_WIRE);
    this.#send(from, flags, given);
  }

  /** Writes a segment that arrives: the other end knows its numbers from then on. */
  #send(from: Side, flags: string, given: Given): void {
    const segment = this.#segment(from, flags, given);
    this.#write(segment);
    const me = this.#ends[from];
    const end = wrapped(segment.seq + segment.length + (/[SF]/.test(flags) ? 1 : 0));
    if (wrapped(end - me.next) < 2 ** 31) me.next = end;
    const peer = this.#ends[other(from)];
    peer.received = me.next;
    peer.echo = me.tsval;
    me.tsval = wrapped(me.tsval + 1);
  }

  #segment(from: Side, flags: string, given: Given): Segment {
    const me = this.#ends[from];
    const acknowledges = flags.includes(".");
    const options = [...(given.options ?? [])];
    if (this.#options.timestamps && !flags.includes("R")) {
      options.push(`TS val ${me.tsval} ecr ${acknowledges ? me.echo : 0}`);
    }
    return {
      from,
      flags,
      seq: given.seq ?? me.next,
      ack: acknowledges ? (given.ack ?? me.received) : null,
      length: given.length ?? 0,
      window: me.window,
      options: options.join(","),
      isns: this.#isns,
    };
  }

  #write(segment: Segment): void {
    this.lines.push({ pause: this.#taken(), segment });
  }

  #again(pause: number): void {
    const last = this.lines.at(-1);
    if (last) this.lines.push({ ...last, pause });
  }

  #exchangeLines(one: number, another: number): void {
    const [a, b] = [this.lines[one] as Line, this.lines[another] as Line];
    this.lines[one] = { ...b, pause: a.pause };
    this.lines[another] = { ...a, pause: b.pause };
  }

  #synOptions(): string[] {
    return this.#options.timestamps ? ["mss 1460", "sackOK", "wscale 7"] : ["mss 1460"];
  }

  #newEnds(): Record<Side, End> {
    const ends = { c: new End(this.#isns.c), s: new End(this.#isns.s) };
    // Where the capture starts in midstream, each end has received all that the other has sent.
    [ends.c.received, ends.s.received] = [ends.s.next, ends.c.next];
    return ends;
  }

  #side(role: Role): Side {
    return role === "closer" ? this.#options.closer : other(this.#options.closer);
  }

  #wait(pause: number): void {
    this.#pause += pause;
  }

  #taken(): number {
    const pause = this.#pause;
    this.#pause = 0;
    return pause;
  }
}

interface Given {
  readonly seq?: number;
  readonly ack?: number | null;
  readonly length?: number;
  readonly options?: readonly string[];
}

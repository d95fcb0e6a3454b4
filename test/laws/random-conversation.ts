/**
 * Random conversations for the laws: several flows, interleaved, each with a teardown of its own and then disturbed as captures disturb
 * them. What comes out is notation (`test/build/conversation.ts`), so a counterexample can be read, and pasted into a test.
 */
import fc from "fast-check";
import { type Conversation, type ConversationOptions, conversation } from "../build/conversation.ts";
import { wrapped } from "../build/numbering.ts";
import { type Isns, type Line, linesOf, type Segment, type Side } from "./dialogue.ts";
import { steps } from "./scenes.ts";
import { pause, type Step } from "./steps.ts";

export class RandomConversation {
  readonly text: string;
  readonly options: ConversationOptions;
  readonly conversation: Conversation;

  constructor(text: string, options: ConversationOptions) {
    this.text = text;
    this.options = options;
    this.conversation = conversation(text, options);
  }

  /** What fast-check prints. */
  [fc.toStringMethod](): string {
    return `\n${this.text}\n`;
  }

  /** The part of the capture that one flow is. */
  only(parties: readonly [string, string]): Conversation {
    const told = this.text.split("\n").filter((line) => {
      const [, from, to] = / (\w+) +> (\w+) /.exec(line) ?? /--- isn (\w+) \d+ (\w+)/.exec(line) ?? [];
      return from === undefined || (parties.includes(from) && parties.includes(to as string));
    });
    return conversation(told.join("\n"), this.options);
  }
}

/** What a capture loses or confuses. `at` is a place in the flow; behind its end nothing happens. */
type Disturbance =
  | { readonly kind: "swap" | "drop"; readonly at: number }
  | { readonly kind: "repeat"; readonly at: number; readonly later: number; readonly pause: number }
  | { readonly kind: "begin"; readonly at: number }
  | { readonly kind: "only"; readonly side: Side };

interface FlowPlan {
  readonly steps: readonly Step[];
  readonly disturbances: readonly Disturbance[];
  readonly closer: Side;
  readonly timestamps: boolean;
  /** IP identification 0, as some stacks have it. */
  readonly withoutIds: boolean;
  readonly place: Place;
  /** Microseconds after the beginning. */
  readonly startsAt: number;
  readonly isns: Isns;
}

type Place = "v4, client lower" | "v4, client higher" | "v6, client lower" | "v6, client higher" | "loopback";

const ENDPOINTS: Readonly<Record<Place, { readonly client: (flow: number) => string; readonly server: string }>> = {
  "v4, client lower": { client: (flow) => `10.0.0.5:${40_000 + flow}`, server: "10.0.0.9:8080" },
  "v4, client higher": { client: (flow) => `10.0.0.5:${40_000 + flow}`, server: "10.0.0.3:443" },
  "v6, client lower": { client: (flow) => `[2001:db8::5]:${40_000 + flow}`, server: "[2001:db8::9]:8080" },
  "v6, client higher": { client: (flow) => `[2001:db8::5]:${40_000 + flow}`, server: "[2001:db8::3]:443" },
  loopback: { client: (flow) => `127.0.0.1:${40_000 + flow}`, server: "127.0.0.1:5432" },
};
const PLACES = Object.keys(ENDPOINTS) as Place[];
const SERVER_NAMES = new Map(PLACES.map((place, index) => [place, `s${index + 1}`]));

/** Equal numbers would make two flows look like one connection seen twice. */
const ISN_STEP = 1_000_003;
/** Identical segments without an identification are copies if they come within 3 ms; this keeps copies of them apart, too. */
const APART_MICROS = 10_000;

const at = fc.nat({ max: 40 });
const disturbance: fc.Arbitrary<Disturbance> = fc.oneof(
  fc.record({ kind: fc.constantFrom("swap" as const, "drop" as const), at }),
  fc.record({ kind: fc.constant("repeat" as const), at, later: fc.nat({ max: 6 }), pause }),
  fc.record({ kind: fc.constant("begin" as const), at: fc.nat({ max: 12 }) }),
  fc.record({ kind: fc.constant("only" as const), side: fc.constantFrom<Side>("c", "s") }),
);

const isn = fc.oneof(
  fc.nat({ max: 2 ** 31 - 1 }).map((number) => number * 2),
  fc.integer({ min: -400, max: 10 }).map(wrapped),
);

const plan: fc.Arbitrary<FlowPlan> = fc.record({
  steps,
  disturbances: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(disturbance, { maxLength: 3 }) },
  ),
  closer: fc.constantFrom<Side>("c", "s"),
  timestamps: fc.boolean(),
  withoutIds: fc.integer({ min: 0, max: 5 }).map((n) => n === 5),
  place: fc.constantFrom(...PLACES),
  startsAt: fc.oneof(fc.nat({ max: 3_000 }), fc.nat({ max: 5_000_000 })),
  isns: fc.record({ c: isn, s: isn }),
});

const planWithIds = plan.map((one): FlowPlan => ({ ...one, withoutIds: false, place: IN_V4[one.place] }));

const IN_V4: Readonly<Record<Place, Place>> = {
  "v4, client lower": "v4, client lower",
  "v4, client higher": "v4, client higher",
  "v6, client lower": "v4, client lower",
  "v6, client higher": "v4, client higher",
  loopback: "loopback",
};

export interface ConversationShape {
  readonly flowsMax?: number;
  /** False: also what no TCP would send. True unless given. */
  readonly lawful?: boolean;
  /** True: all datagrams have an IP identification, so IPv4 only. False unless given. */
  readonly withIds?: boolean;
}

export function randomConversation({
  flowsMax = 4,
  lawful = true,
  withIds = false,
}: ConversationShape = {}): fc.Arbitrary<RandomConversation> {
  return fc
    .record({ plans: fc.array(withIds ? planWithIds : plan, { minLength: 1, maxLength: flowsMax }), silence: pause })
    .map(({ plans, silence }) => told(plans, silence, lawful));
}

interface Entry {
  /** Microseconds since the beginning. */
  readonly at: number;
  readonly flow: number;
  readonly segment: Segment | null;
}

function told(plans: readonly FlowPlan[], silence: number, lawful: boolean): RandomConversation {
  const entries = plans.flatMap((one, flow) => entriesOf(one, flow, lawful)).sort((a, b) => a.at - b.at);
  const end = entries.at(-1)?.at ?? 0;
  entries.push({ at: end + silence, flow: 0, segment: null });

  const parties: Record<string, string> = {};
  for (const [flow, { place }] of plans.entries()) {
    parties[`c${flow + 1}`] = ENDPOINTS[place].client(flow);
    parties[SERVER_NAMES.get(place) as string] = ENDPOINTS[place].server;
  }
  const header = Object.entries(parties).map(([name, endpoint]) => `# ${name} ${endpoint}`);
  const writer = new Writer(plans);
  return new RandomConversation([...header, ...entries.flatMap((entry) => writer.lines(entry))].join("\n"), {
    parties,
  });
}

function entriesOf(one: FlowPlan, flow: number, lawful: boolean): Entry[] {
  const isns = { c: wrapped(one.isns.c + flow * ISN_STEP), s: wrapped(one.isns.s + flow * ISN_STEP) };
  let lines = linesOf(one.steps, { isns, closer: one.closer, timestamps: one.timestamps, lawful });
  for (const change of one.disturbances) lines = disturbed(lines, change);
  const latest = new Map<string, number>();
  let now = one.startsAt;
  return lines.map(({ pause, segment }) => {
    now += pause;
    const content = contentOf(segment);
    now = Math.max(now, (latest.get(content) ?? Number.NEGATIVE_INFINITY) + APART_MICROS);
    latest.set(content, now);
    return { at: now, flow, segment };
  });
}

/** What copies agree in: time stamps, but no other options. */
function contentOf(segment: Segment | null): string {
  return JSON.stringify({ ...segment, options: /TS .*$/.exec(segment?.options ?? "")?.[0], isns: undefined });
}

function disturbed(lines: readonly Line[], change: Disturbance): Line[] {
  if (change.kind === "only") return lines.filter(({ segment }) => segment === null || segment.from === change.side);
  const place = change.at;
  if (change.kind === "begin") return lines.slice(place);
  if (change.kind === "drop") return lines.toSpliced(place, 1);
  const [one, next] = [lines[place], lines[place + 1]];
  if (one === undefined) return [...lines];
  if (change.kind === "repeat") return lines.toSpliced(place + 1 + change.later, 0, { ...one, pause: change.pause });
  if (next === undefined) return [...lines];
  return lines.toSpliced(place, 2, { ...next, pause: one.pause }, { ...one, pause: next.pause });
}

/** Writes entries down as notation, and an ISN line where a flow or an incarnation begins. */
class Writer {
  readonly #plans: readonly FlowPlan[];
  readonly #isns = new Map<number, Isns>();
  readonly #seen = new Map<number, Set<Isns>>();

  constructor(plans: readonly FlowPlan[]) {
    this.#plans = plans;
  }

  lines({ at, flow, segment }: Entry): string[] {
    const time = `${Math.floor(at / 1e6)}.${String(at % 1e6).padStart(6, "0")}`;
    if (segment === null) return [`${time}  -- other traffic`];
    const { place, withoutIds } = this.#plans[flow] as FlowPlan;
    const names = { c: `c${flow + 1}`, s: SERVER_NAMES.get(place) as string };
    const isNew = this.#isNewIncarnation(flow, segment.isns);
    const isns = this.#isns.get(flow) as Isns;
    const { from, flags, length, window, options } = segment;
    const to = from === "c" ? "s" : "c";
    const number = (value: number, side: Side) => (segment.isns === isns ? signed(value - isns[side]) : `=${value}`);
    const attributes = [
      `seq ${number(segment.seq, from)}`,
      ...(segment.ack === null ? [] : [`ack ${number(segment.ack, to)}`]),
      ...(length > 0 ? [`length ${length}`] : []),
      ...(window === 64_240 ? [] : [`win ${window}`]),
      ...(withoutIds ? ["id 0"] : []),
      ...(options === "" ? [] : [`<${options}>`]),
    ];
    const line = `${time}  ${names[from]} > ${names[to]}  [${flags}]  ${attributes.join("  ")}`;
    return isNew ? [`--- isn ${names.c} ${isns.c} ${names.s} ${isns.s}`, line] : [line];
  }

  /** Segments of an earlier incarnation may come again: they do not bring its ISNs back. */
  #isNewIncarnation(flow: number, isns: Isns): boolean {
    const seen = this.#seen.get(flow) ?? new Set();
    this.#seen.set(flow, seen);
    if (seen.has(isns)) return false;
    seen.add(isns);
    this.#isns.set(flow, isns);
    return true;
  }
}

/** The shortest way round. */
function signed(difference: number): number {
  const number = wrapped(difference);
  return number < 2 ** 31 ? number : number - 2 ** 32;
}

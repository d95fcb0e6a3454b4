/** What may happen on a connection, as plain data that fast-check draws and shrinks. `dialogue.ts` turns it into segments. */
import fc from "fast-check";

/** The closer is the end whose FIN is to come first; a flow says whether that is its client. */
export type Role = "closer" | "holder";

export type Step =
  | OpenStep
  | SimpleStep<"simultaneous-open" | "cross-fins" | "other-traffic">
  | PayloadStep
  | FinStep
  | ResetStep
  | ProbeStep
  | WindowStep
  | ReuseStep
  | (Timed & { readonly do: "ack" | "repeat" | "lose"; readonly from: Role });

/** Every step begins a pause after what came before. */
export interface Timed {
  /** Microseconds. */
  readonly pause: number;
}

export interface SimpleStep<Name extends string> extends Timed {
  readonly do: Name;
}

export interface OpenStep extends Timed {
  readonly do: "open";
  readonly syns: number;
  readonly synAcks: number;
  readonly thirdAck: boolean;
  /** Payload on the SYN (RFC 7413). */
  readonly fastOpen: number;
  readonly answerFirst: boolean;
}

export interface PayloadStep extends Timed {
  readonly do: "payload";
  readonly from: Role;
  readonly length: number;
  readonly acked: boolean;
}

export interface FinStep extends Timed {
  readonly do: "fin";
  readonly from: Role;
  readonly copies: number;
  readonly length: number;
  /** The flag: a FIN without it is a FIN. */
  readonly withAck: boolean;
  readonly acked: "no" | "bare" | "by payload" | "payload only" | "with SACK of the copy";
  /** Whose time stamp the acknowledgment echoes. */
  readonly echo: "first" | "last";
  /** Payload that was sent before the FIN and is captured behind it. */
  readonly before: number;
}

export interface ResetStep extends Timed {
  readonly do: "reset";
  readonly from: Role;
  readonly number: "exact" | "in window" | "stale" | "what was acknowledged";
  readonly withAck: boolean;
}

export interface ProbeStep extends Timed {
  readonly do: "probe";
  readonly from: Role;
  readonly times: number;
  readonly length: 0 | 1;
  readonly answered: boolean;
}

export interface WindowStep extends Timed {
  readonly do: "window";
  readonly from: Role;
  readonly size: number;
}

export interface ReuseStep extends Timed {
  readonly do: "reuse";
  readonly how: "challenged" | "blocked" | "answered";
}

const MICROS_PER_SECOND = 1_000_000;

/** From the delay on a wire to a day; ties, and the time-outs of kernels, too. */
export const pause = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 900 }) },
  { weight: 2, arbitrary: fc.constantFrom(0, 40_000, 200_000, 1_000_000) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 4 * MICROS_PER_SECOND }) },
  { weight: 1, arbitrary: fc.constantFrom(20, 61, 125, 250, 600, 7200, 86_400).map((s) => s * MICROS_PER_SECOND) },
);

const role = fc.constantFrom<Role>("closer", "holder");
const short = fc.integer({ min: 1, max: 900 });
const octets = fc.oneof(fc.integer({ min: 1, max: 1448 }), fc.constant(1));
const rarely = (value: number, max: number) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: fc.integer({ min: value, max }) });
const mostly = fc.integer({ min: 0, max: 7 }).map((n) => n > 0);

/** Given fields stay as they are, the others are drawn. */
function step<S extends Step>(name: S["do"], drawn: { [K in keyof Omit<S, "do">]: fc.Arbitrary<S[K]> }) {
  return (given: Partial<S> = {}): fc.Arbitrary<Step> =>
    fc.record(drawn as Record<string, fc.Arbitrary<unknown>>).map((fields) => ({ do: name, ...fields, ...given }) as S);
}

export const open = step<OpenStep>("open", {
  pause: short,
  syns: rarely(1, 4),
  synAcks: rarely(1, 4),
  thirdAck: mostly,
  fastOpen: rarely(0, 300),
  answerFirst: mostly.map((usual) => !usual),
});
export const payload = step<PayloadStep>("payload", { pause, from: role, length: octets, acked: fc.boolean() });
export const fin = step<FinStep>("fin", {
  pause,
  from: role,
  copies: rarely(1, 7),
  length: rarely(0, 500),
  withAck: mostly,
  acked: fc.constantFrom("bare", "bare", "by payload", "no", "payload only", "with SACK of the copy"),
  echo: fc.constantFrom("first", "last"),
  before: rarely(0, 200),
});
export const reset = step<ResetStep>("reset", {
  pause,
  from: role,
  number: fc.constantFrom("exact", "exact", "in window", "stale", "what was acknowledged"),
  withAck: fc.boolean(),
});
export const probe = step<ProbeStep>("probe", {
  // Not before a retransmission time-out (window probes), and rather after hours (keep-alives).
  pause: pause.map((micros) => micros + 200_000),
  from: role,
  times: fc.integer({ min: 1, max: 5 }),
  length: fc.constantFrom(0, 1),
  answered: fc.boolean(),
});
export const window = step<WindowStep>("window", { pause, from: role, size: fc.constantFrom(0, 0, 1, 501, 65535) });
export const reuse = step<ReuseStep>("reuse", { pause, how: fc.constantFrom("challenged", "blocked", "answered") });
export const crossFins = step<SimpleStep<"cross-fins">>("cross-fins", { pause });
export const simultaneousOpen = step<SimpleStep<"simultaneous-open">>("simultaneous-open", { pause: short });
export const otherTraffic = step<SimpleStep<"other-traffic">>("other-traffic", { pause });
const bySide = (name: "ack" | "repeat" | "lose") =>
  step<Timed & { do: typeof name; from: Role }>(name, { pause, from: role });
export const ack = bySide("ack");
/** The last segment of an end again. */
export const repeat = bySide("repeat");
/** Payload that was sent and not captured. */
export const lose = bySide("lose");

export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: payload() },
  { weight: 5, arbitrary: fin() },
  { weight: 4, arbitrary: ack() },
  { weight: 3, arbitrary: repeat() },
  { weight: 3, arbitrary: reset() },
  { weight: 2, arbitrary: probe() },
  { weight: 2, arbitrary: window() },
  { weight: 2, arbitrary: reuse() },
  { weight: 1, arbitrary: lose() },
  { weight: 1, arbitrary: open() },
  { weight: 1, arbitrary: crossFins() },
  { weight: 1, arbitrary: otherTraffic() },
);

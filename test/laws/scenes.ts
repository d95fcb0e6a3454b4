/** The scenes that every build must tell apart, each with everything drawn that its right answer does not hang on. */
import fc from "fast-check";
import {
  ack,
  anyStep,
  crossFins,
  fin,
  lose,
  open,
  otherTraffic,
  payload,
  probe,
  type Role,
  repeat,
  reset,
  reuse,
  type Step,
  simultaneousOpen,
  window,
} from "./steps.ts";

type Steps = fc.Arbitrary<Step[]>;

const MICROS_PER_SECOND = 1_000_000;
const closer: Role = "closer";
const holder: Role = "holder";

const scene = (...steps: fc.Arbitrary<Step>[]): Steps => fc.tuple(...steps);
const halfClose = fin({ from: closer, acked: "bare", copies: 1, before: 0 });

const TEARDOWNS: Readonly<Record<string, Steps>> = {
  "the holder stays silent": scene(halfClose, otherTraffic({ pause: 600 * MICROS_PER_SECOND })),
  "the FIN is sent again, then acknowledged": scene(fin({ from: closer, copies: 2, acked: "bare" }), otherTraffic()),
  "the FIN is never acknowledged": scene(fin({ from: closer, copies: 6, acked: "no" }), payload({ from: holder })),
  "only the payload of the FIN is acknowledged": scene(fin({ from: closer, length: 100, acked: "payload only" })),
  "the FIN lies behind a hole": scene(lose({ from: closer }), fin({ from: closer, acked: "no", copies: 3 })),
  "the FIN comes once and nobody answers": scene(fin({ from: closer, copies: 1, acked: "no" }), otherTraffic()),
  "the half-close is in use": scene(
    halfClose,
    payload({ from: holder, acked: true }),
    payload({ from: holder, acked: true }),
    fin({ from: holder, acked: "bare" }),
  ),
  "payload acknowledges the FIN": scene(fin({ from: closer, acked: "by payload" }), otherTraffic()),
  "the FIN is captured before its payload": scene(
    fin({ from: closer, before: 120, acked: "bare" }),
    fin({ from: holder }),
  ),
  "keep-alives go on": scene(
    halfClose,
    probe({ from: holder, answered: true, times: 4, length: 0, pause: 60 * MICROS_PER_SECOND }),
  ),
  "the holder writes too late": scene(
    halfClose,
    payload({ from: holder, acked: false, pause: 199 * MICROS_PER_SECOND }),
    reset({ from: closer, number: "what was acknowledged", withAck: false, pause: 30 }),
  ),
  "the tuple is used again": scene(halfClose, reuse()),
  "the tuple is used again and again": scene(halfClose, reuse(), payload(), fin(), reuse()),
  "the holder closes late": scene(halfClose, fin({ from: holder, acked: "bare", pause: 700 * MICROS_PER_SECOND })),
  "both close at once": scene(crossFins()),
  "in order": scene(halfClose, fin({ from: holder, acked: "bare", copies: 1 })),
  "the holder does not read": scene(
    payload({ from: closer, acked: true }),
    window({ from: holder, size: 0 }),
    halfClose,
    otherTraffic(),
  ),
  "the closer does not read": scene(
    halfClose,
    payload({ from: holder, acked: true }),
    window({ from: closer, size: 0 }),
    probe({ from: holder, answered: true }),
  ),
  "a FIN without the ACK flag": scene(fin({ from: closer, withAck: false, acked: "bare", copies: 1 })),
  "the closer resets": scene(halfClose, reset({ from: closer, number: "exact" })),
  "the holder resets": scene(halfClose, reset({ from: holder, number: "exact" })),
  "the keep-alive runs out": scene(
    halfClose,
    probe({ from: holder, answered: false, times: 5, pause: 10 * MICROS_PER_SECOND }),
    reset({ from: holder, number: "exact", withAck: true }),
  ),
  "the ACK of the FIN gets lost": scene(halfClose, fin({ from: closer, acked: "bare" })),
  "a challenge ACK answers": scene(reset({ number: "in window" }), ack(), payload()),
  "copies at the end": scene(halfClose, fin({ from: holder }), repeat(), repeat(), repeat(), repeat()),
};

const beginnings: Steps = fc.oneof(
  { weight: 8, arbitrary: scene(open()) },
  { weight: 1, arbitrary: scene(simultaneousOpen()) },
  { weight: 2, arbitrary: fc.constant<Step[]>([]) },
);
const middles: Steps = fc.array(fc.oneof({ weight: 4, arbitrary: payload() }, { weight: 1, arbitrary: anyStep }), {
  maxLength: 4,
});
const teardowns: Steps = fc.oneof(
  { weight: 3, arbitrary: fc.oneof(...Object.values(TEARDOWNS)) },
  { weight: 2, arbitrary: fc.array(anyStep, { maxLength: 8 }) },
);
const aftermaths: Steps = fc.array(anyStep, { maxLength: 3 });

export const steps: Steps = fc.tuple(beginnings, middles, teardowns, aftermaths).map((parts) => parts.flat());

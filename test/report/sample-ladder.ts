import type { Ladder, LadderLine } from "../../src/analysis/ladder.ts";
import type { Side, StateName } from "../../src/analysis/model.ts";
import { at, flow, halfClose } from "./sample-analysis.ts";

const ISN = { client: 3_412_345_111, server: 77_000_000 } as const;

type Numbers = readonly [seq: number, seqEnd: number, ack: number | null];

/** A line of the sample conversation. Numbers are relative. */
export function line(
  frame: number,
  seconds: number,
  from: Side,
  flags: string,
  [seq, seqEnd, ack]: Numbers,
  states: readonly [client: StateName, server: StateName],
  over: Partial<LadderLine> = {},
): LadderLine {
  const number = (side: Side, relative: number) => ({ relative, absolute: (ISN[side] + relative) % 2 ** 32 });
  const peer = from === "client" ? "server" : "client";
  return {
    kind: "segment",
    from,
    at: at(seconds),
    lastAt: at(seconds),
    capture: 0,
    frame,
    lastFrame: frame,
    flags,
    segments: 1,
    payloadBytes: 0,
    seq: number(from, seq),
    seqEnd: number(from, seqEnd),
    ack: ack === null ? null : number(peer, ack),
    window: 64240,
    states: { client: states[0], server: states[1] },
    marks: [],
    ...over,
  };
}

const ESTABLISHED = ["ESTABLISHED", "ESTABLISHED"] as const;

/** The server reads a request, answers at length, and never closes. */
export const LEAK: Ladder = {
  flow: flow("10.0.0.1:40000", "10.0.0.2:8080", halfClose(5, { fin: { at: at(5), capture: 0, frame: 21, copies: 1 } })),
  leftOut: 0,
  lines: [
    line(1, 0.5, "client", "S", [0, 1, null], ["SYN-SENT", "LISTEN"]),
    line(2, 0.500018, "server", "S.", [0, 1, 1], ["SYN-SENT", "SYN-RECEIVED"]),
    line(3, 0.500043, "client", ".", [1, 1, 1], ESTABLISHED),
    line(4, 0.5011, "client", "P.", [1, 121, 1], ESTABLISHED, { kind: "run", payloadBytes: 120 }),
    line(5, 0.503, "server", "P.", [1, 34_561, 121], ESTABLISHED, {
      kind: "run",
      lastFrame: 20,
      lastAt: at(1.31),
      segments: 12,
      payloadBytes: 34_560,
    }),
    line(6, 0.5031, "client", ".", [121, 121, 34_561], ESTABLISHED, {
      kind: "run",
      lastFrame: 19,
      lastAt: at(1.3),
      segments: 4,
    }),
    line(21, 5, "client", "F.", [121, 122, 34_561], ["FIN-WAIT-2", "CLOSE-WAIT"], {
      marks: ["FIN of the closer", "enters CLOSE-WAIT"],
    }),
    line(22, 5.00004, "server", ".", [34_561, 34_561, 122], ["FIN-WAIT-2", "CLOSE-WAIT"], {
      marks: ["acknowledges the FIN (frame 21)"],
    }),
  ],
};

/** Over IPv6, captured from the middle on in two captures; ended by a reset, and too long to be shown whole. */
export const RESET: Ladder = {
  flow: flow(
    "[2001:db8:aaaa:bbbb:cccc:dddd:eeee:1]:40002",
    "[2001:db8:aaaa:bbbb:cccc:dddd:eeee:2]:443",
    halfClose(4000, {
      status: "ended",
      seconds: 3.2,
      atLeast: false,
      end: {
        at: at(4003.2),
        capture: 1,
        frame: 1_234_567,
        by: "reset",
        sender: "client",
        answers: { at: at(4003.2), capture: 0, frame: 1_234_566 },
        cause: "write-after-close",
      },
    }),
    {
      firstAt: at(0.25),
      openedAt: null,
      establishedAt: null,
      roles: "guessed",
      reasons: ["mid-stream"],
      captures: [0, 1],
      verdict: "reset",
      states: { client: "CLOSED", server: "CLOSED" },
      assumed: [],
      reset: {
        at: at(4003.2),
        capture: 1,
        frame: 1_234_567,
        sender: "client",
        answers: { at: at(4003.2), capture: 0, frame: 1_234_566 },
      },
    },
  ),
  leftOut: 1234,
  lines: [
    line(100, 0.25, "server", ".", [0, 1_234_567, 0], ESTABLISHED, {
      kind: "run",
      lastFrame: 1_234_000,
      lastAt: at(3999.5),
      segments: 1200,
      payloadBytes: 1_234_567,
    }),
    line(1_234_001, 4000, "client", "F.", [0, 1, 1_234_567], ["FIN-WAIT-2", "CLOSE-WAIT"], {
      marks: ["FIN of the closer", "enters CLOSE-WAIT"],
    }),
    line(1_234_002, 4000.04, "server", ".", [1_234_567, 1_234_567, 1], ["FIN-WAIT-2", "CLOSE-WAIT"], {
      marks: ["acknowledges the FIN (frame 1234001)"],
    }),
    line(1_234_566, 4003.2, "server", "P.", [1_234_567, 1_234_579, 1], ["FIN-WAIT-2", "CLOSE-WAIT"], {
      kind: "run",
      payloadBytes: 12,
    }),
    line(1_234_567, 4003.2001, "client", "R", [1, 1, null], ["CLOSED", "CLOSED"], {
      capture: 1,
      marks: ["end: reset", "answers frame 1234566\u001b[2J"],
    }),
  ],
};

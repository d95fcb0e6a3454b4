import { describe, expect, test } from "vitest";
import { CLOSE_WAIT, ESTABLISHED, type Telling, type ToldFlow, told } from "./told.ts";

/** A conversation, and what must be said of it; fields that are not written do not matter to the scene. */
interface Scene {
  readonly name: string;
  readonly text: string;
  readonly telling?: Telling;
  readonly says: readonly Partial<ToldFlow>[];
}

const SCENES: readonly Scene[] = [
  {
    name: "client FIN, ACK, silence while other traffic goes on for 10 min",
    text: `${CLOSE_WAIT}
      10m  --  other traffic
    `,
    says: [
      {
        verdict: "half-closed",
        states: "CLOSED? / CLOSE-WAIT",
        closer: "client",
        holder: "server",
        status: "stuck",
        since: 1,
        seconds: 599,
        atLeast: true,
        fin: 7,
        finAck: 8,
        bytesAfterFin: 0,
        reasons: "",
      },
    ],
  },
  {
    name: "server FIN, ACK, silence",
    text: `${ESTABLISHED}
      1.000  s > c  [F.]
      1.040  c > s  [.]
      10.000 --  other traffic
    `,
    says: [
      { verdict: "half-closed", states: "CLOSE-WAIT / FIN-WAIT-2", closer: "server", holder: "client", seconds: 9 },
    ],
  },
  {
    name: "FIN sent six times, never acknowledged",
    text: `${ESTABLISHED}
      1.0  c > s  [F.]
      1.2  c > s  [F.]  seq 101
      1.6  c > s  [F.]  seq 101
      2.4  c > s  [F.]  seq 101
      4.0  c > s  [F.]  seq 101
      7.2  c > s  [F.]  seq 101
      60   --  other traffic
    `,
    says: [{ verdict: "fin-unacked", states: "FIN-WAIT-1 / ESTABLISHED", closer: "client", holder: null }],
  },
  {
    name: "FIN with data, the ACK covers the data only",
    text: `${ESTABLISHED}
      1.0    c > s  [FP.]  length 50
      1.001  s > c  [.]    ack 151
      60     --  other traffic
    `,
    says: [{ verdict: "fin-unacked", states: "FIN-WAIT-1 / ESTABLISHED" }],
  },
  {
    name: "FIN behind a hole that is never filled",
    text: `${ESTABLISHED}
      1.0    c > s  [F.]  seq 201
      1.001  s > c  [.]   ack 101
      1.4    c > s  [F.]  seq 201
      1.401  s > c  [.]   ack 101
      60     --  other traffic
    `,
    says: [{ verdict: "fin-unacked", states: "FIN-WAIT-1 / ESTABLISHED", reasons: "capture-loss" }],
  },
  {
    name: "FIN once, nothing else from the other end",
    text: `${ESTABLISHED}
      1.0  c > s  [F.]
      60   --  other traffic
    `,
    says: [{ verdict: "undecided", reasons: "ack-not-captured" }],
  },
  {
    name: "half-close, 50 s of data back, then FIN",
    text: `${CLOSE_WAIT}
      10.0    s > c  [P.]  length 1000
      10.001  c > s  [.]
      50.0    s > c  [P.]  length 1000
      50.001  c > s  [.]
      60.0    s > c  [F.]
      60.001  c > s  [.]
      61      --  other traffic
    `,
    says: [
      {
        verdict: "closed",
        states: "TIME-WAIT / CLOSED",
        status: "ended",
        seconds: 59,
        atLeast: false,
        bytesAfterFin: 2000,
        end: "fin of server in 13",
      },
    ],
  },
  {
    name: "FIN acknowledged only by a data segment",
    text: `${ESTABLISHED}
      1.0    c > s  [F.]
      1.040  s > c  [P.]  length 10
      1.041  c > s  [.]
      60     --  other traffic
    `,
    says: [{ verdict: "half-closed", states: "FIN-WAIT-2 / CLOSE-WAIT", finAck: 8, bytesAfterFin: 10 }],
  },
  {
    name: "FIN captured before the data in front of it",
    text: `${ESTABLISHED}
      1.000  c > s  [F.]  seq 151
      1.001  c > s  [P.]  seq 101:151
      1.002  s > c  [.]   ack 152
      2.000  s > c  [F.]  ack 152
      2.001  c > s  [.]   seq 152
      3      --  other traffic
    `,
    says: [{ verdict: "closed", since: 1.001, end: "fin of server in 10", reasons: "" }],
  },
  {
    name: "every packet twice",
    text: `${CLOSE_WAIT}
      10m  --  other traffic
    `,
    telling: { duplicate: { delayNanos: 20_000n } },
    says: [
      { verdict: "half-closed", states: "CLOSED? / CLOSE-WAIT", seconds: 599.00002, fin: 13, finAck: 15, copies: 1 },
    ],
  },
  {
    name: "keep-alives of the holder for 4 minutes, answered",
    text: `${CLOSE_WAIT}
      61.0     s > c  [.]  seq 200
      61.001   c > s  [.]
      121.0    s > c  [.]  seq 200
      121.001  c > s  [.]
      181.0    s > c  [.]  seq 200
      181.001  c > s  [.]
      241.0    s > c  [.]  seq 200
      241.001  c > s  [.]
    `,
    says: [
      {
        verdict: "half-closed",
        states: "FIN-WAIT-2 / CLOSE-WAIT",
        status: "stuck",
        seconds: 240.001,
        bytesAfterFin: 0,
        reasons: "",
      },
    ],
  },
  {
    name: "write 199 s after the peer's FIN, answered by RST",
    text: `${CLOSE_WAIT}
      200.0    s > c  [P.]  length 30
      200.001  c > s  [R]   seq 102
      300      --  other traffic
    `,
    says: [
      {
        verdict: "reset",
        states: "CLOSED / CLOSED",
        status: "ended",
        seconds: 199.001,
        end: "reset of client in 10: write-after-close",
        holder: "server",
      },
    ],
  },
  {
    name: "SYN reuses the 4-tuple of a CLOSE-WAIT socket: challenge ACK, RST, SYN again",
    text: `${CLOSE_WAIT}
      --- isn c 9000000 s 7000000
      100.000  c > s  [S]   seq 0
      100.001  s > c  [.]   seq =5201  ack =1102
      100.002  c > s  [R]   seq =1102
      101.000  c > s  [S]   seq 0
      101.001  s > c  [S.]
      101.002  c > s  [.]
      102      --  other traffic
    `,
    telling: { isn: { c: 1000, s: 5000 } },
    says: [
      { verdict: "reset", seconds: 99.002, end: "reuse of client in 11: challenge-ack", states: "CLOSED / CLOSED" },
      { verdict: "established", states: "ESTABLISHED / ESTABLISHED", closer: null },
    ],
  },
  {
    name: "the same without RST: a firewall ate it",
    text: `${CLOSE_WAIT}
      --- isn c 9000000 s 7000000
      100.000  c > s  [S]   seq 0
      100.001  s > c  [.]   seq =5201  ack =1102
      101.000  c > s  [S]   seq 0
      101.001  s > c  [.]   seq =5201  ack =1102
      103.000  c > s  [S]   seq 0
      103.001  s > c  [.]   seq =5201  ack =1102
      120      --  other traffic
    `,
    telling: { isn: { c: 1000, s: 5000 } },
    says: [
      { verdict: "half-closed", seconds: 119, states: "CLOSED? / CLOSE-WAIT" },
      { verdict: "unanswered", reasons: "blocked-by-half-closed" },
    ],
  },
  {
    name: "SYN answered at once: the old socket had gone unseen",
    text: `${CLOSE_WAIT}
      --- isn c 9000000 s 7000000
      100.000  c > s  [S]   seq 0
      100.001  s > c  [S.]
      100.002  c > s  [.]
      120      --  other traffic
    `,
    telling: { isn: { c: 1000, s: 5000 } },
    says: [
      {
        verdict: "undecided",
        reasons: "reused",
        seconds: 0.04,
        atLeast: true,
        end: "reuse of client in 9",
        status: "ended",
      },
      { verdict: "established", states: "ESTABLISHED / ESTABLISHED" },
    ],
  },
  {
    name: "mid-stream",
    text: `
      0.100  c > s  [P.]  seq 1:101  ack 1
      0.101  s > c  [P.]  length 200
      0.102  c > s  [.]
      1.000  c > s  [F.]
      1.040  s > c  [.]
      60     --  other traffic
    `,
    says: [{ verdict: "half-closed", holder: "server", roles: "guessed", reasons: "mid-stream", seconds: 59 }],
  },
  {
    name: "mid-stream beginning with the FIN itself",
    text: `
      1.000  c > s  [F.]  seq 501  ack 801
      1.040  s > c  [.]   seq 801  ack 502
      60     --  other traffic
    `,
    says: [{ verdict: "half-closed", holder: "server", roles: "guessed", reasons: "mid-stream", seconds: 59 }],
  },
  {
    name: "client's direction only",
    text: `
      0.000  c > s  [S]
      0.002  c > s  [.]   ack 1
      0.100  c > s  [P.]  length 100
      0.102  c > s  [.]   ack 201
      1.000  c > s  [F.]  ack 201
      60     --  other traffic
    `,
    says: [{ verdict: "undecided", reasons: "ack-not-captured one-way-capture" }],
  },
  {
    name: "client's direction only, with a normal close",
    text: `
      0.000  c > s  [S]
      0.002  c > s  [.]   ack 1
      0.100  c > s  [P.]  length 100
      0.102  c > s  [.]   ack 201
      1.000  c > s  [F.]  ack 201
      1.002  c > s  [.]   ack 202
      60     --  other traffic
    `,
    says: [{ verdict: "closed", reasons: "one-way-capture" }],
  },
  {
    name: "server's FIN 700 s later",
    text: `${CLOSE_WAIT}
      700.0    s > c  [F.]
      700.001  c > s  [R]  seq 102
      701      --  other traffic
    `,
    says: [{ verdict: "closed", status: "ended", seconds: 699, atLeast: false, end: "fin of server in 9" }],
  },
  {
    name: "simultaneous close",
    text: `${ESTABLISHED}
      1.0000  c > s  [F.]  ack 201
      1.0001  s > c  [F.]  ack 101
      1.0002  c > s  [.]   ack 202
      1.0003  s > c  [.]   ack 102
      2       --  other traffic
    `,
    says: [{ verdict: "closed", states: "TIME-WAIT / TIME-WAIT", closer: null, holder: null }],
  },
  {
    name: "normal close",
    text: `${ESTABLISHED}
      1.000  c > s  [F.]
      1.001  s > c  [F.]
      1.002  c > s  [.]
      2      --  other traffic
    `,
    says: [
      {
        verdict: "closed",
        states: "TIME-WAIT / CLOSED",
        closer: "client",
        holder: "server",
        end: "fin of server in 8",
      },
    ],
  },
  {
    name: "FIN retransmitted once, then acknowledged",
    text: `${ESTABLISHED}
      1.0    c > s  [F.]
      1.2    c > s  [F.]  seq 101
      1.201  s > c  [.]
      60     --  other traffic
    `,
    says: [{ verdict: "half-closed", states: "FIN-WAIT-2 / CLOSE-WAIT", copies: 2, fin: 7, finAck: 9, since: 1 }],
  },
  {
    name: "zero window of the holder before the FIN",
    text: `${ESTABLISHED}
      0.5    c > s  [P.]  length 1000
      0.501  s > c  [.]   win 0
      1.000  c > s  [F.]
      1.040  s > c  [.]   win 0
      60     --  other traffic
    `,
    says: [{ verdict: "half-closed", holder: "server", status: "stuck" }],
  },
  {
    name: "zero window of the closer after its FIN: the holder's FIN waits",
    text: `${ESTABLISHED}
      1.0    c > s  [F.]  win 0
      1.040  s > c  [.]
      1.5    s > c  [.]   seq 200
      1.501  c > s  [.]   win 0
      2.5    s > c  [.]   seq 200
      2.501  c > s  [.]   win 0
      60     --  other traffic
    `,
    says: [{ verdict: "undecided", reasons: "closer-not-reading" }],
  },
  {
    name: "FIN without the ACK flag",
    text: `${ESTABLISHED}
      1.000  c > s  [F]  seq 101
      1.040  s > c  [.]
      60     --  other traffic
    `,
    says: [{ verdict: "half-closed", holder: "server", seconds: 59 }],
  },
  {
    name: "closer sends RST 60 s after its FIN",
    text: `${CLOSE_WAIT}
      61.0  c > s  [R.]  seq 102
      70    --  other traffic
    `,
    says: [{ verdict: "reset", seconds: 60, end: "reset of client in 9", states: "CLOSED / CLOSED" }],
  },
  {
    name: "holder's RST",
    text: `${CLOSE_WAIT}
      31.0  s > c  [R.]  seq 201  ack 102
      70    --  other traffic
    `,
    says: [
      { verdict: "reset", seconds: 30, end: "reset of server in 9: unread-data-or-abort", states: "CLOSED / CLOSED" },
    ],
  },
  {
    name: "keep-alive time-out of the holder",
    text: `${CLOSE_WAIT}
      101.0  s > c  [.]   seq 200
      111.0  s > c  [.]   seq 200
      121.0  s > c  [.]   seq 200
      131.0  s > c  [R.]  seq 201
      170    --  other traffic
    `,
    says: [{ verdict: "reset", seconds: 130, end: "reset of server in 12: keepalive-timeout" }],
  },
];

describe("scenes of a teardown", () => {
  test.each(SCENES)("$name", async ({ text, telling, says }) => {
    const flows = await told(text, telling);
    expect(flows).toMatchObject(says);
    expect(flows).toHaveLength(says.length);
  });
});

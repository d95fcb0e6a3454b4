import { describe, expect, test } from "vitest";
import { analysisOf, CLOSE_WAIT, ESTABLISHED, secondsOf, type Telling, type ToldFlow, told } from "./told.ts";

/** One conversation, and the first flow's answer that only holds if the rule is kept. */
type Row = [name: string, text: string, says: Partial<ToldFlow>, telling?: Telling];

const rule = (title: string, rows: readonly Row[]): void => {
  describe(title, () => {
    for (const [name, text, says, telling] of rows) {
      test(name, async () => {
        const [flow] = await told(text, telling);
        expect(flow).toMatchObject(says);
      });
    }
  });
};

/** Nothing but time passes. */
const LATER = `
  60  --  other traffic
`;

rule("a FIN is acknowledged by exactly the number after it, on any segment but a RST", [
  ["a bare ACK", `${CLOSE_WAIT}${LATER}`, { verdict: "half-closed", finAck: 8 }],
  [
    "an answer to a probe of the closer",
    `${ESTABLISHED}
      1.0  c > s  [F.]
      2.0  c > s  [.]  seq 101
      2.1  s > c  [.]  seq 201 ack 102
    ${LATER}`,
    { verdict: "half-closed", finAck: 9, since: 1 },
  ],
  [
    "the number of a RST proves nothing",
    `${ESTABLISHED}
      1.0  c > s  [F.]
      1.1  s > c  [R.]  seq 201 ack 102
    ${LATER}`,
    { verdict: "reset", closer: "client", states: "CLOSED / CLOSED" },
  ],
  [
    "a larger number is an anomaly, not an acknowledgment",
    `${ESTABLISHED}
      1.0  c > s  [F.]
      9.0  s > c  [.]  ack 5000
    ${LATER}`,
    { verdict: "fin-unacked", reasons: "capture-loss sequence-anomaly" },
  ],
  [
    "payload in front of the FIN counts",
    `${ESTABLISHED}
      1.000  c > s  [FP.]  length 50
      1.040  s > c  [.]    ack 152
    ${LATER}`,
    { verdict: "half-closed", finAck: 8 },
  ],
]);

rule("record order is not sequence order", [
  [
    "the ACK captured before the FIN that it covers",
    `${ESTABLISHED}
      1.000  s > c  [.]   ack 102
      1.001  c > s  [F.]  seq 101
    ${LATER}`,
    { verdict: "half-closed", fin: 8, finAck: 7 },
  ],
  [
    "the hole before the FIN is filled later: the FIN takes effect then",
    `${ESTABLISHED}
      1.0    c > s  [F.]  seq 201
      1.001  s > c  [.]   ack 101
      1.5    c > s  [P.]  seq 101:201
      1.501  s > c  [.]   ack 202
    ${LATER}`,
    { verdict: "half-closed", since: 1.5, fin: 7, finAck: 10 },
  ],
]);

rule("an unacknowledged FIN is a question of the path, unless nobody was there to be seen", [
  [
    "later segments of the peer that do not cover it",
    `${ESTABLISHED}
      1.0  c > s  [F.]
      5.0  s > c  [P.]  length 10  ack 101
    ${LATER}`,
    { verdict: "fin-unacked" },
  ],
  [
    "a segment that crossed it says nothing",
    `${ESTABLISHED}
      1.000  c > s  [F.]
      1.001  s > c  [P.]  length 10  ack 101
    ${LATER}`,
    { verdict: "undecided", reasons: "ack-not-captured" },
  ],
  ["seen just now", `${ESTABLISHED}\n 1.0  c > s  [F.]\n 2.0 -- other traffic`, { verdict: "closing" }],
  [
    "only SYN, FIN and RST were captured",
    `
      0.0  c > s  [S]
      0.1  s > c  [S.]
      1.0  c > s  [F.]
    ${LATER}`,
    { verdict: "undecided", reasons: "ack-not-captured" },
  ],
]);

rule("copies of a FIN never change the closer, and the echoed timestamp names the copy that arrived", [
  [
    "the second copy arrived",
    `
      0.000  c > s  [S]   <TS val 100 ecr 0>
      0.001  s > c  [S.]  <TS val 900 ecr 100>
      0.002  c > s  [.]   <TS val 100 ecr 900>
      1.000  c > s  [F.]  <TS val 1100 ecr 900>
      1.300  c > s  [F.]  seq 1  <TS val 1400 ecr 900>
      1.301  s > c  [.]   <TS val 2200 ecr 1400>
    ${LATER}`,
    { since: 1.3, fin: 4, copies: 2, verdict: "half-closed" },
  ],
  [
    "the first copy arrived, its ACK was late",
    `
      0.000  c > s  [S]   <TS val 100 ecr 0>
      0.001  s > c  [S.]  <TS val 900 ecr 100>
      0.002  c > s  [.]   <TS val 100 ecr 900>
      1.000  c > s  [F.]  <TS val 1100 ecr 900>
      1.300  c > s  [F.]  seq 1  <TS val 1400 ecr 900>
      1.301  s > c  [.]   <TS val 2200 ecr 1100>
    ${LATER}`,
    { since: 1, copies: 2 },
  ],
  [
    "the ACK reports a duplicate: the first copy had arrived",
    `
      0.000  c > s  [S]   <TS val 100 ecr 0,sackOK>
      0.001  s > c  [S.]  <TS val 900 ecr 100,sackOK>
      0.002  c > s  [.]   <TS val 100 ecr 900>
      1.000  c > s  [F.]  <TS val 1100 ecr 900>
      1.300  c > s  [F.]  seq 1  <TS val 1400 ecr 900>
      1.301  s > c  [.]   <TS val 2200 ecr 1400,sack 1 {1:2}>
    ${LATER}`,
    { since: 1, copies: 2 },
  ],
  [
    "a copy after the ACK: that ACK was lost, the closer still waits",
    `${CLOSE_WAIT}
      1.3  c > s  [F.]  seq 101
    ${LATER}`,
    { states: "FIN-WAIT-1 / CLOSE-WAIT", closer: "client", copies: 2, since: 1 },
  ],
  [
    "until the last copy is acknowledged too",
    `${CLOSE_WAIT}
      1.3  c > s  [F.]  seq 101
      1.4  s > c  [.]
    ${LATER}`,
    { states: "FIN-WAIT-2 / CLOSE-WAIT", finAck: 8 },
  ],
  [
    "a FIN at another position does not replace the acknowledged one",
    `${CLOSE_WAIT}
      2.0  c > s  [F.]  seq 500
    ${LATER}`,
    { verdict: "half-closed", since: 1, fin: 7, reasons: "sequence-anomaly" },
  ],
]);

rule("odd combinations of flags", [
  [
    "SYN with FIN is a SYN",
    `0 c > s [SF]\n 0.1 s > c [S.] ack 1\n 0.2 c > s [.] seq 1\n${LATER}`,
    { verdict: "established" },
  ],
  ["FIN with RST is a RST", `${ESTABLISHED} 1.0 c > s [FR.]\n${LATER}`, { verdict: "reset", closer: null }],
]);

rule("a reset counts only if its receiver would take it", [
  ["refused", "0 c > s [S]\n 0.1 s > c [R.] seq 0 ack 1", { verdict: "refused", states: "CLOSED / CLOSED" }],
  [
    "in SYN-SENT the acknowledgment must match",
    "0 c > s [S]\n 0.1 s > c [R.] seq 0 ack 77\n 60 -- other traffic",
    { verdict: "unanswered" },
  ],
  [
    "outside the window",
    `${ESTABLISHED} 1.0 c > s [R] seq 900000\n${LATER}`,
    { verdict: "established", reasons: "sequence-anomaly" },
  ],
  [
    "each segment that was under way is answered by one, with the number that it acknowledges",
    `${ESTABLISHED}
      1.0  c > s  [P.] seq 101:131
      1.1  c > s  [F.] seq 131
      1.2  s > c  [P.] seq 201:231 ack 101
      1.3  s > c  [F.] seq 231 ack 132
      1.4  c > s  [R]  seq 101
      1.5  c > s  [R]  seq 132
    ${LATER}`,
    { verdict: "closed", reasons: "" },
  ],
  [
    "inside the window it meets a challenge ACK, and the connection goes on",
    `${ESTABLISHED}
      1.0  c > s  [R]  seq 150
      1.1  s > c  [.]
    ${LATER}`,
    { verdict: "established" },
  ],
  [
    "beyond data that was not captured, and its receiver is silent ever after",
    `0 c > s [S]\n 0.1 s > c [S.]\n 5.0 s > c [R.] seq 301 ack 1\n${LATER}`,
    { verdict: "reset" },
  ],
  [
    "inside the window, and its receiver is silent ever after",
    `${ESTABLISHED} 1.0 c > s [R] seq 150\n${LATER}`,
    { verdict: "reset" },
  ],
  [
    "after both FINs the close stays orderly",
    `${ESTABLISHED}
      1.0  c > s  [F.]
      1.1  s > c  [F.]
      1.2  c > s  [R]  seq 102
    ${LATER}`,
    { verdict: "closed" },
  ],
  [
    "the closer's RST without ACK answers a probe: its FIN-WAIT-2 had been reaped",
    `${CLOSE_WAIT}
      100.0    s > c  [.]  seq 200
      100.001  c > s  [R]  seq 102
    `,
    { end: "reset of client in 10: reaped", seconds: 99.001 },
  ],
]);

rule("whoever sends the SYN of the next incarnation has no socket of this one any more", [
  [
    "even if a firewall eats what follows",
    `${CLOSE_WAIT}
      --- isn c 9000000 s 7000000
      20.000  c > s  [S]   seq 0
      20.001  s > c  [.]   seq =5201  ack =1102
      25      --  other traffic`,
    { verdict: "half-closed", states: "CLOSED / CLOSE-WAIT" },
    { isn: { c: 1000, s: 5000 } },
  ],
]);

rule("a new incarnation begins with another initial sequence number", [
  [
    "the same number is a retransmission",
    "0 c > s [S]\n 1 c > s [S] seq 0\n 1.1 s > c [S.]\n 1.2 c > s [.]",
    { verdict: "established", states: "ESTABLISHED / ESTABLISHED" },
  ],
  [
    "a SYN-ACK captured before its SYN",
    "0.001 s > c [S.] seq 0 ack 1\n 0.002 c > s [S] seq 0\n 0.003 c > s [.] seq 1 ack 1",
    { verdict: "established", roles: "handshake" },
  ],
  [
    "another answer to the same SYN, after the first was taken",
    `0 c > s [S]
      1.0 c > s [S] seq 0
      1.1 s > c [S.] seq =5000 ack =1001
      1.2 c > s [.] seq =1001 ack =5001
      1.3 c > s [P.] seq =1001 ack =5001 length 100
      1.6 s > c [S.] seq =9005000 ack =1001
      1.7 c > s [.] seq =1101 ack =5001
      2.0 s > c [F.] seq =5001 ack =1101
      2.1 c > s [.] seq =1101 ack =5002${LATER}`,
    { verdict: "half-closed", closer: "server", holder: "client", fin: 8, finAck: 9, roles: "handshake", reasons: "" },
    { isn: { c: 1000, s: 5000 } },
  ],
  [
    "another answer to the same SYN, right behind the first",
    `0 c > s [S]
      1.0 c > s [S] seq 0
      1.1 s > c [S.] seq =5000 ack =1001
      1.2 s > c [S.] seq =3000005000 ack =1001
      1.3 c > s [.] seq =1001 ack =5001`,
    { verdict: "established", states: "ESTABLISHED / ESTABLISHED", reasons: "" },
    { isn: { c: 1000, s: 5000 } },
  ],
  [
    "another answer to the same SYN, sent again since the first was lost",
    `0 c > s [S]
      0.1 s > c [S.] seq =3000005000 ack =1001
      1.0 c > s [S] seq 0
      1.1 s > c [S.] seq =5000 ack =1001
      1.2 c > s [.] seq =1001 ack =5001
      1.3 s > c [P.] seq =5001 ack =1001 length 10`,
    { verdict: "established", states: "ESTABLISHED / ESTABLISHED", reasons: "" },
    { isn: { c: 1000, s: 5000 } },
  ],
  [
    "a SYN captured after the first data",
    "0.002 c > s [P.] seq 1:11 ack 1\n 0.003 c > s [S] seq 0\n 0.004 s > c [S.] seq 0 ack 1\n 0.005 c > s [.] seq 11 ack 1",
    { verdict: "established", roles: "handshake" },
  ],
]);

test("an old connection that closed, and the next on the same ports, are two", async () => {
  const flows = await told(
    `${ESTABLISHED}
      1.000  c > s  [F.]
      1.001  s > c  [F.]
      1.002  c > s  [.]
      --- isn c 900000 s 700000
      20.000  c > s  [S]
      20.001  s > c  [S.]
      20.002  c > s  [.]
    `,
  );
  expect(flows.map(({ verdict, states }) => `${verdict} ${states}`)).toEqual([
    "closed CLOSED / CLOSED",
    "established ESTABLISHED / ESTABLISHED",
  ]);
});

test("payload that was under way when a reset came counts as sent, and as nothing else", async () => {
  const { flows } = await analysisOf(`${CLOSE_WAIT}
    3.000  s > c  [P.]  seq 201:301 ack 102
    3.001  c > s  [R]   seq 102
    3.002  s > c  [P.]  seq 301:401 ack 102
    3.003  s > c  [FP.] seq 401:431 ack 102
    3.004  c > s  [R]   seq 102
  `);
  expect(flows).toMatchObject([
    {
      verdict: "reset",
      segments: { client: 7, server: 6 },
      payloadBytes: { client: 100, server: 430 },
      retransmittedBytes: { client: 0, server: 0 },
      halfClose: { bytesAfterFin: 100 },
    },
  ]);
});

test("a half-closed connection never expires by idleness", async () => {
  const flows = await told(`${CLOSE_WAIT}
    71h      s > c  [F.]
    71h0.01s c > s  [R]  seq 102
  `);
  expect(flows).toMatchObject([{ verdict: "closed", seconds: 71 * 3600 - 1 }]);
});

test("observation of one capture point does not extend another", async () => {
  const { conversation } = await import("../build/conversation.ts");
  const { analyzeCaptures } = await import("../../src/questions.ts");
  const leak = conversation(`${CLOSE_WAIT}\n 10 -- other traffic`).pcap({ resolution: "ns" });
  const elsewhere = conversation("5 x > y [S]\n 5.1 y > x [S.]\n 5.2 x > y [.]\n 500 x > y [P.] length 5", {
    parties: { x: "10.9.0.1:1111", y: "10.9.0.2:80" },
  }).pcap({ resolution: "ns" });
  const { flows } = await analyzeCaptures([leak, elsewhere]);
  expect(flows.map(({ halfClose }) => halfClose?.seconds)).toEqual([9]);
});

test("a flow of one direction names the captures it was seen in, and no other", async () => {
  const { conversation } = await import("../build/conversation.ts");
  const { analyzeCaptures } = await import("../../src/questions.ts");
  const first = conversation("0 x > y [S]\n 0.1 y > x [S.]\n 0.2 x > y [.]", {
    parties: { x: "10.9.0.1:1111", y: "10.9.0.2:80" },
  }).pcap();
  const second = conversation("30 c > s [P.] seq 1:5 ack 1").pcap();
  const { flows } = await analyzeCaptures([first, second], { flows: "every" });
  expect(flows.map(({ captures }) => captures)).toEqual([[0], [1]]);
});

test("--until: the capture was running for longer than its last packet shows", async () => {
  const until = { kind: "relative", nanos: 100_000_000_000n } as const;
  const { flows } = await analysisOf(CLOSE_WAIT, { analyze: { until } });
  expect(flows.map(({ halfClose }) => halfClose?.seconds)).toEqual([99]);
});

rule("probes are not data, and not a sign that more was sent", [
  [
    "keep-alives with one octet of garbage",
    `${CLOSE_WAIT}
      61.0    s > c  [.]  seq 200:201
      61.001  c > s  [.]
      91.0    s > c  [.]  seq 200:201
      91.001  c > s  [.]
    `,
    { verdict: "half-closed", bytesAfterFin: 0, status: "stuck", states: "FIN-WAIT-2 / CLOSE-WAIT" },
  ],
  [
    "keep-alives behind the FIN: an orphan sends none, so no timer runs",
    `${CLOSE_WAIT}
      61.0    c > s  [.]  seq 101
      61.001  s > c  [.]
      91.0    c > s  [.]  seq 101
      91.001  s > c  [.]
    `,
    { verdict: "half-closed", reasons: "", status: "stuck", states: "FIN-WAIT-2 / CLOSE-WAIT" },
  ],
  [
    "keep-alives with one octet of garbage behind the FIN: nothing is missing",
    `${CLOSE_WAIT}
      61.0    c > s  [.]  seq 101:102
      61.001  s > c  [.]
      91.0    c > s  [.]  seq 101:102
      91.001  s > c  [.]
    `,
    { verdict: "half-closed", reasons: "", status: "stuck", states: "FIN-WAIT-2 / CLOSE-WAIT" },
  ],
]);

test("unanswered requests and unread octets", async () => {
  const { flows } = await analysisOf(`${ESTABLISHED}
    5.0    c > s  [P.]  length 300
    5.001  s > c  [.]   win 500
    5.5    c > s  [P.]  length 500
    5.501  s > c  [.]   win 0
    9.0    c > s  [F.]
    9.001  s > c  [.]   win 0
  `);
  const { unanswered, unreadBytesAtLeast, idleBeforeFinSeconds } = flows[0]?.halfClose ?? {};
  expect(unanswered && { ...unanswered, since: secondsOf(unanswered.since) }).toEqual({
    since: 5,
    frame: 7,
    bytes: 800,
  });
  expect(unreadBytesAtLeast).toBe(800);
  expect(idleBeforeFinSeconds).toBeCloseTo(3.5);
});

rule("handshakes", [
  [
    "a SYN-ACK that acknowledges something else is none",
    "0 c > s [S]\n 0.1 s > c [S.] seq 0 ack 500\n",
    { verdict: "opening" },
  ],
  [
    "data on the SYN (TCP Fast Open)",
    `
      0.000  c > s  [S]   length 50
      0.001  s > c  [S.]  ack 51
      0.002  c > s  [.]
      1.000  c > s  [F.]
      1.001  s > c  [.]
    ${LATER}`,
    { verdict: "half-closed", reasons: "" },
  ],
  [
    "nobody answers",
    "0 c > s [S]\n 1 c > s [S] seq 0\n 3 c > s [S] seq 0\n 60 -- other traffic",
    { verdict: "unanswered" },
  ],
  [
    "nobody answers, and a reset says that the client has given up",
    "0 c > s [S]\n 1 c > s [S] seq 0\n 7 c > s [R.] seq 0 ack 0\n 60 -- other traffic",
    { verdict: "unanswered", reasons: "sequence-anomaly" },
  ],
]);

rule("roles without a handshake are guessed", [
  [
    "the known port serves",
    "0 c > s [P.] seq 1:5 ack 1\n 0.1 s > c [.]",
    { roles: "guessed" },
    { client: "10.0.0.1:300", server: "10.0.0.2:8080" },
  ],
]);

test("the repeated endpoint is the server, whatever its port", async () => {
  const { flows } = await analysisOf(
    `
      0.0  a > z  [P.]  seq 1:5 ack 1
      0.1  z > a  [.]
      0.2  b > z  [P.]  seq 1:5 ack 1
      0.3  z > b  [.]
    `,
    { parties: { a: "10.0.0.5:20000", b: "10.0.0.6:20001", z: "10.0.0.7:30000" } },
  );
  expect(flows.map(({ server, roles }) => `${server.port} ${roles}`)).toEqual(["30000 guessed", "30000 guessed"]);
});

rule("one direction only is never a leak", [
  [
    "and the opener's own ACK proves the SYN-ACK that was not captured",
    "0.000 c > s [S]\n 0.002 c > s [.] ack 1\n 0.100 c > s [P.] length 100\n 0.2 -- other traffic",
    { verdict: "undecided", states: "ESTABLISHED / ESTABLISHED" },
  ],
  [
    "the server's direction",
    `
      0.001  s > c  [S.]  seq 0  ack 1
      0.101  s > c  [P.]  seq 1:201  ack 101
      1.040  s > c  [.]   seq 201  ack 102
    ${LATER}`,
    { verdict: "undecided", reasons: "one-way-capture" },
  ],
]);

rule("a FIN that was not captured shows in the numbers", [
  [
    "the holder's own next segment counts it",
    `${CLOSE_WAIT}
      2.0  s > c  [.]  seq 202 ack 102
    ${LATER}`,
    { verdict: "closed", status: "ended", end: "fin of server in 9", seconds: 1 },
  ],
  [
    "the closer acknowledges one more than was sent",
    `${CLOSE_WAIT}
      2.0  c > s  [.]  seq 102 ack 202
    ${LATER}`,
    { verdict: "closed", status: "ended" },
  ],
  [
    "payload from there cancels it",
    `${CLOSE_WAIT}
      2.0  s > c  [.]   seq 202 ack 102
      3.0  s > c  [P.]  seq 202:210 ack 102
    ${LATER}`,
    { verdict: "half-closed", reasons: "capture-loss" },
  ],
]);

rule("tails of a connection that just ended do not open a flow", [
  [
    "a late ACK, a RST and a copy of the FIN",
    `${ESTABLISHED}
      1.000  c > s  [F.]
      1.001  s > c  [F.]
      1.002  c > s  [.]
      30.0   s > c  [F.]  seq 201
      30.1   c > s  [.]
      31.0   s > c  [R]   seq 202
    `,
    { verdict: "closed" },
  ],
]);

test("tails count to the connection they belong to", async () => {
  const flows = await told(`${ESTABLISHED}
    1.000  c > s  [F.]
    1.001  s > c  [F.]
    1.002  c > s  [.]
    30.0   s > c  [F.]  seq 201
    30.1   c > s  [R]   seq 102
  `);
  expect(flows).toHaveLength(1);
});

rule("time may step backwards", [
  [
    "the ACK is stamped before the FIN",
    `${ESTABLISHED}
      1.000  c > s  [F.]
      0.999  s > c  [.]
      0.998  s > c  [F.]
      0.997  c > s  [.]
    `,
    { verdict: "closed", seconds: 0 },
  ],
]);

rule("capture loss lowers confidence", [
  [
    "acknowledged data never seen",
    `${ESTABLISHED} 0.5 s > c [.] ack 901\n 1 c > s [F.] seq 901\n 1.1 s > c [.] ack 902\n${LATER}`,
    { verdict: "half-closed", reasons: "capture-loss" },
  ],
]);

rule("timers end what no packet ends", [
  [
    "TIME-WAIT lasts 60 s",
    `${ESTABLISHED} 1 c > s [F.]\n 1.1 s > c [F.]\n 1.2 c > s [.]\n 61 -- other traffic`,
    { states: "TIME-WAIT / CLOSED" },
  ],
  [
    "and not longer",
    `${ESTABLISHED} 1 c > s [F.]\n 1.1 s > c [F.]\n 1.2 c > s [.]\n 62 -- other traffic`,
    { states: "CLOSED? / CLOSED" },
  ],
  [
    "restarted by a FIN sent again",
    `${ESTABLISHED} 1 c > s [F.]\n 1.1 s > c [F.]\n 1.2 c > s [.]\n 31.1 s > c [F.] seq 201\n 31.2 c > s [.]\n 80 -- other traffic`,
    { states: "TIME-WAIT / CLOSED" },
  ],
  [
    "FIN-WAIT-2 of an orphan lasts tcp_fin_timeout",
    `${CLOSE_WAIT} 7 -- other traffic`,
    { states: "CLOSED? / CLOSE-WAIT" },
    { analyze: { finTimeoutSeconds: 5 } },
  ],
  [
    "data taken after the FIN: no orphan, no timer",
    `${CLOSE_WAIT}
      5.0    s > c  [P.]  length 10
      5.001  c > s  [.]
      300    -- other traffic`,
    { states: "FIN-WAIT-2 / CLOSE-WAIT" },
  ],
]);

rule("both ends at once", [
  [
    "simultaneous open",
    "0 c > s [S]\n 0.001 s > c [S]\n 0.01 c > s [S.] seq 0 ack 1\n 0.011 s > c [S.] seq 0 ack 1\n 0.02 c > s [.]",
    { verdict: "established" },
  ],
  [
    "a connection to itself",
    "0 x > x [S]\n 0.001 x > x [S.] seq 0 ack 1\n 0.002 x > x [.]",
    { verdict: "established", states: "ESTABLISHED / CLOSED", closer: null },
    { parties: { x: "127.0.0.1:5000" } },
  ],
]);

test("a queue that overflows is not CLOSE-WAIT", async () => {
  const flows = await told(`
    0.000  c > s  [S]
    0.001  s > c  [S.]
    0.002  c > s  [.]
    0.003  c > s  [P.]  length 100
    0.300  c > s  [P.]  seq 1:101
    1.001  s > c  [S.]  seq 0 ack 1
    1.002  c > s  [.]
    2.000  c > s  [F.]  seq 101
    3.001  s > c  [S.]  seq 0 ack 1
    3.002  c > s  [.]
    9.000  c > s  [F.]  seq 101
    20     --  other traffic
  `);
  expect(flows).toMatchObject([{ verdict: "fin-unacked", states: "FIN-WAIT-1 / SYN-RECEIVED" }]);
});

test("a router with NAT shows one connection twice: it counts once", async () => {
  const story = (c: string, s: string, shift: number) => `
    ${(0 + shift).toFixed(6)}  ${c} > ${s}  [S]   seq =1000
    ${(0.001 + shift).toFixed(6)}  ${s} > ${c}  [S.]  seq =5000 ack =1001
    ${(0.002 + shift).toFixed(6)}  ${c} > ${s}  [.]   seq =1001 ack =5001
    ${(1 + shift).toFixed(6)}  ${c} > ${s}  [F.]  seq =1001 ack =5001
    ${(1.001 + shift).toFixed(6)}  ${s} > ${c}  [.]   seq =5001 ack =1002
  `;
  const lines = [...story("a", "v", 0).split("\n"), ...story("n", "r", 0.00001).split("\n")].filter((line) =>
    line.trim(),
  );
  lines.sort((x, y) => Number.parseFloat(x) - Number.parseFloat(y));
  const { flows, totals } = await analysisOf(`${lines.join("\n")}\n 60 -- other traffic`, {
    parties: { a: "10.0.0.9:40000", v: "203.0.113.9:80", n: "192.0.2.1:61000", r: "10.1.0.2:8080" },
  });
  expect(flows.map(({ id, sameAs }) => [id.split("@")[0], sameAs?.split("@")[0] ?? null])).toEqual([
    ["10.0.0.9:40000-203.0.113.9:80", null],
    ["192.0.2.1:61000-10.1.0.2:8080", "10.0.0.9:40000-203.0.113.9:80"],
  ]);
  expect(totals).toMatchObject({ flows: 1, halfClosed: 1 });
});

import type { Analysis, FindingKind } from "../../src/analysis/model.ts";
import { analysis, at, capture, finding, flow, halfClose, holder, peer } from "./sample-analysis.ts";

const SERVER = "10.0.0.2:8080";

function leak(count: number) {
  return Array.from({ length: count }, (_, index) =>
    flow(
      `10.0.0.1:${40000 + index}`,
      SERVER,
      halfClose(5 + index * 1.5, {
        fin: { at: at(5 + index * 1.5), capture: 0, frame: 7 + index * 9, copies: 1 },
        finAck: { at: at(5.00004 + index * 1.5), capture: 0, frame: 8 + index * 9 },
      }),
    ),
  );
}

/** Analyses of every kind that a text report has to read well for. The name is that of the golden file. */
export const SCENES: Readonly<Record<string, Analysis>> = {
  "one-holder": analysis({
    flows: leak(34),
    holders: [
      holder("10.0.0.2", 8080, {
        stuck: 34,
        halfClosed: 34,
        peers: [peer("10.0.0.1", 34)],
        growthPerHour: 2403.7,
        growthErrorPerHour: 12.4,
        exhaustion: [
          { descriptors: 1024, inSeconds: 1483, at: at(2090) },
          { descriptors: 65_535, inSeconds: 98_100, at: at(98_707) },
        ],
      }),
    ],
    findings: [finding()],
    totals: { ended: 94, byVerdict: { closed: 94, "half-closed": 34 } },
  }),

  "single-flow": analysis({
    flows: [flow("10.0.0.1:40000", SERVER, halfClose(5))],
    holders: [
      holder("10.0.0.2", 8080, { flows: 1, closedMedianSeconds: null, closedP99Seconds: null, closedCount: 0 }),
    ],
    totals: { flows: 1, packets: 9, tcpSegments: 9 },
  }),

  "several-holders": analysis({
    captures: [
      capture({ path: "host-a/a.pcap" }),
      capture({ path: "host-b/b.pcapng", format: "pcapng", compression: "gzip", cutShort: true, dropped: 120 }),
    ],
    flows: [
      flow("10.0.0.1:40000", SERVER, halfClose(5)),
      flow(
        "10.0.0.1:40001",
        SERVER,
        halfClose(57, {
          status: "draining",
          bytesAfterFin: 48211,
          lastPayloadAt: at(606.5),
          lastSignOfLifeAt: at(606.5),
          fin: { at: at(57), capture: 1, frame: 48, copies: 3 },
          finAck: { at: at(57.2), capture: 1, frame: 49 },
          sinceUncertainSeconds: 0.21,
        }),
      ),
      flow(
        "10.0.0.9:51000",
        "10.0.0.7:6379",
        halfClose(606.5, {
          status: "recent",
          unanswered: { since: at(606.4), frame: 1198, bytes: 90 },
          fin: { at: at(606.5), capture: 0, frame: 1200, copies: 1 },
          finAck: { at: at(606.6), capture: 1, frame: 1201 },
        }),
        { closer: "server", holder: "client", roles: "guessed", reasons: ["mid-stream"] },
      ),
      flow(
        "[2001:db8:aaaa:bbbb:cccc:dddd:eeee:1]:40002",
        "[2001:db8:aaaa:bbbb:cccc:dddd:eeee:2]:443",
        halfClose(300, {
          unanswered: { since: at(298), frame: 612, bytes: 180 },
          unreadBytesAtLeast: 2366,
        }),
      ),
    ],
    holders: [
      holder("10.0.0.2", 8080, { stuck: 1, halfClosed: 2, medianSeconds: 576, peers: [peer("10.0.0.1", 2)] }),
      holder("2001:db8:aaaa:bbbb:cccc:dddd:eeee:2", 443, {
        peers: [peer("2001:db8:aaaa:bbbb:cccc:dddd:eeee:1", 1)],
        oldestSeconds: 307,
        medianSeconds: 307,
      }),
      holder("10.0.0.9", null, {
        stuck: 0,
        oldestSeconds: 0.5,
        medianSeconds: 0.5,
        flows: 3,
        peers: [peer("10.0.0.7", 1)],
        closedCount: 2,
        closedMedianSeconds: 4.2,
        closedP99Seconds: 9.9,
      }),
    ],
    totals: { undecided: 4 },
  }),

  none: analysis({ totals: { ended: 94, undecided: 2, byVerdict: { closed: 126, undecided: 2 } } }),

  "no-packets": analysis({
    captures: [capture({ packets: 0, tcpSegments: 0, firstAt: null, lastAt: null, observedUntil: null })],
    totals: { packets: 0, tcpSegments: 0, flows: 0 },
  }),

  "no-tcp": analysis({ totals: { tcpSegments: 0, flows: 0, skipped: { "not-tcp": 1230, arp: 4 } } }),

  "age-unknown": analysis({
    captures: [capture({ lastAt: at(5.00004), observedUntil: at(5.00004) })],
    flows: [flow("10.0.0.1:40000", SERVER, halfClose(5, { status: "recent", seconds: 0.00004 }))],
    holders: [holder("10.0.0.2", 8080, { stuck: 0, oldestSeconds: 0.00004, medianSeconds: 0.00004 })],
  }),

  "all-recent": analysis({
    flows: [606.2, 606.3, 606.4].map((since, index) =>
      flow(`10.0.0.1:${40000 + index}`, SERVER, halfClose(since, { status: "recent" })),
    ),
    holders: [holder("10.0.0.2", 8080, { stuck: 0, halfClosed: 3, oldestSeconds: 0.8, medianSeconds: 0.7 })],
  }),

  ended: analysis({
    flows: [
      flow(
        "10.0.0.1:40000",
        SERVER,
        halfClose(5, {
          status: "ended",
          atLeast: false,
          seconds: 199.3,
          bytesAfterFin: 12,
          end: {
            at: at(204.3),
            capture: 0,
            frame: 99,
            by: "reset",
            sender: "client",
            answers: { at: at(204.2), capture: 0, frame: 98 },
            cause: "write-after-close",
          },
        }),
        { verdict: "reset" },
      ),
      flow(
        "10.0.0.1:40001",
        SERVER,
        halfClose(8, {
          status: "ended",
          atLeast: false,
          seconds: 59.1,
          bytesAfterFin: 1048576,
          end: { at: at(67.1), capture: 0, frame: 512, by: "fin", sender: "server", answers: null, cause: null },
        }),
      ),
    ],
    totals: { ended: 96 },
  }),

  named: analysis({
    captures: [capture({ format: "pcapng" })],
    names: {
      "10.0.0.2": "db.example",
      "10.0.0.1": `${"very-".repeat(20)}long.example`,
      "10.0.0.3": "evil\u001b[2J.example",
    },
    flows: [flow("10.0.0.1:40000", SERVER, halfClose(5)), flow("10.0.0.3:40000", SERVER, halfClose(6))],
    holders: [
      holder("10.0.0.2", 8080, {
        halfClosed: 2,
        peers: [peer("10.0.0.1", 1), peer("10.0.0.3", 1)],
      }),
    ],
  }),

  hostile: analysis({
    captures: [
      capture({
        path: "evil\u001b[2J\u009b31m\u202egnp.pcap\n",
        problems: [{ kind: "x", count: 2, message: "bad \u001b]0;pwned\u0007 name" }],
      }),
    ],
    flows: [flow("10.0.0.1:40000", SERVER, halfClose(5), { sameAs: "\u001b[31mred" })],
    holders: [holder("10.0.0.2\u001b[5m", 8080)],
    findings: [
      finding({
        kind: "\u001b[7mkind" as FindingKind,
        summary: "<script>\u001b[1A\u202e</script>",
        advice: "\r\nadvice\u0000",
      }),
    ],
  }),
};

export function scene(name: string): Analysis {
  const found = SCENES[name];
  if (found === undefined) throw new Error(`no scene ${name}`);
  return found;
}

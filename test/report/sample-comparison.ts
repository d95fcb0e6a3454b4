import type { ComparedFlow, Comparison, Discrepancy, PointView } from "../../src/compare/model.ts";
import { at, capture } from "./sample-analysis.ts";

const view = (over: Partial<PointView> = {}): PointView => ({
  id: "10.0.0.1:40000-10.0.0.2:8080@1700000001.000000000",
  client: { ip: "10.0.0.1", port: 40000 },
  server: { ip: "10.0.0.2", port: 8080 },
  verdict: "half-closed",
  status: "stuck",
  segments: { client: 5, server: 4 },
  ...over,
});

const LOST_FIN: Discrepancy = {
  segment: "FIN",
  sender: "server",
  fate: "lost",
  seenAt: "b",
  evidence: { at: at(2), capture: 0, frame: 12 },
  copies: { a: 0, b: 6 },
  arrivedLater: false,
};

const flow = (over: Partial<ComparedFlow> = {}): ComparedFlow => ({
  a: view(),
  b: view({ verdict: "fin-unacked", status: null }),
  matchedBy: "addresses-and-numbers",
  verdict: "fin-unacked",
  because: LOST_FIN,
  clientAt: "a",
  discrepancies: [LOST_FIN],
  ...over,
});

const REFUSED: Discrepancy = {
  ...LOST_FIN,
  segment: "RST",
  fate: "inserted",
  seenAt: "a",
  copies: { a: 1, b: 0 },
  evidence: { at: at(3), capture: 0, frame: 31 },
};
const AGAIN: Discrepancy = {
  ...LOST_FIN,
  segment: "SYN",
  sender: "client",
  seenAt: "a",
  copies: { a: 2, b: 1 },
  arrivedLater: true,
};

/** A firewall ate FINs, sent a RST of its own, and translates one of the clients. */
export const COMPARISON: Comparison = {
  schemaVersion: 1,
  tool: { name: "closewait", version: "0.1.0" },
  points: {
    a: { captures: [capture({ path: "client.pcap" })], from: at(0), until: at(600), flows: 130 },
    b: { captures: [capture({ path: "server/\u001b[31mserver.pcap" })], from: at(1), until: at(601), flows: 129 },
  },
  clock: {
    offsetSeconds: 1.25,
    uncertaintySeconds: 0.0051,
    roundTripSeconds: 0.0102,
    driftPpm: 12.34,
    samples: { a: 256, b: 240 },
  },
  totals: { both: 128, translated: 1, onlyA: 2, onlyB: 1, outside: 3, withDiscrepancy: 36, verdictsDiffer: 35 },
  losses: [
    { segment: "FIN", sender: "server", fate: "lost", from: "b", connections: 34, segments: 204, never: 34 },
    { segment: "RST", sender: "server", fate: "inserted", from: "b", connections: 1, segments: 1, never: 1 },
    { segment: "SYN", sender: "client", fate: "lost", from: "a", connections: 1, segments: 1, never: 0 },
  ],
  flows: [
    flow(),
    flow({
      a: view({ verdict: "reset", status: null }),
      b: view({ client: { ip: "192.0.2.1", port: 61000 }, verdict: "established", status: null }),
      matchedBy: "numbers",
      verdict: "reset",
      because: REFUSED,
      discrepancies: [REFUSED],
    }),
    flow({
      a: view({ verdict: "closed" }),
      b: view({ verdict: "closed" }),
      verdict: "closed",
      because: null,
      discrepancies: [AGAIN],
    }),
  ],
};

import type {
  Analysis,
  CaptureReport,
  Endpoint,
  Finding,
  Flow,
  HalfClose,
  Holder,
  HolderPeer,
  Totals,
} from "../../src/analysis/model.ts";

/** 2026-11-20 02:45:20 UTC, the first moment of every sample. */
const START_MILLIS = Date.UTC(2026, 10, 20, 2, 45, 20);

/** The moment so many seconds after the start of the sample capture. */
export function at(seconds: number): string {
  const micros = Math.round(seconds * 1e6);
  const iso = new Date(START_MILLIS + Math.floor(micros / 1000)).toISOString();
  return `${iso.slice(0, -1)}${String(micros % 1000).padStart(3, "0")}000Z`;
}

export function capture(over: Partial<CaptureReport> = {}): CaptureReport {
  return {
    path: "captures/server.pcap",
    format: "pcap",
    compression: null,
    linkTypes: ["EN10MB"],
    packets: 1234,
    tcpSegments: 1200,
    firstAt: at(0),
    lastAt: at(607),
    observedUntil: at(607),
    durationSeconds: 607,
    cutShort: false,
    dropped: null,
    problems: [],
    ...over,
  };
}

export function endpoint(text: string): Endpoint {
  const colon = text.lastIndexOf(":");
  return { ip: text.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(text.slice(colon + 1)) };
}

export function halfClose(since: number, over: Partial<HalfClose> = {}): HalfClose {
  return {
    status: "stuck",
    since: at(since),
    sinceUncertainSeconds: 0,
    fin: { at: at(since), capture: 0, frame: 7, copies: 1 },
    finAck: { at: at(since + 0.00004), capture: 0, frame: 8 },
    end: null,
    seconds: 607 - since,
    atLeast: true,
    bytesAfterFin: 0,
    lastPayloadAt: null,
    lastSignOfLifeAt: at(since + 0.00004),
    closerLastSeenAt: at(since),
    idleBeforeFinSeconds: 0.9,
    unanswered: null,
    unreadBytesAtLeast: null,
    ...over,
  };
}

/** A flow from client to server; half-closed by the client when `half` is given. */
export function flow(client: string, server: string, half: HalfClose | null, over: Partial<Flow> = {}): Flow {
  const open = half !== null && half.status !== "ended";
  return {
    id: `${client}-${server}@1795142720.000000000`,
    client: endpoint(client),
    server: endpoint(server),
    roles: "handshake",
    openedAt: at(0.5),
    establishedAt: at(0.501),
    firstAt: at(0.5),
    lastAt: half?.lastSignOfLifeAt ?? at(3),
    segments: { client: 5, server: 4 },
    payloadBytes: { client: 120, server: 3400 },
    retransmittedBytes: { client: 0, server: 0 },
    captures: [0],
    sameAs: null,
    states: open ? { client: "CLOSED", server: "CLOSE-WAIT" } : { client: "TIME-WAIT", server: "CLOSED" },
    assumed: open ? ["client"] : [],
    verdict: open ? "half-closed" : "closed",
    reasons: [],
    closer: "client",
    holder: "server",
    halfClose: half,
    reset: null,
    ...over,
  };
}

export function holder(ip: string, port: number | null, over: Partial<Holder> = {}): Holder {
  return {
    endpoint: { ip, port },
    role: port === null ? "client" : "server",
    stuck: 1,
    halfClosed: 1,
    flows: 128,
    share: 0.0078125,
    servedMeanwhile: port === null ? null : 94,
    peers: [peer("10.0.0.1", 1)],
    oldestSeconds: 602,
    medianSeconds: 301,
    lastsMedianSeconds: 0.0003,
    lastsP95Seconds: null,
    growthPerHour: null,
    growthErrorPerHour: null,
    growthUntil: null,
    exhaustion: [],
    gauge: { from: at(5), until: at(607), counts: [1, 1] },
    closedMedianSeconds: 0.00026,
    closedP99Seconds: 0.13,
    closedCount: 94,
    ...over,
  };
}

export function peer(ip: string, count: number): HolderPeer {
  return { ip, count, stuck: count, oldestSeconds: 602 };
}

export function finding(over: Partial<Finding> = {}): Finding {
  return {
    kind: "never-touched",
    severity: "high",
    confidence: "high",
    holder: { ip: "10.0.0.2", port: 8080 },
    peers: [{ ip: "10.0.0.1", count: 34 }],
    relayedTo: null,
    since: at(5),
    until: null,
    summary:
      "34 of 34 probes from 10.0.0.1 since 02:45:25 were never touched by the application (0 bytes, no FIN), while 94 other connections to the same port were served.",
    evidence: { periodSeconds: 1.5 },
    examples: [
      {
        flow: "10.0.0.1:40000-10.0.0.2:8080@1795142720.000000000",
        frames: [
          { at: at(5), capture: 0, frame: 7, shows: "FIN" },
          { at: at(5), capture: 0, frame: 8, shows: "ACK of the FIN" },
        ],
      },
    ],
    alternatives: ["still in the accept queue (never-accepted): `ss -lnt` shows its length"],
    advice:
      "Look for sockets that were accepted and never registered: an exception between accept() and the event loop.",
    flows: ["10.0.0.1:40000-10.0.0.2:8080@1795142720.000000000"],
    flowCount: 34,
    ...over,
  };
}

export function analysis(over: Partial<Omit<Analysis, "totals">> & { totals?: Partial<Totals> } = {}): Analysis {
  const flows = over.flows ?? [];
  const withStatus = (status: string) => flows.filter((flow) => flow.halfClose?.status === status).length;
  const stuck = withStatus("stuck");
  const draining = withStatus("draining");
  const recent = withStatus("recent");
  return {
    schemaVersion: 1,
    tool: { name: "closewait", version: "0.1.0" },
    captures: [capture()],
    options: { minAgeSeconds: 1 },
    flows,
    holders: [],
    findings: [],
    ...over,
    totals: {
      packets: 1234,
      tcpSegments: 1200,
      duplicates: 0,
      skipped: {},
      flows: 128,
      halfClosed: stuck + draining + recent,
      stuck,
      draining,
      recent,
      ended: withStatus("ended"),
      undecided: 0,
      undecidedByReason: {},
      byVerdict: {},
      ...over.totals,
    },
  };
}

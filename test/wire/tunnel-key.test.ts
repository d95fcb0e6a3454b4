/** Which tunnels are part of a flow's key: those whose identifier separates address spaces and is the same in both directions. */
import { describe, expect, it } from "vitest";
import { FlowTable } from "../../src/flow/flow-table.ts";
import { historyOf } from "../../src/tcp/historian.ts";
import type { FlowHistory } from "../../src/tcp/history.ts";
import { DECIDED_NANOS, Replay } from "../../src/tcp/replay.ts";
import { FrameDecoder } from "../../src/wire/frame-decoder.ts";
import { BATCH_ROWS, SegmentBatch } from "../../src/wire/segment-batch.ts";
import { conversation } from "../build/conversation.ts";
import {
  type Carried,
  ENDS_V4,
  ENDS_V6,
  erspanII,
  ethernet,
  ethernetOverGre,
  geneve,
  gre,
  gtp,
  ipInIp,
  iTag,
  l2tp,
  lisp,
  mpls,
  nvgre,
  pppoeSession,
  pptp,
  vlan,
  vxlan,
  vxlanGpe,
} from "../build/encapsulations.ts";
import { frameOf, type TestSegment } from "../build/frames.ts";
import { frame, SEED } from "./decoded.ts";
import { onEthernet, V4 } from "./encapsulated.ts";

/** What a frame's row has of the key beside addresses and ports. */
function keyOf(carried: Carried) {
  const batch = new SegmentBatch();
  new FrameDecoder({ seed: SEED }).decodeOne(frame(onEthernet(carried)), 1, 0, batch);
  expect(batch.rows).toBe(1);
  return { tunnel: batch.tunnel[0], hash: batch.hash[0] };
}

const PLAIN = keyOf(V4);
const TENANT = ethernet(V4);

describe("the tunnel in the key", () => {
  it("tells overlapping tenants apart, and kinds of tunnels", () => {
    const keys = [
      PLAIN,
      ...[0, 7, 8].flatMap((id) => [
        keyOf(vxlan(TENANT, id)),
        keyOf(geneve(TENANT, id)),
        keyOf(nvgre(TENANT, 0x1000 + id)),
        keyOf(gre(V4, { key: id })),
        keyOf(iTag(TENANT, id)),
        keyOf(lisp(V4, id)),
        keyOf(ethernetOverGre(TENANT, id)),
      ]),
    ];
    expect(new Set(keys.map(({ tunnel }) => tunnel)).size).toBe(keys.length);
    expect(new Set(keys.map(({ hash }) => hash)).size).toBe(keys.length);
  });

  it("is the network, however it is reached", () => {
    expect(keyOf(vxlan(TENANT, 7, ENDS_V6))).toEqual(keyOf(vxlan(TENANT, 7)));
    expect(keyOf(vxlan(TENANT, 7, { from: ENDS_V4.to, to: ENDS_V4.from }))).toEqual(keyOf(vxlan(TENANT, 7)));
    expect(keyOf(vxlanGpe(V4, 7))).toEqual(keyOf(vxlan(TENANT, 7)));
  });

  it("is the innermost that has one", () => {
    expect(keyOf(vxlan(ethernet(geneve(TENANT, 8)), 7)).tunnel).toBe(keyOf(geneve(TENANT, 8)).tunnel);
    expect(keyOf(vxlan(ethernet(ipInIp(V4)), 7)).tunnel).toBe(keyOf(vxlan(TENANT, 7)).tunnel);
  });

  it("of NVGRE leaves out the flow, which differs by direction; a key below all subnets counts whole", () => {
    expect(keyOf(nvgre(TENANT, 0x5000, 1))).toEqual(keyOf(nvgre(TENANT, 0x5000, 0xfe)));
    expect(keyOf(gre(TENANT, { key: 5 })).tunnel).not.toBe(keyOf(gre(TENANT, { key: 6 })).tunnel);
  });

  it.each<[string, Carried]>([
    ["VLAN", vlan(V4)],
    ["IP in IP", ipInIp(V4)],
    ["GRE without a key", gre(V4)],
    ["MPLS labels", mpls(V4)],
    ["PPPoE sessions", pppoeSession(V4)],
    ["GTP endpoints", gtp(V4, { endpoint: 0x1234 })],
    ["L2TP sessions", l2tp(V4)],
    ["PPTP calls", pptp(V4)],
    ["ERSPAN sessions", erspanII(TENANT, 3)],
  ])("does not hold what differs by direction or separates nothing: %s", (_name, carried) => {
    expect(keyOf(carried)).toEqual(PLAIN);
  });
});

describe("connections of tenants with the same addresses and ports", () => {
  /** One is half-closed by its client, the other closed by both; their packets alternate. */
  const HALF_CLOSED = conversation(`
    0.0  c > s  [S]
    0.1  s > c  [S.]
    0.2  c > s  [.]
    0.3  c > s  [F.]
    0.4  s > c  [.]
  `).segments;
  const CLOSED = conversation(`
    0.05  c > s  [S]
    0.15  s > c  [S.]
    0.25  c > s  [.]
    0.35  s > c  [F.]
    0.45  c > s  [F.]
    0.55  s > c  [.]
  `).segments;

  type Encapsulate = (carried: Carried, network: number) => Carried;
  type Overlay = [name: string, encapsulate: Encapsulate];
  const OVERLAYS: readonly Overlay[] = [
    ["VXLAN", (c, network) => vxlan(ethernet(c), network)],
    ["GENEVE", (c, network) => geneve(ethernet(c), network)],
  ];

  const inNetwork = (segment: TestSegment, network: number, encapsulate: Encapsulate) => {
    const datagram = { etherType: 0x0800, octets: frameOf(segment, { link: "RAW" }) };
    return frame(onEthernet(encapsulate(datagram, network)), { time: Number(segment.at % 10_000_000_000n) });
  };

  it.each(OVERLAYS)(
    "in %s: a network for each direction is one flow, when the handshake shows it",
    (_name, encapsulate) => {
      const frames = HALF_CLOSED.map((segment) => {
        const isAnswer = segment.from.port === HALF_CLOSED[0]?.to.port;
        return inNetwork(segment, isAnswer ? 20 : 10, encapsulate);
      });
      expect(endsOf(frames)).toEqual([
        [
          [3, true],
          [2, false],
        ],
      ]);
    },
  );

  it.each(OVERLAYS)("in %s: what passes through two networks both ways stays two flows", (_name, encapsulate) => {
    const frames = HALF_CLOSED.flatMap((segment) =>
      [10, 20].map((network) => inNetwork(segment, network, encapsulate)),
    );
    expect(endsOf(frames)).toHaveLength(2);
  });

  it.each<Overlay>([
    ...OVERLAYS,
    ["NVGRE", (c, network) => nvgre(ethernet(c), 0x1000 + network, network)],
    ["802.1ah", (c, network) => iTag(ethernet(c), network)],
  ])("in %s are two flows", (_name, encapsulate) => {
    const frames = [HALF_CLOSED, CLOSED].flatMap((segments, network) =>
      segments.map((segment) => inNetwork(segment, network, encapsulate)),
    );
    expect(endsOf(frames.sort((a, b) => a.time - b.time))).toEqual([
      [
        [3, true],
        [2, false],
      ],
      [
        [3, true],
        [3, true],
      ],
    ]);
  });

  /** Of each flow and end: how many segments, and whether it sent its FIN. */
  function endsOf(frames: readonly ReturnType<typeof frame>[]) {
    const histories: FlowHistory[] = [];
    const table = new FlowTable(
      new Replay((...outcome) => histories.push(historyOf(...outcome)), DECIDED_NANOS),
      BATCH_ROWS,
    );
    const decoder = new FrameDecoder({ seed: SEED });
    const batch = new SegmentBatch();
    for (const [number, f] of frames.entries()) decoder.decodeOne(f, number + 1, number, batch);
    table.update(batch);
    Array.from(table.finish());
    return histories
      .sort((a, b) => a.order - b.order)
      .map(({ ends }) => ends.map(({ segments, fin }) => [segments, fin !== null]));
  }
});

/** What is said of the recorded captures: of incidents the cause, with the numbers of the scenario that was played; of the others nothing. */
import { describe, expect, it } from "vitest";
import type { FindingKind } from "../../src/analysis/model.ts";
import { analyzeCaptures } from "../../src/questions.ts";
import { pathOf, RECORDING_NAMES } from "../laws/recordings.ts";
import { weighty } from "./traffic.ts";

interface Expected {
  readonly kind: FindingKind;
  readonly flowCount: number;
  readonly evidence?: Readonly<Record<string, unknown>>;
  readonly relayed?: number;
}

const timeouts = (...seconds: number[]) => seconds.map((value) => ({ seconds: expect.closeTo(value, 2) }));

const INCIDENTS: Readonly<Record<string, readonly Expected[]>> = {
  "idle-pool.pcap": [
    {
      kind: "idle-pool",
      flowCount: 12,
      evidence: { closedWithinSeconds: expect.closeTo(0.4, 1), idleTimeoutSeconds: null },
    },
  ],
  "pool-outlives-time-out.pcap": [
    { kind: "idle-pool", flowCount: 8, evidence: { idleTimeoutSeconds: expect.closeTo(2, 1) } },
  ],
  "two-incidents.pcap": [
    { kind: "never-touched", flowCount: 10, evidence: { periodSeconds: expect.closeTo(0.8, 2), servedMeanwhile: 4 } },
    { kind: "connection-cap", flowCount: 16, evidence: { cap: 9, refused: 16 } },
  ],
  "client-never-closes.pcap": [{ kind: "idle-pool", flowCount: 4 }],
  "crawler-never-releases.pcap": [
    { kind: "never-closed", flowCount: 12, evidence: { growthPerHour: expect.closeTo(7200, -2) } },
  ],
  "never-closed.pcap": [
    { kind: "never-closed", flowCount: 5, evidence: { unansweredRequests: 5, clientTimeouts: timeouts(1) } },
  ],
  "slow-close.pcap": [
    { kind: "slow-close", flowCount: 14, evidence: { closed: 11, open: 3, clientTimeouts: timeouts(1, 1.5) } },
  ],
  "never-accepted.pcap": [{ kind: "never-accepted", flowCount: 12, evidence: { clientTimeouts: timeouts(1) } }],
  "connection-cap.pcap": [{ kind: "connection-cap", flowCount: 48, evidence: { cap: 40, refused: 48 } }],
  "never-touched.pcap": [
    {
      kind: "never-touched",
      flowCount: 10,
      evidence: { probes: 10, periodSeconds: expect.closeTo(1.5, 2), servedMeanwhile: 3 },
    },
  ],
  "dependency-stall.pcap": [
    { kind: "dependency-stall", flowCount: 28, evidence: { poolSize: 20, clientTimeouts: timeouts(1, 1.1, 1.2) } },
  ],
  "patient-proxy.pcap": [
    { kind: "never-closed", flowCount: 3, evidence: { relayedBy: [{ port: 3128, connections: 3 }] } },
  ],
  "keep-alive-times-out.pcap": [{ kind: "vanished-peer", flowCount: 3 }],
  // Plain leaks, of three sockets or more.
  "server-never-closes.pcap": [{ kind: "never-closed", flowCount: 4 }],
  "ipv6-server-never-closes.pcap": [{ kind: "never-closed", flowCount: 3 }],
  "lost-once-client.pcap": [{ kind: "never-closed", flowCount: 6 }],
  "lost-once-server.pcap": [{ kind: "never-closed", flowCount: 6 }],
};

const findingsOf = async (name: string) => (await analyzeCaptures([pathOf(name)])).findings;

describe("recorded incidents", () => {
  it.each(Object.keys(INCIDENTS))("%s", async (name) => {
    expect(weighty(await findingsOf(name))).toMatchObject(INCIDENTS[name] ?? []);
    expect(weighty(await findingsOf(name))).toHaveLength(INCIDENTS[name]?.length ?? 0);
  });

  it("a descriptor that a child inherited looks like one that was never closed: the remark says so", async () => {
    const [found] = await findingsOf("inherited-descriptor.pcap");
    expect(found).toMatchObject({ kind: "never-closed", severity: "low", flowCount: 1 });
    expect(found?.alternatives.join()).toMatch(/child process inherited/);
  });

  it("the proxy is a victim", async () => {
    const victim = (await findingsOf("patient-proxy.pcap")).find(({ relayedTo }) => relayedTo !== null);
    expect(victim).toMatchObject({
      kind: "never-closed",
      severity: "low",
      holder: { port: 3128 },
      relayedTo: { port: 8567 },
    });
  });
});

describe("all other recordings: nothing above a remark", () => {
  it.each(RECORDING_NAMES.filter((name) => !Object.hasOwn(INCIDENTS, name)))("%s", async (name) => {
    expect(weighty(await findingsOf(name))).toEqual([]);
  });
});

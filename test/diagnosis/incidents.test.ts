import { describe, expect, it } from "vitest";
import {
  connectionCap,
  dependencyStall,
  everyday,
  idlePool,
  neverAccepted,
  neverClosed,
  neverTouched,
  slowClose,
  V4,
} from "./scenes.ts";
import { kindsOf, only, secondsAt, Traffic, weighty } from "./traffic.ts";

const SERVER = { ip: "10.0.0.2", port: 8080 };

/** Found with the right numbers; and the near misses that are something else, or nothing. */
describe("idle-pool: a pool that keeps what the server has closed", () => {
  it("names the pool, the servers, the burst and the idle time", async () => {
    const traffic = new Traffic();
    idlePool(traffic, V4, 8);
    everyday(traffic, V4, 20, 1, 15);
    const [found, ...others] = weighty(await traffic.until(20).findings());
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      kind: "idle-pool",
      severity: "medium",
      confidence: "high",
      holder: { ip: "10.0.0.1", port: null },
      peers: [{ ip: "10.0.0.2", count: 8 }],
      flowCount: 8,
      evidence: { connections: 8, open: 8, idleTimeoutSeconds: null, keepAliveOfHolder: 0 },
    });
    expect(secondsAt(found?.since ?? null)).toBeCloseTo(8, 3);
    expect(found?.evidence).toMatchObject({ closedWithinSeconds: expect.closeTo(0.0875, 3) });
    expect(found?.evidence).toMatchObject({ idleMedianSeconds: expect.closeTo(6.48, 1) });
  });

  it("names the idle time of a single connection", async () => {
    const traffic = new Traffic();
    traffic.connect("10.0.0.1", V4.server, 1).ask(1.1).answer(1.2).close("server", 9.2, { after: null });
    const found = only(await traffic.until(60).findings(), "idle-pool");
    expect(found.summary).toContain("in CLOSE-WAIT: the server closed it after 8.00 s of idleness, and");
  });

  it("tells a server's idle time-out from a burst", async () => {
    const traffic = new Traffic();
    for (let index = 0; index < 6; index++) {
      const at = 1 + index * 0.7;
      const one = traffic
        .connect("10.0.0.1", V4.server, at)
        .ask(at + 0.01)
        .answer(at + 0.02);
      one.close("server", at + 0.02 + 2 + index * 0.0003, { after: null });
    }
    const findings = await traffic.until(20).findings();
    expect(only(findings, "idle-pool").evidence).toMatchObject({ idleTimeoutSeconds: expect.closeTo(2, 2) });
    expect(only(findings, "server-idle-timeout")).toMatchObject({ severity: "low", holder: SERVER });
  });

  it("of a single connection claims neither a pool nor a burst", async () => {
    const traffic = new Traffic();
    idlePool(traffic, V4, 1);
    expect(only(await traffic.until(20).findings(), "idle-pool").summary).toBe(
      "10.0.0.1 (client) kept 1 idle connection to 10.0.0.2:8080 in CLOSE-WAIT: the server closed it after 5.99 s of idleness, and the client did not notice. No keep-alive was seen.",
    );
  });

  it("includes a pool that was in use when the server closed all of it at once", async () => {
    const traffic = new Traffic();
    idlePool(traffic, V4, 6, { used: 7.6, fin: 8 });
    expect(only(await traffic.until(20).findings(), "idle-pool").flowCount).toBe(6);
  });

  it("counts what keep-alive has ended since", async () => {
    const traffic = new Traffic();
    for (let index = 0; index < 4; index++) {
      const one = traffic
        .connect("10.0.0.1", V4.server, 0.1 + index * 0.01)
        .ask(0.2)
        .answer(0.21);
      one.close("server", 5 + index * 0.01, { after: null });
      one.send("client", 60, "[.]", "seq 100").send("server", 60.0002, "[R]");
    }
    const found = only(await traffic.until(90).findings(), "idle-pool");
    expect(found.evidence).toMatchObject({ connections: 4, open: 0, endedByReset: 4, keepAliveOfHolder: 4 });
    expect(secondsAt(found.until)).toBeCloseTo(60, 1);
  });

  it("is not said of a client that never releases an answer: the FIN follows it at once", async () => {
    const traffic = new Traffic();
    for (let index = 0; index < 6; index++) {
      const at = 1 + index * 0.5;
      const one = traffic
        .connect("10.0.0.1", V4.server, at)
        .ask(at + 0.01)
        .answer(at + 0.05);
      one.close("server", at + 0.0503, { after: null });
    }
    const findings = await traffic.until(20).findings();
    expect(kindsOf(weighty(findings))).toEqual(["never-closed"]);
    expect(only(findings, "never-closed").holder).toEqual({ ip: "10.0.0.1", port: null });
  });

  it("is not said of clients that close in time, nor of those that close late", async () => {
    const traffic = new Traffic();
    for (let index = 0; index < 6; index++) {
      const one = traffic
        .connect("10.0.0.1", V4.server, 0.1 + index * 0.01)
        .ask(0.2)
        .answer(0.21);
      one.close("server", 5 + index * 0.01, { after: index % 2 === 0 ? 0.0005 : 2 });
    }
    expect(weighty(await traffic.until(20).findings())).toEqual([]);
  });
});

describe("never-closed: answered, and not closed", () => {
  it("gives their number, their ages, and how fast they grow", async () => {
    const traffic = new Traffic();
    neverClosed(traffic, V4, 6);
    everyday(traffic, V4, 30, 0.1, 18);
    const findings = await traffic.until(20).findings();
    expect(kindsOf(weighty(findings))).toEqual(["never-closed"]);
    const found = only(findings, "never-closed");
    expect(found).toMatchObject({ severity: "medium", confidence: "high", holder: SERVER, flowCount: 6 });
    expect(found.evidence).toMatchObject({ connections: 6, ofConnections: 36, open: 6, unansweredRequests: 0 });
    expect(secondsAt(found.since)).toBeCloseTo(1.03, 3);
    expect(found.examples[0]?.frames.map(({ shows }) => shows)).toEqual(["FIN", "ACK of the FIN"]);
  });

  it("includes single requests that were not answered between others that were", async () => {
    const traffic = new Traffic();
    for (let index = 0; index < 4; index++) {
      const at = 1 + index;
      traffic
        .connect("10.0.0.1", V4.server, at)
        .ask(at + 0.01)
        .close("client", at + 1.01, { after: null });
    }
    everyday(traffic, V4, 30, 0.1, 12);
    const found = only(weighty(await traffic.until(20).findings()), "never-closed");
    expect(found.evidence).toMatchObject({ unansweredRequests: 4 });
    expect(found.evidence).toMatchObject({ clientTimeouts: [{ seconds: 1, connections: 4 }] });
  });

  it("is not said of half-closes in use, even when they pause", async () => {
    const traffic = new Traffic();
    for (let index = 0; index < 5; index++) {
      const one = traffic
        .connect("10.0.0.1", V4.server, 1 + index)
        .ask(1.01 + index)
        .close("client", 1.02 + index, { after: null });
      for (let at = 1.1 + index; at < 4 + index; at += 0.3) one.answer(at);
    }
    expect(weighty(await traffic.until(20).findings())).toEqual([]);
  });

  it("is not said of half-closes that are no older than what the endpoint has closed", async () => {
    const traffic = new Traffic();
    for (let index = 0; index < 8; index++) {
      const at = 1 + index * 0.5;
      traffic
        .connect("10.0.0.1", V4.server, at)
        .ask(at + 0.01)
        .answer(at + 0.02)
        .close("client", at + 0.03, { after: index < 5 ? 6 : null });
    }
    const findings = await traffic.until(9.5).findings();
    expect(weighty(findings)).toEqual([]);
    expect(only(findings, "slow-close").evidence).toMatchObject({ closed: 5, open: 3 });
  });

  it("blames the far end of a relay, whose own half-closes are its victims", async () => {
    const traffic = new Traffic();
    for (let index = 0; index < 4; index++) {
      const at = 1 + index;
      const near = traffic.connect("10.0.0.1", "10.0.0.5:3128", at).ask(at + 0.01);
      const far = traffic
        .connect("10.0.0.5", V4.server, at + 0.011)
        .ask(at + 0.012)
        .answer(at + 0.02);
      near.answer(at + 0.021).close("client", at + 0.5, { after: null });
      far.close("client", at + 0.50006, { after: null });
    }
    const [cause, victim] = await traffic.until(20).findings();
    expect(cause).toMatchObject({ kind: "never-closed", severity: "medium", holder: SERVER, relayedTo: null });
    expect(cause?.evidence).toMatchObject({ relayedBy: [{ ip: "10.0.0.5", port: 3128, connections: 4 }] });
    expect(victim).toMatchObject({
      kind: "never-closed",
      severity: "low",
      holder: { ip: "10.0.0.5", port: 3128 },
      relayedTo: SERVER,
    });
  });
});

describe("slow-close: closed, but late", () => {
  it("gives the durations and the clients' time-outs", async () => {
    const traffic = new Traffic();
    slowClose(traffic, V4, 9);
    everyday(traffic, V4, 20, 0.1, 9);
    const findings = await traffic.until(20).findings();
    expect(kindsOf(weighty(findings))).toEqual(["slow-close"]);
    const found = only(findings, "slow-close");
    expect(found).toMatchObject({ severity: "medium", holder: SERVER, flowCount: 9 });
    expect(found.evidence).toMatchObject({ lastsMedianSeconds: expect.closeTo(2, 2) });
    expect(found.evidence).toMatchObject({ clientTimeouts: [{ seconds: 1, connections: 9 }] });
    expect(only(findings, "client-timeout").severity).toBe("low");
  });

  it("is a remark where nobody waited in vain, and nothing for one or two", async () => {
    const lateCloses = (count: number) => {
      const traffic = new Traffic();
      for (let index = 0; index < count; index++) {
        const at = 1 + index * 0.1;
        traffic
          .connect("10.0.0.1", V4.server, at)
          .ask(at + 0.01)
          .answer(at + 0.02)
          .close("client", at + 0.03, { after: 2 });
      }
      return traffic.until(20).findings();
    };
    expect(await lateCloses(5)).toMatchObject([{ kind: "slow-close", severity: "low" }]);
    expect(await lateCloses(2)).toEqual([]);
  });
});

describe("never-accepted: nobody took them from the queue", () => {
  it("names both causes, and the command that decides", async () => {
    const traffic = new Traffic();
    everyday(traffic, V4, 5, 0.1, 4);
    neverAccepted(traffic, V4, 6);
    const findings = await traffic.until(20).findings();
    expect(kindsOf(weighty(findings))).toEqual(["never-accepted"]);
    const found = only(findings, "never-accepted");
    expect(found).toMatchObject({ severity: "high", confidence: "medium", holder: SERVER, flowCount: 6 });
    expect(found.evidence).toMatchObject({ connections: 6, unansweredBytes: 600, unansweredSyns: 0 });
    expect(found.alternatives.join()).toMatch(/ss -lnt/);
  });

  it("is sure when later connections are not even opened", async () => {
    const traffic = new Traffic();
    neverAccepted(traffic, V4, 6, { dropped: 3 });
    const found = only(await traffic.until(30).findings(), "never-accepted");
    expect(found).toMatchObject({ confidence: "high", evidence: { unansweredSyns: 3 } });
    expect(found.summary).toMatch(/The accept queue seems to be full: 3 later connection attempts got no answer\.$/);
    expect(found.alternatives).toMatchObject(
      [/^a firewall that drops SYNs: .*nstat/].map((text) => expect.stringMatching(text)),
    );
  });

  it("is not said when a connection that was opened later is served: a queue keeps its order", async () => {
    const traffic = new Traffic();
    neverAccepted(traffic, V4, 6);
    everyday(traffic, V4, 5, 6, 12);
    expect(kindsOf(weighty(await traffic.until(20).findings()))).toEqual(["never-closed"]);
  });

  describe("beside connections that stood before the capture began", () => {
    const observed = (connect: (traffic: Traffic) => ReturnType<Traffic["connect"]>) => {
      const traffic = new Traffic();
      neverAccepted(traffic, V4, 7, { from: 0.1 });
      connect(traffic).talk(0.35, 10, 0.7);
      return traffic.until(20).findings();
    };

    it("which are served whenever they speak: they have long been accepted", async () => {
      const findings = await observed((traffic) => traffic.connection("10.0.0.7", V4.server));
      expect(kindsOf(weighty(findings))).toEqual(["never-accepted"]);
      const found = only(findings, "never-accepted");
      expect(found).toMatchObject({ severity: "high", flowCount: 7 });
      expect(found.evidence).toMatchObject({ connections: 7, servedMeanwhile: 1 });
      expect(kindsOf(findings)).not.toContain("never-closed");
    });

    it("but not beside one that was opened and served in the middle of the queue", async () => {
      const findings = await observed((traffic) => traffic.connect("10.0.0.7", V4.server, 0.95));
      expect(kindsOf(weighty(findings))).not.toContain("never-accepted");
    });
  });
});

describe("accept-queue-overflow: handshakes whose third ACK was dropped", () => {
  it("tells of the clients that believed to be connected", async () => {
    const traffic = new Traffic();
    for (let index = 0; index < 3; index++) {
      const one = traffic.connect("10.0.0.1", V4.server, 1 + index * 0.1).send("client", 1.5, "[P.]", "length 100");
      for (const at of [2, 4, 8]) {
        one.send("server", at, "[S.]", "seq 0  ack 1  <mss 1460>").send("client", at + 0.0002, "[.]", "seq 101  ack 1");
        one.send("client", at + 0.1, "[P.]", "seq 1:101  ack 1");
      }
    }
    const found = only(await traffic.until(30).findings(), "accept-queue-overflow");
    expect(found).toMatchObject({ severity: "medium", confidence: "high", holder: SERVER, flowCount: 3 });
    expect(found.summary).toMatch(
      /^The accept queue of 10.0.0.2:8080 is full: 3 clients .*, and [\d,]+ bytes they sent/,
    );
  });

  it("is less sure of clients that sent nothing but their FINs", async () => {
    const traffic = new Traffic();
    for (let index = 0; index < 3; index++) {
      const one = traffic.connect("10.0.0.1", V4.server, 1 + index * 0.1);
      for (const at of [2, 2.4, 3.2, 4.8, 8]) one.send("client", at + index * 0.1, "[F.]", "seq 1  ack 1");
    }
    const found = only(await traffic.until(30).findings(), "accept-queue-overflow");
    expect(found).toMatchObject({ confidence: "medium", evidence: { unacknowledgedBytes: 0 } });
    expect(found.summary).toBe(
      "The accept queue of 10.0.0.2:8080 seems to be full: 3 clients believed to be connected, and their FINs were never acknowledged.",
    );
  });

  it("includes handshakes that SYN cookies have forgotten: not even a SYN-ACK comes again", async () => {
    const traffic = new Traffic();
    for (let index = 0; index < 3; index++) {
      const one = traffic.connect("10.0.0.1", V4.server, 1 + index * 0.1);
      for (const at of [1.5, 1.8, 2.4, 3.6, 6]) one.send("client", at, "[P.]", "seq 1:101  ack 1");
    }
    const findings = await traffic.until(30).findings();
    expect(kindsOf(findings)).toEqual(["accept-queue-overflow"]);
    expect(findings[0]).toMatchObject({ severity: "medium", confidence: "medium", holder: SERVER, flowCount: 3 });
    expect(findings[0]?.summary).toMatch(/ seems to be full: 3 clients .*, and 1,500 bytes they sent/);
  });

  it("is not said of a third ACK that was lost once", async () => {
    const traffic = new Traffic();
    const one = traffic.connect("10.0.0.1", V4.server, 1);
    one
      .send("server", 2, "[S.]", "seq 0  ack 1  <mss 1460>")
      .send("client", 2.0002, "[.]")
      .ask(2.1)
      .answer(2.2)
      .close("client", 3);
    expect(await traffic.until(30).findings()).toEqual([]);
  });
});

describe("connection-cap: so many per client address", () => {
  it("gives the cap, the client, the rate and the TIME-WAIT sockets", async () => {
    const traffic = new Traffic();
    connectionCap(traffic, V4, 12, 30);
    for (let index = 0; index < 3; index++) traffic.connect("10.0.0.7", V4.server, 1 + index).talk(2, 10, 1);
    const findings = await traffic.until(11).findings();
    expect(kindsOf(findings)).toEqual(["connection-cap"]);
    expect(findings[0]).toMatchObject({ severity: "high", confidence: "high", holder: SERVER, flowCount: 30 });
    expect(findings[0]?.peers).toEqual([{ ip: "10.0.0.1", count: 30 }]);
    expect(findings[0]?.evidence).toMatchObject({
      cap: 12,
      refused: 30,
      refusedByReset: 0,
      refusedPerSecond: 4,
      timeWaitPeak: 30,
    });
    expect(secondsAt(findings[0]?.since ?? null)).toBeCloseTo(3, 2);
  });

  it("counts refusals by reset, which leave no TIME-WAIT", async () => {
    const traffic = new Traffic();
    connectionCap(traffic, V4, 5, 6);
    for (let index = 0; index < 6; index++)
      traffic.connect("10.0.0.1", V4.server, 5 + index * 0.2).send("server", 5.0008 + index * 0.2, "[R.]");
    const found = only(await traffic.until(11).findings(), "connection-cap");
    expect(found.evidence).toMatchObject({ cap: 5, refused: 12, refusedByReset: 6, timeWaitPeak: 6 });
  });

  it("knows the message of a full server, also where the client had asked already", async () => {
    const traffic = new Traffic();
    connectionCap(traffic, V4, 5, 0);
    for (let index = 0; index < 10; index++) {
      const at = 2 + index;
      const one = traffic.connect("10.0.0.1", V4.server, at);
      if (index % 2 === 0) one.ask(at + 0.001);
      one.answer(at + 0.002, 36).close("server", at + 0.0021);
    }
    const found = only(await traffic.until(15).findings(), "connection-cap");
    expect(found.evidence).toMatchObject({ cap: 5, refused: 10 });
  });

  describe("every client asks at once, and the server resets behind its message: it has not read the question", () => {
    const asking = (traffic: Traffic, at: number) => traffic.connect("10.0.0.1", V4.server, at).ask(at + 0.001, 14);
    const reset = (traffic: Traffic, at: number, octets: number, flags = "[R.]", behind = 0.0003) =>
      asking(traffic, at)
        .answer(at + 0.002, octets)
        .send("server", at + 0.002 + behind, flags);

    it("is a refusal from the third time on", async () => {
      for (const [times, kinds] of [
        [10, ["connection-cap"]],
        [3, ["connection-cap"]],
        [2, []],
      ] as const) {
        const traffic = new Traffic();
        connectionCap(traffic, V4, 5, 0, { from: 14 });
        for (let index = 0; index < times; index++) reset(traffic, 2 + index, 36);
        const findings = await traffic.until(15).findings();
        expect(kindsOf(findings)).toEqual(kinds);
        if (findings[0] === undefined) continue;
        expect(findings[0]).toMatchObject({ confidence: "medium", flowCount: times });
        expect(findings[0].evidence).toMatchObject({ cap: 5, refused: times, refusedByReset: times, timeWaitPeak: 0 });
        expect(findings[0].alternatives.join()).toMatch(/SO_LINGER/);
      }
    });

    it("is counted in full, however many answers with an orderly close came before", async () => {
      const traffic = new Traffic();
      connectionCap(traffic, V4, 5, 0, { from: 14 });
      for (let index = 0; index < 60; index++) {
        const at = 1.2 + index * 0.01;
        asking(traffic, at)
          .answer(at + 0.002, 20)
          .close("server", at + 0.0021);
      }
      for (let index = 0; index < 80; index++) reset(traffic, 2 + index * 0.1, 36);
      expect(only(await traffic.until(15).findings(), "connection-cap").evidence).toMatchObject({
        cap: 5,
        refused: 80,
      });
    });

    it.each<[string, (traffic: Traffic, at: number, index: number) => void]>([
      [
        "answers of one length, closed in order",
        (traffic, at) =>
          asking(traffic, at)
            .answer(at + 0.002, 36)
            .close("server", at + 0.0021),
      ],
      ["answers of several lengths, each reset", (traffic, at, index) => reset(traffic, at, 36 + (index % 3))],
      [
        "a message, and one answer of another length",
        (traffic, at, index) => reset(traffic, at, index === 4 ? 40 : 36),
      ],
      ["a reset some time behind the answer", (traffic, at) => reset(traffic, at, 36, "[R.]", 0.2)],
      ["a reset without ACK: the socket was gone", (traffic, at) => reset(traffic, at, 36, "[R]")],
      [
        "one that is let in meanwhile",
        (traffic, at, index) => {
          reset(traffic, at, 36);
          if (index === 4)
            asking(traffic, at + 0.3)
              .answer(at + 0.31, 36)
              .close("client", at + 0.5);
        },
      ],
      [
        "one that stands for each that is reset",
        (traffic, at) => {
          reset(traffic, at, 36);
          traffic.connect("10.0.0.1", V4.server, at + 0.5).talk(at + 0.6, 14, 1);
        },
      ],
    ])("is not said of %s", async (_, play) => {
      const traffic = new Traffic();
      connectionCap(traffic, V4, 5, 0, { from: 14 });
      for (let index = 0; index < 9; index++) play(traffic, 2 + index, index);
      expect(kindsOf(await traffic.until(15).findings())).not.toContain("connection-cap");
    });

    it("is not said where no connection stands", async () => {
      const traffic = new Traffic();
      for (let index = 0; index < 9; index++) reset(traffic, 2 + index, 36);
      expect(await traffic.until(15).findings()).toEqual([]);
    });
  });

  it("is seen from afar, where a round trip takes longer than the server needs to refuse", async () => {
    const traffic = new Traffic();
    connectionCap(traffic, V4, 5, 0);
    for (let index = 0; index < 6; index++) {
      const at = 2 + index;
      const one = traffic.connection("10.0.0.1", V4.server).send("client", at, "[S]", "<mss 1460>");
      one
        .send("server", at + 0.3, "[S.]", "<mss 1460>")
        .send("client", at + 0.3001, "[.]")
        .close("server", at + 0.6);
    }
    expect(only(await traffic.until(11).findings(), "connection-cap").evidence).toMatchObject({ cap: 5, refused: 6 });
  });

  it("is not said where refusals meet any number of connections, nor of a server that answers and closes", async () => {
    const traffic = new Traffic();
    for (let index = 0; index < 10; index++) {
      traffic.connect("10.0.0.1", V4.server, 1 + index).talk(1.1 + index, 20, 1);
      traffic.connect("10.0.0.1", V4.server, 1.5 + index).close("server", 1.5008 + index);
      traffic
        .connect("10.0.0.7", V4.server, 1.6 + index)
        .ask(1.601 + index)
        .answer(1.602 + index)
        .close("server", 1.603 + index);
    }
    expect(await traffic.until(30).findings()).toEqual([]);
  });
});

describe("never-touched: accepted and forgotten", () => {
  it("gives the probes, their period, what was served meanwhile, and when it began and ended", async () => {
    const traffic = new Traffic();
    neverTouched(traffic, V4, 12, { untouched: (round) => round >= 3 && round < 9 });
    everyday(traffic, { ...V4, clients: ["10.0.0.1"] }, 20, 0.5, 18);
    const findings = await traffic.until(22).findings();
    expect(kindsOf(findings)).toEqual(["never-touched"]);
    expect(findings[0]).toMatchObject({ severity: "high", confidence: "high", holder: SERVER, flowCount: 12 });
    expect(findings[0]?.evidence).toMatchObject({ untouched: 12, probes: 12, periodSeconds: 1.5 });
    expect(Number(Object(findings[0]?.evidence).servedMeanwhile)).toBeGreaterThan(5);
    expect(findings[0]?.evidence).toMatchObject({ growthPerHour: expect.closeTo(4800, -2) });
    expect(secondsAt(findings[0]?.since ?? null)).toBeCloseTo(5.5, 2);
    expect(secondsAt(findings[0]?.until ?? null)).toBeCloseTo(13.4, 1);
  });

  it("knows of connections that stood before the capture that they were served, not that they were accepted later", async () => {
    const traffic = new Traffic();
    neverTouched(traffic, V4, 12, { untouched: () => true });
    traffic.connection("10.0.0.1", V4.server).talk(3, 21, 1);
    // Silent until all the probes have come.
    traffic.connection("10.0.0.1", V4.server).talk(20.5, 21.5, 0.5);
    const found = only(await traffic.until(22).findings(), "never-touched");
    expect(found.evidence).toMatchObject({ servedMeanwhile: 1, acceptedLater: 0 });
  });

  it("is not said of probes that are reset, nor of probes that are closed", async () => {
    const traffic = new Traffic();
    for (let round = 0; round < 8; round++)
      traffic.connect("10.0.0.7", V4.server, 1 + round).send("client", 1.001 + round, "[R.]");
    neverTouched(traffic, V4, 8, { untouched: () => false });
    expect(await traffic.until(22).findings()).toEqual([]);
  });
});

describe("dependency-stall and unread-data: requests that nobody answers", () => {
  it("names the pool that stands idle since the same moment, its size, and the clients' time-outs", async () => {
    const traffic = new Traffic();
    everyday(traffic, V4, 10, 0.5, 5);
    dependencyStall(traffic, V4, 12);
    const findings = await traffic.until(20).findings();
    expect(kindsOf(findings)).toEqual(["dependency-stall", "client-timeout"]);
    const [found] = findings;
    expect(found).toMatchObject({ severity: "high", confidence: "high", holder: SERVER, flowCount: 16 });
    expect(found?.evidence).toMatchObject({
      unansweredRequests: 16,
      unansweredBytes: 1600,
      dependency: { ip: "10.0.0.3", port: 6379 },
      poolSize: 12,
      poolConnectionsInUse: 0,
    });
    expect(found?.evidence).toMatchObject({ clientTimeouts: [{ seconds: 1 }, { seconds: 1.1 }, { seconds: 1.2 }] });
    expect(secondsAt(found?.since ?? null)).toBeCloseTo(6, 2);
  });

  it("knows a pool that opens its connections when they are needed, the last of them with the requests that wait", async () => {
    const traffic = new Traffic();
    for (let index = 0; index < 8; index++) {
      const at = index < 3 ? 0.1 : 6.01 + index * 0.001;
      const pooled = traffic.connect("10.0.0.2", V4.dependency, at);
      if (index < 3) pooled.talk(0.5, 5.5, 0.5);
      pooled.ask(6.03).answer(6.031);
      traffic.connect("10.0.0.1", V4.server, 6).ask(6.002).close("client", 7.002, { after: null });
    }
    const found = only(await traffic.until(20).findings(), "dependency-stall");
    expect(found.evidence).toMatchObject({ poolSize: 8, unansweredRequests: 8 });
  });

  it("does not blame a pool that was idle long before, or goes on being used", async () => {
    for (const lastUse of [2, 18]) {
      const traffic = new Traffic();
      for (let index = 0; index < 6; index++) {
        traffic.connect("10.0.0.2", V4.dependency, 0.1).talk(0.5 + index * 0.01, lastUse, 0.5);
      }
      neverAccepted(traffic, V4, 6, { from: 8 });
      expect(kindsOf(weighty(await traffic.until(20).findings()))).toEqual(["never-accepted"]);
    }
  });

  it("does not blame the survivors of a pool whose client holds what its servers closed", async () => {
    const traffic = new Traffic();
    idlePool(traffic, V4, 4);
    for (let index = 0; index < 4; index++) traffic.connect("10.0.0.1", "10.0.0.3:8080", 0.1).talk(0.5, 7.9, 0.5);
    expect(kindsOf(weighty(await traffic.until(20).findings()))).toEqual(["idle-pool"]);
  });

  it("unread-data: the whole endpoint stopped answering connections that it had answered", async () => {
    const traffic = new Traffic();
    for (let index = 0; index < 5; index++) {
      const one = traffic.connect("10.0.0.1", V4.server, 1 + index * 0.1).talk(1.2 + index * 0.1, 4, 0.5);
      one.ask(6 + index * 0.1).close("client", 8 + index * 0.1, { after: null });
    }
    const [found] = weighty(await traffic.until(20).findings());
    expect(found).toMatchObject({ kind: "unread-data", severity: "medium", holder: SERVER, flowCount: 5 });
    expect(found?.evidence).toMatchObject({ unansweredBytes: 500 });
    expect(secondsAt(found?.since ?? null)).toBeCloseTo(6, 2);
  });

  it("unread-data: does not say that it stopped answering, nor is it sure, where others are answered", async () => {
    for (const [lastAnswer, said, confidence] of [
      [4, "stopped answering: 3 connections", "high"],
      [18, "left requests unanswered: 3 connections", "medium"],
    ] as const) {
      const traffic = new Traffic();
      for (let index = 0; index < 3; index++) {
        const one = traffic.connect("10.0.0.1", V4.server, 1 + index * 0.1).talk(1.2 + index * 0.1, 4, 0.5);
        one.ask(6 + index * 0.1).close("client", 8 + index * 0.1, { after: null });
      }
      const full = traffic.connect("10.0.0.7", V4.server, 1).talk(1.2, 4, 0.5);
      full.send("client", 6.5, "[P.]", "length 100").send("server", 6.5002, "[.]", "win 0");
      traffic.connect("10.0.0.9", V4.server, 1).talk(1.3, lastAnswer, 0.5);
      const found = only(await traffic.until(20).findings(), "unread-data");
      expect(found).toMatchObject({ confidence, evidence: { windowsClosed: 1 } });
      expect(found.summary).toContain(`10.0.0.2:8080 ${said}`);
    }
  });
});

describe("write-after-close", () => {
  const late = async (seconds: number, count: number) => {
    const traffic = new Traffic();
    for (let index = 0; index < count; index++) {
      const at = 1 + index;
      const one = traffic
        .connect("10.0.0.1", V4.server, at)
        .ask(at + 0.01)
        .close("client", at + 0.5, { after: null });
      one.send("server", at + 0.5 + seconds, "[P.]", "length 100").send("client", at + 0.5002 + seconds, "[R]");
    }
    return traffic.until(30).findings();
  };

  it("gives the delay from the FIN to the write", async () => {
    const found = only(await late(3, 4), "write-after-close");
    expect(found).toMatchObject({ severity: "medium", holder: SERVER, flowCount: 4, evidence: { connections: 4 } });
    expect(found.evidence).toMatchObject({ delayMedianSeconds: expect.closeTo(3, 2) });
    expect(found.summary).toMatch(/answered by a reset: the end of file had not been noticed, or not heeded\.$/);
  });

  it("is not said of an answer that crossed the close", async () => {
    expect(kindsOf(await late(0.4, 4))).not.toContain("write-after-close");
  });
});

describe("vanished-peer and fin-unacked", () => {
  it("a peer of which nothing more is heard is gone", async () => {
    const traffic = new Traffic();
    for (let index = 0; index < 3; index++) {
      const one = traffic
        .connect("10.0.0.1", V4.server, 1 + index)
        .ask(1.1 + index)
        .answer(1.2 + index);
      for (const at of [5, 5.2, 5.6, 6.4, 8, 11.2]) one.send("client", at, "[P.]", "seq 101:201");
    }
    const found = only(await traffic.until(30).findings(), "vanished-peer");
    expect(found).toMatchObject({ holder: { ip: "10.0.0.2", port: null }, flowCount: 3, severity: "medium" });
  });

  it("of what it left unclosed, the FIN may have been lost", async () => {
    const traffic = new Traffic();
    neverClosed(traffic, V4, 4);
    everyday(traffic, V4, 10, 0.1, 4);
    const one = traffic.connect("10.0.0.5", V4.server, 3).ask(3.1).answer(4.2);
    for (const at of [5, 5.2, 5.6, 6.4, 8, 11.2]) one.send("client", at, "[P.]", "seq 101:201");
    const findings = await traffic.until(30).findings();
    expect(only(findings, "vanished-peer").summary).toBe(
      "Nothing came from 10.0.0.2 any more, on any connection, while 1 connection of 10.0.0.5 went on trying for 7.00 s: it is gone, or out of reach.",
    );
    expect(only(findings, "vanished-peer").examples[0]?.frames.map(({ shows }) => shows)).toEqual([
      "last answer",
      "last attempt",
    ]);
    const leak = only(findings, "never-closed");
    expect(leak.confidence).toBe("medium");
    expect(leak.alternatives[0]).toMatch(/^a FIN that was lost: later, nothing came from 10\.0\.0\.2 any more/);
  });

  it("only what is tried after the last sign of life counts", async () => {
    const traffic = new Traffic();
    const tries = (from: number, sent: readonly number[]) => {
      const one = traffic
        .connect("10.0.0.1", V4.server, from)
        .ask(from + 0.1)
        .answer(from + 0.2);
      for (const at of sent) one.send("client", at, "[P.]", "seq 101:201");
    };
    for (let index = 0; index < 3; index++) tries(1 + index, [5, 5.2, 5.6, 6.4, 8, 11.2]);
    tries(4, [21, 21.2, 21.6, 22.4, 24, 27.2]);
    traffic.connect("10.0.0.7", V4.server, 1).talk(1.1, 20, 1);
    const found = only(await traffic.until(40).findings(), "vanished-peer");
    expect(found).toMatchObject({ flowCount: 1, severity: "low", evidence: { connections: 1 } });
  });

  it("a peer that goes on talking on other connections is not", async () => {
    const traffic = new Traffic();
    for (let index = 0; index < 3; index++) {
      const one = traffic
        .connect("10.0.0.1", V4.server, 1 + index)
        .ask(1.1 + index)
        .answer(1.2 + index);
      for (const at of [5, 5.2, 5.6, 6.4, 8, 11.2]) one.send("client", at, "[F.]", "seq 101");
    }
    traffic.connect("10.0.0.7", V4.server, 1).talk(1.1, 20, 1);
    const findings = await traffic.until(30).findings();
    expect(kindsOf(findings)).toEqual(["fin-unacked"]);
    expect(findings[0]).toMatchObject({
      holder: { ip: "10.0.0.2", port: null },
      evidence: { connections: 3, copiesMax: 6 },
    });
  });

  it("a FIN that was lost once is nothing", async () => {
    const traffic = new Traffic();
    const one = traffic.connect("10.0.0.1", V4.server, 1).ask(1.1).answer(1.2);
    one
      .send("client", 2, "[F.]")
      .send("client", 2.2, "[F.]", "seq 101")
      .send("server", 2.2002, "[F.]")
      .send("client", 2.2004, "[.]");
    expect(await traffic.until(30).findings()).toEqual([]);
  });
});

it("blocked-by-half-closed: a new connection from the port of an old half-closed one", async () => {
  const traffic = new Traffic();
  const client = "10.0.0.1:40000";
  traffic.connect(client, V4.server, 1).ask(1.1).answer(1.2).close("client", 2, { after: null });
  const again = traffic.connection(client, V4.server);
  for (const at of [70, 71, 73, 77]) {
    again.send("client", at, "[S]", "seq =900000  <mss 1460>").send("server", at + 0.0002, "[.]", "ack 102");
  }
  const found = only(await traffic.until(100).findings(), "blocked-by-half-closed");
  expect(found).toMatchObject({ severity: "medium", holder: SERVER, evidence: { attempts: 1, syns: 4 } });
});

it("fin-burst is a remark, where nobody keeps what was closed", async () => {
  const traffic = new Traffic();
  for (let index = 0; index < 8; index++)
    traffic
      .connect("10.0.0.1", V4.server, 1)
      .ask(1.1)
      .answer(1.2)
      .close("server", 30 + index * 0.01);
  const findings = await traffic.until(60).findings();
  expect(findings).toMatchObject([{ kind: "fin-burst", severity: "low", holder: SERVER, evidence: { closed: 8 } }]);
  expect(findings[0]?.summary).toMatch(/: as a restart, a deployment or a reaper does\.$/);
});

/** A test body under a real tcpdump: what leaks is seen, what does not is not, and nothing is left behind. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  analyze,
  assertNoStuckFlows,
  type RecordOptions,
  record as recordIn,
  recordSkipReason,
} from "../../src/index.ts";
import { closeRecordings, removeRecordings } from "../../src/record/recordings.ts";
import { countTcpdumps, type Service, startService } from "./service.ts";

const reason = recordSkipReason();
/** The name says why it was skipped. */
const named = (name: string) => (reason === null ? name : `${name} (${reason})`);

const directory = mkdtempSync(join(tmpdir(), "closewait-record-"));
afterAll(() => rmSync(directory, { recursive: true }));
const record: typeof recordIn = (options: RecordOptions, body) => recordIn({ directory, ...options }, body);

const services: Service[] = [];
const start = async (options: Parameters<typeof startService>[0]) => {
  const service = await startService(options);
  services.push(service);
  return service;
};
let said: string[] = [];
beforeEach(() => {
  said = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said.push(String(text));
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const service of services.splice(0)) await service.close();
});

describe.skipIf(reason !== null)(named("record"), () => {
  it("sees a leak in the body's last moment as stuck", async () => {
    const service = await start({ leaks: true });
    const { analysis, result, path, dropped } = await record({ port: service.port }, () => service.call());
    expect([result, dropped]).toEqual(["answer", 0]);
    expect(analysis.totals).toMatchObject({ flows: 1, stuck: 1, recent: 0 });
    expect(analysis.flows).toMatchObject([
      { verdict: "half-closed", holder: "server", states: { client: "FIN-WAIT-2", server: "CLOSE-WAIT" } },
    ]);
    expect(analysis).toHaveHalfClosed({ holder: service.port, closer: "127.0.0.1", count: 1, minAge: "1s" });
    expect(analysis).not.toCloseEveryFlow();
    expect((await analyze(path)).totals.halfClosed).toBe(1);
  });

  it("is done soon after the last connection is", async () => {
    const service = await start({ leaks: false, closesAfterMillis: 300 });
    const { analysis } = await record({ port: service.port, settleSeconds: 30 }, () => service.call());
    expect(analysis).toHaveNoStuckFlows();
    expect(analysis).toCloseEveryFlow();
    expect(analysis.flows[0]?.halfClose).toMatchObject({ status: "ended" });
    expect(analysis.flows[0]?.halfClose?.seconds).toBeGreaterThan(0.29);
  });

  it("records its own port only, beside other recordings", async () => {
    const all = await Promise.all([true, false, true, false].map((leaks) => start({ leaks })));
    const recordings = await Promise.all(all.map((service) => record({ port: service.port }, () => service.call())));
    expect(recordings.map(({ analysis }) => analysis.totals.halfClosed)).toEqual([1, 0, 1, 0]);
    expect(recordings.map(({ analysis }) => analysis.flows.map(({ server }) => server.port))).toEqual(
      all.map(({ port }) => [port]),
    );
    expect(new Set(recordings.map(({ path }) => path)).size).toBe(4);
  });

  it("records several ports, and whatever a filter lets through", async () => {
    const [one, other] = [await start({ leaks: false }), await start({ leaks: false })];
    const both = () => Promise.all([one.call(), other.call()]);
    expect((await record({ port: [one.port, other.port] }, both)).analysis.totals.flows).toBe(2);
    const filter = `tcp and host 127.0.0.1 and port ${other.port}`;
    expect((await record({ filter, interface: "any" }, both)).analysis.totals.flows).toBe(1);
  });

  it("holds everything that was sent, however much", async () => {
    const service = await start({ leaks: false });
    const { analysis } = await record({ port: service.port }, () =>
      Promise.all(Array.from({ length: 300 }, service.call)),
    );
    expect(analysis.totals).toMatchObject({ flows: 300, byVerdict: { closed: 300 } });
  });

  it("shows the flow, both ends, the ladder and the file when an expectation fails, and keeps the file", async () => {
    const service = await start({ leaks: true });
    const { analysis, path } = await record({ port: service.port }, () => service.call());
    const client = analysis.flows[0]?.client.port;
    const parts = [
      "expected no stuck flows, but the only flow is half-closed\n",
      `\ncloser: 127.0.0.1:${client}, holder: 127.0.0.1:${service.port} (the server) in CLOSE-WAIT for at least 1.`,
      /\n +time +frame +client +server\n/,
      /\n.* FIN-WAIT-1 +── F\. .* CLOSE-WAIT/,
      "* FIN: server enters CLOSE-WAIT\n",
      /\n +end +FIN-WAIT-2 +of observation +CLOSE-WAIT\n/,
      new RegExp(`\nCapture, kept: ${path}$`),
    ];
    for (const message of parts) {
      expect(() => expect(analysis).toHaveNoStuckFlows()).toThrow(message);
      expect(() => assertNoStuckFlows(analysis)).toThrow(message);
    }
    closeRecordings(false);
    removeRecordings();
    expect(existsSync(path)).toBe(true);
  });

  it("removes the file when the test has passed, and keeps it when asked", async () => {
    const service = await start({ leaks: false });
    const { path } = await record({ port: service.port }, () => service.call());
    const { path: kept } = await record({ port: service.port, keep: "always" }, () => service.call());
    closeRecordings(false);
    expect(existsSync(path)).toBe(true); // another test may look at it, and fail
    removeRecordings();
    expect([existsSync(path), existsSync(kept)]).toEqual([false, true]);
    expect(said).toEqual([]);
  });

  it("keeps the file when the test fails at something else, and says where", async () => {
    const service = await start({ leaks: false });
    const { path } = await record({ port: service.port }, () => service.call());
    closeRecordings(true);
    expect(existsSync(path)).toBe(true);
    expect(said).toEqual([`closewait: kept the capture: ${path}\n`]);
  });

  it("fails when nothing was recorded: the port may be wrong", async () => {
    const [asked, other] = [await start({ leaks: false }), await start({ leaks: true })];
    const { analysis } = await record({ port: asked.port, settleSeconds: 0 }, () => other.call());
    const message = `nothing to judge: no TCP connection was recorded (port ${asked.port} on lo): is that the service's port?`;
    expect(() => expect(analysis).toHaveNoStuckFlows()).toThrow(message);
    expect(() => expect(analysis).not.toCloseEveryFlow()).toThrow(message);
  });
});

describe.skipIf(reason !== null)(named("record leaves no process behind"), () => {
  it("when it is done", async () => {
    const service = await start({ leaks: false });
    await record({ port: service.port }, () => {
      expect(countTcpdumps(service.port)).toBe(1);
      return service.call();
    });
    expect(countTcpdumps(service.port)).toBe(0);
  });

  it("when the body throws: its error comes out, and the capture is kept", async () => {
    const service = await start({ leaks: false });
    const error = new Error("no answer");
    const paths: string[] = [];
    const failing = record({ port: service.port }, ({ path }) => {
      paths.push(path);
      throw error;
    });
    await expect(failing).rejects.toBe(error);
    expect(countTcpdumps(service.port)).toBe(0);
    expect(said).toEqual([`closewait: kept the capture: ${paths[0]}\n`]);
    expect(paths.map(existsSync)).toEqual([true]);
  });

  it("when a signal ends a body that would never end", async () => {
    const service = await start({ leaks: false });
    const ending = new AbortController();
    const hanging = record({ port: service.port, signal: ending.signal }, ({ signal }) => {
      setTimeout(() => ending.abort(new Error("the test timed out")), 20);
      return new Promise((resolve) => signal.addEventListener("abort", () => setTimeout(resolve, 100)));
    });
    await expect(hanging).rejects.toThrow("the test timed out");
    expect(countTcpdumps(service.port)).toBe(0);
    await sleep(150); // the body ends after all: nobody minds
  });

  it("when the test is over before the body, and had no signal to say so", async () => {
    const service = await start({ leaks: false });
    let onBegin: () => void = () => undefined;
    const began = new Promise<void>((resolve) => {
      onBegin = resolve;
    });
    const hanging = record({ port: service.port }, () => {
      onBegin();
      return new Promise(() => undefined);
    });
    const outcome = expect(hanging).rejects.toMatchObject({
      code: "cannot-record",
      message: "the test was over before the recording",
    });
    await began;
    closeRecordings(true);
    await outcome;
    expect(countTcpdumps(service.port)).toBe(0);
    expect(said).toHaveLength(1);
  });

  it("when the signal had come before", async () => {
    await expect(record({ port: 1, signal: AbortSignal.abort(new Error("over")) }, () => 42)).rejects.toThrow("over");
  });

  it("when tcpdump refuses", async () => {
    await expect(record({ filter: "port nonsense" }, () => 42)).rejects.toMatchObject({
      code: "cannot-record",
      message: expect.stringMatching(/^tcpdump: .*nonsense.* \(on lo\)$/),
    });
    await expect(record({ port: 1, interface: "nope0" }, () => 42)).rejects.toMatchObject({
      code: "cannot-record",
      message: "tcpdump: nope0: No such device exists (on nope0)",
    });
    expect(countTcpdumps("-i nope0")).toBe(0);
    expect(said).toEqual([]);
  });
});

describe("record refuses", () => {
  it.each([
    [{}, "record: name the port of the service under test, or a filter, to record it alone"],
    [{ port: [] }, "record: name the port of the service under test, or a filter, to record it alone"],
    [{ port: 0 }, "record: expected a port from 1 to 65535, got 0: does the service listen yet?"],
    [{ port: 70_000 }, "record: expected a port from 1 to 65535, got 70000: does the service listen yet?"],
    [{ port: 80, settleSeconds: -1 }, "settleSeconds: expected seconds, 0 or more, got -1"],
    [{ port: 80, minAgeSeconds: Number.NaN }, "minAgeSeconds: expected seconds, 0 or more, got NaN"],
    [
      { port: 80, settle: 3 },
      "record: there is no option settle: port, filter, interface, netns, minAgeSeconds, settleSeconds, signal, keep, directory",
    ],
    [{ port: 80, directory: "/not/there" }, "record: nothing can be written into the directory /not/there (ENOENT)"],
  ])("%j", async (options, message) => {
    await expect(record(options, () => 42)).rejects.toMatchObject({ code: "usage", message });
  });
});

/** A leak and its absence, again and again, side by side: not one may be wrong. */
const { CLOSEWAIT_RECORD_REPETITIONS = "6" } = process.env;
const REPETITIONS = Number(CLOSEWAIT_RECORD_REPETITIONS);

describe.skipIf(reason !== null)(named(`${REPETITIONS} times`), () => {
  it.concurrent.each(Array.from({ length: REPETITIONS }, (_, index) => index))("number %i", async (index) => {
    const leaks = index % 2 === 0;
    const service = await startService({ leaks, closesAfterMillis: index % 7 });
    try {
      const { analysis } = await record({ port: service.port }, async () => {
        await service.call();
        await sleep(index % 3);
        await service.call();
      });
      const expected = { flows: 2, stuck: leaks ? 2 : 0, recent: 0, halfClosed: leaks ? 2 : 0 };
      expect(analysis.totals).toMatchObject(expected);
      expect(analysis.totals.byVerdict).toEqual({ [leaks ? "half-closed" : "closed"]: 2 });
    } finally {
      await service.close();
    }
  });
});

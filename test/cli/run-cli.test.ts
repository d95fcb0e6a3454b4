import { describe, expect, it } from "vitest";
import type { Flow } from "../../src/analysis/model.ts";
import { analysis, flow, halfClose } from "../report/sample-analysis.ts";
import { LEAK } from "../report/sample-ladder.ts";
import { socketTable } from "../report/sample-sockets.ts";
import { scene } from "../report/scenes.ts";
import { run } from "./run-in-process.ts";

const NONE = scene("none");

describe("what the analysis is asked for", () => {
  it("has the documented defaults", async () => {
    const { asked } = await run(["a.pcap", "b.pcap"], { analyzeCaptures: NONE });
    expect(asked?.inputs).toEqual(["a.pcap", "b.pcap"]);
    expect(asked?.options).toMatchObject({
      minAgeSeconds: 1,
      flows: "half-closed",
      selection: { hosts: [], nets: [], ports: [], holders: [] },
      timeWaitSeconds: 60,
      finTimeoutSeconds: 60,
      reader: "closewait",
      follow: false,
      strict: false,
    });
    expect(asked?.options.from ?? asked?.options.to ?? asked?.options.until).toBeUndefined();
  });

  it("takes every option", async () => {
    const argv =
      "analyze - --all --min-age 250ms --from +1.5s --to end --until 1795142720.5 --host 10.0.0.1 --host 2001:DB8:0::1 --net 10.1.2.3/8 --port 80 --port 443 --holder [::1]:8080 --holder 10.0.0.2 --time-wait 30s --fin-timeout 2m --reader pcap-parser --strict --follow";
    const { asked } = await run(argv.split(" "), { analyzeCaptures: NONE });
    expect(asked?.options).toMatchObject({
      minAgeSeconds: 0.25,
      flows: "ever",
      from: { kind: "relative", nanos: 1_500_000_000n },
      to: { kind: "end" },
      until: { kind: "absolute", nanos: 1_795_142_720_500_000_000n },
      selection: {
        hosts: ["10.0.0.1", "2001:db8::1"],
        nets: ["10.0.0.0/8"],
        ports: [80, 443],
        holders: [
          { ip: "::1", port: 8080 },
          { ip: "10.0.0.2", port: null },
        ],
      },
      timeWaitSeconds: 30,
      finTimeoutSeconds: 120,
      reader: "pcap-parser",
      follow: true,
      strict: true,
    });
  });

  it("is every flow for `flows`", async () => {
    expect((await run(["flows", "a.pcap"], { analyzeCaptures: NONE })).asked?.options.flows).toBe("every");
  });

  it("leaves a capture named like a command alone", async () => {
    expect((await run(["flow"], { analyzeCaptures: NONE, existing: ["flow"] })).asked?.inputs).toEqual(["flow"]);
  });
});

describe("when the sockets are looked at", () => {
  const listSockets = [socketTable(0, [])];
  it.each([
    ["states a.pcap", { at: { kind: "end" } }],
    ["states a.pcap --at end", { at: { kind: "end" } }],
    ["states a.pcap --at +1.5s", { at: { kind: "relative", nanos: 1_500_000_000n } }],
    ["states a.pcap --at 1795142720.5", { at: { kind: "absolute", nanos: 1_795_142_720_500_000_000n } }],
    ["states a.pcap --at 2026-11-20T02:45:20 --utc", { at: { kind: "absolute", nanos: 1_795_142_720_000_000_000n } }],
    ["states a.pcap --every 250ms", { everySeconds: 0.25 }],
  ])("%s", async (line, look) => {
    const { asked, code } = await run(line.split(" "), { listSockets });
    expect({ inputs: asked?.inputs, about: asked?.about, code }).toEqual({ inputs: ["a.pcap"], about: look, code: 0 });
  });

  it("takes the options that choose flows and set timers", async () => {
    const argv = "states - --until +20s --host 10.0.0.1 --port 80 --time-wait 30s --fin-timeout 2m --strict --from +1s";
    const { asked } = await run(argv.split(" "), { listSockets });
    expect(asked?.options).toMatchObject({
      until: { kind: "relative", nanos: 20_000_000_000n },
      from: { kind: "relative", nanos: 1_000_000_000n },
      selection: { hosts: ["10.0.0.1"], nets: [], ports: [80], holders: [] },
      timeWaitSeconds: 30,
      finTimeoutSeconds: 120,
      follow: false,
      strict: true,
    });
  });

  it("writes into a file", async () => {
    const { stdout, files } = await run(["states", "a.pcap", "-o", "out.json", "-f", "json"], { listSockets });
    expect(stdout).toBe("");
    expect(JSON.parse(files.get("out.json") ?? "")).toEqual(listSockets[0]);
  });
});

it("asks for the flow by whatever name it was given", async () => {
  const { asked, code } = await run(["show", "a.pcap", "--flow", "10.0.0.1:1-10.0.0.2:2"], { showFlow: LEAK });
  expect({ about: asked?.about, code }).toEqual({ about: "10.0.0.1:1-10.0.0.2:2", code: 0 });
});

describe("NDJSON", () => {
  const flows = [1, 2, 3].map((n) => flow(`10.0.0.1:${n}`, "10.0.0.2:80", halfClose(n)));
  const clients = (text: string) =>
    text
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as Flow).client.port);

  it("prints flows as they come", async () => {
    const { stdout } = await run(["flows", "a.pcap", "-f", "ndjson"], {
      analyzeCaptures: async (_, { onFlow } = {}) => {
        for (const one of flows) onFlow?.(one);
        return analysis();
      },
    });
    expect(clients(stdout)).toEqual([1, 2, 3]);
  });

  it("stops at the limit", async () => {
    const { stdout } = await run(["flows", "a.pcap", "-f", "ndjson", "--limit", "2"], {
      analyzeCaptures: async (_, { onFlow } = {}) => {
        for (const one of flows) onFlow?.(one);
        return analysis();
      },
    });
    expect(clients(stdout)).toEqual([1, 2]);
  });

  it("waits for all flows when they are to be sorted", async () => {
    const { stdout, asked } = await run(["a.pcap", "-f", "ndjson", "--sort", "age"], {
      analyzeCaptures: analysis({ flows: flows.toReversed() }),
    });
    expect(asked?.options.onFlow).toBeUndefined();
    expect(clients(stdout)).toEqual([1, 2, 3]);
  });
});

describe("-o", () => {
  it("writes into the file, without colour, and leaves standard output empty", async () => {
    const { stdout, files } = await run(["a.pcap", "-o", "out.txt"], { analyzeCaptures: NONE, columns: 80, env: {} });
    expect(stdout).toBe("");
    expect(files.get("out.txt")).toMatch(/^No half-closed connections are proved: /);
  });

  it("leaves no file when the analysis fails", async () => {
    const { files, code } = await run(["a.pcap", "-o", "out.txt"], {
      analyzeCaptures: () => {
        throw new Error("boom");
      },
    });
    expect([files.size, code]).toEqual([0, 2]);
  });
});

describe("colour", () => {
  it.each([
    [{}, 80, true],
    [{}, undefined, false],
    [{ NO_COLOR: "1" }, 80, false],
    [{ NO_COLOR: "" }, 80, true],
    [{ FORCE_COLOR: "1" }, undefined, true],
    [{ FORCE_COLOR: "0" }, 80, false],
    [{ FORCE_COLOR: "1", NO_COLOR: "1" }, 80, false],
    [{ TERM: "dumb" }, 80, false],
  ])("%j in %s columns: %s", async (env, columns, coloured) => {
    const { stdout } = await run(["a.pcap"], {
      analyzeCaptures: NONE,
      env,
      ...(columns === undefined ? {} : { columns }),
    });
    expect(stdout.includes("\u001b[")).toBe(coloured);
  });
});

describe("a bug", () => {
  const broken = {
    analyzeCaptures: () => {
      throw new TypeError("x is not a function\u001b[2J");
    },
  };

  it("is one line that says how to learn more", async () => {
    const { stderr, code } = await run(["a.pcap"], broken);
    expect(stderr).toBe(
      "closewait: TypeError: x is not a function\\x1b[2J (this is a bug; CLOSEWAIT_DEBUG=1 shows where, please report it)\n",
    );
    expect(code).toBe(2);
  });

  it("shows where with CLOSEWAIT_DEBUG=1", async () => {
    const { stderr } = await run(["a.pcap"], { ...broken, env: { CLOSEWAIT_DEBUG: "1" } });
    expect(stderr).toMatch(/\n {4}at .*run-cli\.test\.ts/);
  });
});

describe("Ctrl-C", () => {
  it("ends the reading and prints what is known; twice it ends the process", async () => {
    const listeners: (() => void)[] = [];
    const exits: number[] = [];
    const { stdout, stderr, code } = await run(["a.pcap"], {
      analyzeCaptures: async (_, { signal } = {}) => {
        listeners[0]?.();
        expect(signal?.aborted).toBe(true);
        expect(exits).toEqual([]);
        listeners[0]?.();
        return NONE;
      },
      onInterrupt: (listener) => {
        listeners.push(listener);
        return () => void listeners.pop();
      },
      exitNow: (exit) => exits.push(exit),
    });
    expect(exits).toEqual([130]);
    expect(listeners).toEqual([]);
    expect(stdout).toMatch(/^No half-closed connections are proved: /);
    expect(stderr).toBe("closewait: interrupted: this is what was known until then\n");
    expect(code).toBe(0);
  });
});

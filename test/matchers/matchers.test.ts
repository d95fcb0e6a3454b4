/** What each matcher lets pass, and what not; on an analysis at once, on anything else with a promise. */
import { createReadStream, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Analysis, Flow } from "../../src/index.ts";
import { analyze, assertEveryFlowClosed, assertNoFinding, assertNoStuckFlows } from "../../src/index.ts";
import { everyFlowClosed } from "../../src/matchers/every-flow-closed.ts";
import { hasFinding } from "../../src/matchers/finding.ts";
import { halfClosed } from "../../src/matchers/half-closed.ts";
import { noStuckFlows } from "../../src/matchers/no-stuck-flows.ts";
import { analysis, at, finding, flow, halfClose } from "../report/sample-analysis.ts";

const path = (name: string) => fileURLToPath(new URL(`../../captures/${name}`, import.meta.url));
const LEAK = path("server-never-closes.pcap");
const CLEAN = path("closed-by-client.pcap");

/** The samples are observed for 607 s; half-closed since so many seconds before that. */
const aged = (seconds: number, over: Parameters<typeof halfClose>[1] = {}) => halfClose(607 - seconds, over);
const of = (...halves: (ReturnType<typeof halfClose> | null)[]): Analysis =>
  analysis({
    flows: halves.map((half, index) => flow(`10.0.0.1:${40_000 + index}`, "10.0.0.2:8080", half)),
    totals: { flows: 10 },
  });

describe("no stuck flows: lets pass", () => {
  it.each([
    ["no half-close", of(null), {}, true],
    ["an old one", of(aged(600)), {}, false],
    ["a recent one", of(aged(0.2, { status: "recent" })), {}, false],
    ["one whose holder still sends", of(aged(600, { status: "draining", lastPayloadAt: at(606.9) })), {}, true],
    ["one that ended", of(aged(600, { status: "ended" })), {}, true],
    ["a young one, with minAge", of(aged(0.2, { status: "recent" })), { minAge: 0.25 }, true],
    ["one as old as minAge", of(aged(5)), { minAge: "5s" }, false],
    ["one younger than minAge", of(aged(4.999)), { minAge: "5s" }, true],
    ["one silent for less than minAge", of(aged(600, { lastPayloadAt: at(603) })), { minAge: 5 }, true],
    ["one silent for longer", of(aged(600, { lastPayloadAt: at(601) })), { minAge: 5 }, false],
    ["one that sent, at the analysis's own age", of(aged(600, { lastPayloadAt: at(601) })), {}, false],
    ["the twin of one that is counted", twin(of(aged(600)), 0), { minAge: "1h" }, true],
  ] as const)("%s", (_, subject, options, pass) => {
    expect(noStuckFlows(subject, options).pass).toBe(pass);
  });
});

/** The same connection once more, seen behind a NAT. */
function twin(subject: Analysis, of: number): Analysis {
  const original = subject.flows[of] as Flow;
  return { ...subject, flows: [...subject.flows, { ...original, sameAs: original.id }] };
}

describe("half-closed: finds", () => {
  const two = of(aged(600), aged(3));
  const v6 = analysis({ flows: [flow("[2001:db8::1]:40000", "[2001:db8::2]:443", aged(9))], totals: { flows: 1 } });
  it.each([
    ["any", two, {}, true],
    ["none", of(null), {}, false],
    ["none, as counted", of(null), { count: 0 }, true],
    ["as many as counted", two, { count: 2 }, true],
    ["more than counted", two, { count: 1 }, false],
    ["the holder's address", two, { holder: "10.0.0.2" }, true],
    ["its address and port", two, { holder: "10.0.0.2:8080", count: 2 }, true],
    ["its port", two, { holder: 8080 }, true],
    ["its side", two, { holder: "server", closer: "client" }, true],
    ["its parts", two, { holder: { ip: "10.0.0.2", port: 8080 }, closer: { port: 40_001 }, count: 1 }, true],
    ["no other port", two, { holder: "10.0.0.2:80" }, false],
    ["no beginning of an address", two, { holder: "10.0.0" }, false],
    ["not the other side", two, { holder: "client" }, false],
    ["not the other end", two, { closer: "10.0.0.2" }, false],
    ["old ones", two, { minAge: "10s", count: 1 }, true],
    ["IPv6", v6, { holder: "2001:db8::2", closer: "[2001:db8::1]:40000" }, true],
    ["a twin once", twin(two, 0), { count: 2 }, true],
    ["not those that ended", of(aged(9, { status: "ended" })), {}, false],
  ] as const)("%s", (_, subject, options, pass) => {
    expect(halfClosed(subject, options).pass).toBe(pass);
  });
});

describe("every flow closed: of these verdicts", () => {
  it.each([
    [{ closed: 3, reset: 2, refused: 1 }, true],
    [{ closed: 3, established: 1 }, false],
    [{ closed: 3, "half-closed": 1 }, false],
    [{ closing: 1 }, false],
    [{ "fin-unacked": 1 }, false],
    [{ opening: 1 }, false],
    [{ unanswered: 1 }, false],
    [{ undecided: 1 }, false],
  ])("%j", (byVerdict, pass) => {
    const flows = Object.values(byVerdict).reduce((sum, count) => sum + count, 0);
    expect(everyFlowClosed(analysis({ totals: { flows, byVerdict } })).pass).toBe(pass);
  });
});

describe("finding", () => {
  it.each([
    ["never-touched", true],
    ["idle-pool", false],
  ] as const)("%s", (kind, pass) => {
    expect(hasFinding(analysis({ findings: [finding()] }), kind).pass).toBe(pass);
  });

  it("of a kind that does not exist is a mistake", () => {
    const message = /^there is no finding 'idle': known are idle-pool, never-closed, /;
    expect(() => expect(analysis()).not.toHaveFinding("idle" as "idle-pool")).toThrow(message);
  });
});

describe("matchers", () => {
  it("answer at once on an analysis, and on what record returned", async () => {
    const leaking = await analyze(LEAK);
    expect(leaking).toHaveHalfClosed({ count: 4, holder: 8641 });
    expect({ analysis: leaking, result: 42, path: LEAK }).not.toHaveNoStuckFlows();
    expect(() => expect(leaking).toHaveNoStuckFlows()).toThrow("expected no stuck flows, but 4 of 9 flows");
  });

  it("answer later on a path, bytes and streams", async () => {
    await expect(CLEAN).toCloseEveryFlow();
    await expect(readFileSync(LEAK)).toHaveHalfClosed({ count: 4 });
    await expect(createReadStream(LEAK)).not.toHaveNoStuckFlows({ minAge: "5s" });
    await expect(expect(LEAK).toHaveNoStuckFlows()).rejects.toThrow("expected no stuck flows, but 4 of 9 flows");
    await expect(expect("not-there.pcap").toHaveNoStuckFlows()).rejects.toMatchObject({ code: "unreadable" });
  });

  it("stand for what they match inside of others", async () => {
    const result = { analysis: await analyze(LEAK), name: "leak" };
    expect(result).toMatchObject({ analysis: expect.toHaveHalfClosed({ count: 4 }) });
    expect(result).toEqual({ analysis: expect.not.toHaveNoStuckFlows(), name: expect.any(String) });
    expect(() => expect(result).toMatchObject({ analysis: expect.toHaveNoStuckFlows() })).toThrow("toHaveNoStuckFlows");
    const message = "inside of another value only an analysis can be judged: await analyze(path) before";
    expect(() => expect({ path: LEAK }).toEqual({ path: expect.not.toHaveNoStuckFlows() })).toThrow(message);
  });

  it("do not let a misspelt option pass", () => {
    const misspelt = { maxAge: "5s" } as object;
    expect(() => expect(of(aged(9))).toHaveNoStuckFlows(misspelt)).toThrow("there is no option maxAge: minAge");
    expect(() => expect(of(aged(9))).toHaveHalfClosed(misspelt)).toThrow(
      "there is no option maxAge: holder, closer, count, minAge",
    );
    expect(() => expect(of(aged(9))).toHaveNoStuckFlows({ minAge: "5" })).toThrow("'5' has no unit: did you mean 5s?");
  });

  it.each([
    [undefined, "undefined"],
    [null, "null"],
    [42, "42"],
    [{ flows: [], stuck: 0 }, "an object with flows, stuck"],
    [Promise.resolve(), "a promise: await it first"],
  ])("refuse %s at once: a test must not pass because what it judges is missing", (received, found) => {
    const message = `expected an analysis, what record returned, or a capture; got ${found}`;
    expect(() => expect(received).toHaveNoStuckFlows()).toThrow(message);
    expect(() => expect(received).not.toHaveHalfClosed()).toThrow(message);
  });

  it("judge nothing where there is nothing to judge", () => {
    const nothing = analysis({ totals: { flows: 0 } });
    const message = "nothing to judge: no TCP connection is in the capture";
    for (const judge of [
      () => expect(nothing).toHaveNoStuckFlows(),
      () => expect(nothing).not.toHaveNoStuckFlows(),
      () => expect(nothing).toCloseEveryFlow(),
      () => assertNoStuckFlows(nothing),
    ]) {
      expect(judge).toThrow(message);
    }
    const blind = analysis({
      totals: {
        flows: 9,
        undecided: 8,
        undecidedByReason: { "ack-not-captured": 8 },
        byVerdict: { undecided: 8, closing: 1 },
      },
    });
    for (const judge of [
      () => expect(blind).toHaveNoStuckFlows(),
      () => expect(blind).not.toHaveHalfClosed(),
      () => assertNoStuckFlows(blind),
    ]) {
      expect(judge).toThrow(
        "nothing to judge: 8 of 9 flows are undecided (ack-not-captured 8): capture both directions and all ACKs",
      );
    }
    const unlisted = { ...of(aged(9)), flows: [] };
    expect(() => expect(unlisted).toHaveNoStuckFlows()).toThrow(
      "this analysis does not list all of its half-closed flows",
    );
  });
});

describe("assertions", () => {
  it("throw an AssertionError that says what the matchers say", async () => {
    const leaking = await analyze(LEAK);
    const error = { name: "AssertionError", code: "ERR_ASSERTION" };
    const thrown = (assertion: () => void) => {
      try {
        assertion();
      } catch (caught) {
        return caught;
      }
      return null;
    };
    expect(thrown(() => assertNoStuckFlows(leaking))).toMatchObject({
      ...error,
      message: expect.stringMatching(
        /^expected no stuck flows, but 4 of 9 flows are half-closed\n\ncloser: 10\.0\.0\.60:/,
      ),
    });
    expect(thrown(() => assertEveryFlowClosed({ analysis: leaking }))).toMatchObject(error);
    expect(thrown(() => assertNoFinding(analysis({ findings: [finding()] }), "never-touched"))).toMatchObject({
      ...error,
      message: expect.stringMatching(/^expected no finding never-touched, but there is one/),
    });
    expect(thrown(() => assertNoStuckFlows(leaking, { minAge: "1m" }))).toBeNull();
    expect(thrown(() => assertNoFinding(leaking, "never-touched"))).toBeNull();
    expect(thrown(() => assertEveryFlowClosed(of(null)))).toBeNull();
  });

  it("do not take a promise for an analysis", () => {
    const message = "expected what analyze or record returned: await it first";
    expect(() => assertNoStuckFlows(analyze(LEAK) as never)).toThrow(message);
  });
});

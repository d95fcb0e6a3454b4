import { describe, expect, it } from "vitest";
import type { Finding } from "../../src/analysis/model.ts";
import { analyzeCaptures } from "../../src/questions.ts";
import { renderFlowsTable } from "../../src/report/flows-table.ts";
import { renderTable } from "../../src/report/table.ts";
import { textWidth } from "../../src/report/text-width.ts";
import type { AnalysisView } from "../../src/report/view.ts";
import { conversation } from "../build/conversation.ts";
import { ESTABLISHED } from "../tcp/told.ts";
import { analysis, at, capture, finding, flow, halfClose } from "./sample-analysis.ts";
import { HOST_CHECK } from "./sample-extras.ts";
import { SCENES, scene } from "./scenes.ts";

const PLAIN: AnalysisView = {
  width: 80,
  colour: false,
  timeZone: "UTC",
  detail: "normal",
  flowCountMax: 20,
  holderCountMax: 10,
  order: null,
};

describe.each(Object.keys(SCENES))("%s", (name) => {
  it.each([80, 160])("reads well in %i columns", async (width) => {
    const text = renderTable(scene(name), { ...PLAIN, width });
    await expect(text).toMatchFileSnapshot(`golden/${name}.${width}.txt`);
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(width);
  });

  it("has no control codes without colour, and only colours with it", () => {
    const plain = renderTable(scene(name), PLAIN);
    expect(plain.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    const coloured = renderTable(scene(name), { ...PLAIN, colour: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is looked for.
    expect(coloured.replace(/\u001b\[\d+m/g, "")).toBe(plain);
  });
});

describe("every flow, one row", () => {
  const flows = [
    ...scene("several-holders").flows,
    flow("10.0.0.1:40100", "10.0.0.2:8080", null, { segments: { client: 12345, server: 9876 } }),
    flow("10.0.0.1:40101", "10.0.0.2:8080", null, {
      verdict: "undecided",
      roles: "guessed",
      openedAt: null,
      closer: null,
      holder: null,
      states: { client: "ESTABLISHED", server: "ESTABLISHED" },
      reasons: ["mid-stream", "one-way-capture"],
    }),
  ];
  const every = analysis({
    captures: [...scene("several-holders").captures],
    flows,
    totals: {
      flows: 6,
      byVerdict: { closed: 1, "half-closed": 4, undecided: 1 },
      undecided: 1,
      undecidedByReason: { "mid-stream": 1, "one-way-capture": 1 },
    },
  });

  it.each([80, 160])("reads well in %i columns", async (width) => {
    const text = renderFlowsTable(every, { ...PLAIN, width });
    await expect(text).toMatchFileSnapshot(`golden/flows.${width}.txt`);
    for (const line of text.split("\n")) expect(textWidth(line)).toBeLessThanOrEqual(width);
  });

  it("is only rows when quiet", () => {
    const text = renderFlowsTable(every, { ...PLAIN, width: 240, detail: "quiet" });
    expect(text.trimEnd().split("\n")).toHaveLength(1 + flows.length);
  });

  it("joins tables of a hundred rows without a seam", () => {
    const many = Array.from({ length: 250 }, (_, index) => flow(`10.0.0.1:${index + 1}`, "10.0.0.2:80", null));
    const text = renderFlowsTable(analysis({ flows: many }), {
      ...PLAIN,
      width: 160,
      detail: "quiet",
      flowCountMax: 1e9,
    });
    const lines = text.trimEnd().split("\n");
    expect(lines).toHaveLength(251);
    expect(new Set(lines.slice(1).map((line) => line.indexOf("10.0.0.2:80"))).size).toBe(1);
  });
});

it("says why nothing is proved where ACKs were not captured", async () => {
  const flags = conversation(`${ESTABLISHED}\n 1.0 c > s [F.]\n 60 -- other traffic`).pcap();
  const text = renderTable(await analyzeCaptures([flags]), { ...PLAIN, width: 160 });
  expect(text).toMatch(/^No half-closed connections are proved: 1 flow, 1 undecided\./);
  expect(text).toContain("1 flow is undecided (ack-not-captured 1): `closewait flows --sort verdict` lists it.");
  expect(text).toContain(
    "ack-not-captured: the FIN was captured, but no packet that acknowledges it; a capture filter must",
  );
});

describe("the first sentence names a cause", () => {
  const open = [flow("10.0.0.1:40000", "10.0.0.2:8080", halfClose(5))];
  const elsewhere = { flows: ["10.0.0.3:40000-10.0.0.4:80@1"] };
  const unacked = finding({ ...elsewhere, kind: "fin-unacked" });
  it.each<[what: string, flows: typeof open, findings: readonly Finding[], said: RegExp]>([
    ["of what is half-closed", open, [finding()], / Likely cause: connections that were accepted and forgotten \(/],
    [
      "not of what comes first",
      open,
      [unacked, finding()],
      / Likely cause: .+ \(never-touched\), and 1 other finding\./,
    ],
    ["only if it is one", open, [unacked], / UTC\. Also found: FINs that nobody acknowledged \(fin-unacked\)\./],
    ["not of nothing", [], [unacked], /^No half-closed .+\. Also found: FINs that nobody acknowledged/],
    ["not of a remark", open, [finding({ severity: "low" })], / UTC\.$/],
  ])("%s", (_, flows, findings, said) => {
    const [first = ""] = renderTable(analysis({ flows, findings }), { ...PLAIN, width: 160 }).split(
      /\n(?=traffic|\S+\.pcap: )/,
    );
    expect(first.replaceAll("\n", " ")).toMatch(said);
  });
});

it.each([
  [null, "34 flows since 02:45:25 UTC, still going on at the end; confidence high"],
  [at(9), "34 flows since 02:45:25 UTC until 02:45:29; confidence high"],
  [at(5.6), "34 flows at 02:45:25 UTC; confidence high"],
])("a finding until %s", (until, said) => {
  expect(renderTable(analysis({ findings: [finding({ until })] }), PLAIN)).toContain(said);
});

it.each([
  [
    4500,
    3,
    "4,500 in CLOSE-WAIT on the host, 3 of them in this capture: the other 4,497 began before it and were silent,",
  ],
  [3, 2, "3 in CLOSE-WAIT on the host, 2 of them in this capture: the other began before it and was silent,"],
  [1, 0, "1 in CLOSE-WAIT on the host, none of them in this capture: it began before it and was silent,"],
  [2, 2, "2 in CLOSE-WAIT on the host, all of them in this capture."],
])("of %i sockets of the host the capture has %i", (onHost, inCapture, said) => {
  const closeWait = { ...HOST_CHECK.closeWait, onHost, inCapture, notInCapture: onHost - inCapture };
  const text = renderTable(analysis({ host: { ...HOST_CHECK, closeWait } }), { ...PLAIN, width: 200 });
  expect(text).toContain(said);
});

describe("details", () => {
  it("says with -v what was skipped, and each capture", async () => {
    const text = renderTable(scene("several-holders"), { ...PLAIN, detail: "verbose", width: 120 });
    await expect(text).toMatchFileSnapshot("golden/verbose.120.txt");
  });

  it("says with -v what a capture holds beside packets: comments on evidence before others", async () => {
    const comment = (frame: number) => ({ on: "packet", interface: null, frame, text: `comment ${frame}` }) as const;
    const about = { interface: null, frame: null } as const;
    const annotations = {
      comments: [
        { ...about, on: "capture", text: "taken on web-3 \u001b[2J" },
        { ...about, on: "interface", interface: 1, text: "x".repeat(1000) },
        ...[1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12].map(comment),
      ],
      commentsLeftOut: 5000,
      otherBlocks: { "decryption secrets": 1, "systemd journal": 1200 },
    } as const;
    const one = analysis({
      captures: [capture({ format: "pcapng", annotations })],
      flows: [flow("10.0.0.1:40000", "10.0.0.2:8080", halfClose(5))],
    });
    const shown = (detail: AnalysisView["detail"]) => renderTable(one, { ...PLAIN, detail, width: 100 });
    await expect(shown("verbose")).toMatchFileSnapshot("golden/annotations.100.txt");
    expect(shown("normal")).not.toContain("comment");
  });

  it("names no capture when nothing of any was read", () => {
    const text = renderTable(analysis({ captures: [capture({ format: null, packets: 0 })] }), PLAIN);
    expect(text.split("\n")[1]).toMatch(/^\d/);
  });

  it("leaves the notes out when quiet", () => {
    const text = renderTable(scene("single-flow"), { ...PLAIN, detail: "quiet" });
    expect(text).toContain("1 connection is half-closed");
    expect(text).not.toContain("Keep in mind");
  });

  it("names the capture of a frame only when several could be read", () => {
    const unread = capture({ path: "notes.txt", format: null, packets: 0, firstAt: null, lastAt: null });
    const text = renderTable(
      analysis({ captures: [capture(), unread], flows: [flow("10.0.0.1:1", "10.0.0.2:80", halfClose(5))] }),
      { ...PLAIN, width: 160 },
    );
    expect(text).toContain("  7 / 8  ");
  });

  it("prints dates when half-closes began on another day than the capture ended", () => {
    const day = 86_400;
    const text = renderTable(
      analysis({
        captures: [capture({ lastAt: at(day), observedUntil: at(day) })],
        flows: [flow("10.0.0.1:1", "10.0.0.2:80", halfClose(5, { seconds: day - 5 }))],
      }),
      PLAIN,
    );
    expect(text.replaceAll("\n", " ")).toContain("for at least 23 h 59 min, since 2026-11-20 02:45:25 UTC.");
  });

  it("lists what is still open before what has ended, unless asked otherwise", () => {
    const end = { at: at(500), capture: 0, frame: 9, by: "fin", sender: "server", answers: null, cause: null } as const;
    const flows = [
      flow("10.0.0.1:1", "10.0.0.2:80", halfClose(5, { status: "ended", atLeast: false, seconds: 495, end })),
      flow("10.0.0.1:2", "10.0.0.2:80", halfClose(590)),
    ];
    const first = (order: AnalysisView["order"]) =>
      /⇐ (\S+)/.exec(renderTable(analysis({ flows }), { ...PLAIN, order }))?.[1];
    expect([first(null), first("age")]).toEqual(["10.0.0.1:2", "10.0.0.1:1"]);
  });

  it("sorts the flows as asked", () => {
    const flows = [
      flow("10.0.0.1:1", "10.0.0.2:80", halfClose(5)),
      flow("10.0.0.1:2", "10.0.0.2:80", halfClose(6), { payloadBytes: { client: 0, server: 1e6 } }),
    ];
    const first = (order: AnalysisView["order"]) =>
      /⇐ (\S+)/.exec(renderTable(analysis({ flows }), { ...PLAIN, order }))?.[1];
    expect([first(null), first("bytes")]).toEqual(["10.0.0.1:1", "10.0.0.1:2"]);
  });
});

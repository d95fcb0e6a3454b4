import { describe, expect, it } from "vitest";
import { CloseWaitError } from "../../src/errors.ts";
import type { Extraction } from "../../src/extract/extraction.ts";
import { FULL_ANALYSIS } from "../report/full-analysis.ts";
import { COMPARISON } from "../report/sample-comparison.ts";
import { LEAK } from "../report/sample-ladder.ts";
import { leakedSockets, MIXED_SOCKETS, socketTable } from "../report/sample-sockets.ts";
import { scene } from "../report/scenes.ts";
import { run, type Surroundings, transcript } from "./run-in-process.ts";

const leak: Surroundings = { analyzeCaptures: scene("one-holder") };
const terminal = { columns: 80, env: { NO_COLOR: "1" } };

const sockets: Surroundings = { listSockets: [MIXED_SOCKETS] };
const overTime: Surroundings = {
  listSockets: [socketTable(0, []), socketTable(10, leakedSockets(2)), socketTable(14.5, leakedSockets(2).slice(2))],
};

const ladder: Surroundings = { showFlow: LEAK };
const ambiguous: Surroundings = {
  showFlow: async (_, flow) => {
    throw new CloseWaitError("usage", `2 flows are called ${flow}, name one: a-b@1, a-b@2`);
  },
};

const EXTRACTION: Extraction = {
  flows: 12,
  packets: 3456,
  octets: 1234567,
  commentsLost: 0,
  unfitTimes: 0,
  leftOut: 0,
  observedUntil: null,
  points: 1,
};
const extraction: Surroundings = { extractFlows: EXTRACTION };

const octets = (text: string) => new TextEncoder().encode(text);

const comparison: Surroundings = { compareCaptures: COMPARISON };

const notACapture: Surroundings = {
  analyzeCaptures: () => {
    throw new CloseWaitError("not-a-capture", "notes.txt: expected pcap or pcapng, found a text file", { offset: 0 });
  },
};

/** Name of the golden file; command line; surroundings. */
const TRANSCRIPTS: readonly (readonly [string, readonly string[], Surroundings])[] = [
  ["help", ["--help"], leak],
  ["help-analyze", ["analyze", "--help"], leak],
  ["help-flows", ["flows", "--help"], leak],
  ["version", ["--version"], leak],
  ["analyze-terminal", ["server.pcap", "--limit", "3"], { ...leak, ...terminal }],
  ["analyze-colour", ["server.pcap", "--limit", "1"], { analyzeCaptures: scene("single-flow"), columns: 80 }],
  ["analyze-pipe", ["server.pcap", "--limit", "3"], leak],
  ["analyze-quiet", ["analyze", "server.pcap", "-q", "--limit", "2"], leak],
  ["analyze-verbose", ["server.pcap", "-v", "--limit", "1"], { ...leak, ...terminal }],
  ["analyze-none", ["server.pcap"], { analyzeCaptures: scene("none"), ...terminal }],
  [
    "warnings-on-terminal",
    ["a.pcap", "b.pcapng", "--limit", "1"],
    { analyzeCaptures: scene("several-holders"), ...terminal },
  ],
  [
    "warnings-with-json",
    ["a.pcap", "b.pcapng", "-f", "ndjson", "--limit", "1"],
    { analyzeCaptures: scene("several-holders") },
  ],
  ["flows", ["flows", "server.pcap", "--limit", "2"], leak],
  ["json", ["server.pcap", "-f", "json", "--limit", "1"], { analyzeCaptures: scene("single-flow") }],
  [
    "fail-on-holds",
    ["server.pcap", "-q", "--limit", "1", "--fail-on", "stuck>3", "--fail-on", "finding:never-touched"],
    leak,
  ],
  [
    "fail-on-does-not-hold",
    ["server.pcap", "-q", "--limit", "1", "--fail-on", "stuck>34", "--fail-on", "problem"],
    leak,
  ],
  ["analyze-extras", ["server.pcap", "--group-by", "service"], { analyzeCaptures: FULL_ANALYSIS, ...terminal }],
  ["ss-missing", ["server.pcap", "--ss", "ss.txt"], leak],
  [
    "ss-other-text",
    ["server.pcap", "--ss", "ss.txt"],
    { ...leak, contents: { "ss.txt": octets("a poem\non sockets\n") } },
  ],
  ["ss-empty", ["server.pcap", "--ss", "ss.txt"], { ...leak, contents: { "ss.txt": octets("\n") } }],
  ["ss-and-capture-from-stdin", ["-", "--ss", "-"], leak],
  ["known-hosts-empty", ["server.pcap", "--known-hosts", "h"], { ...leak, contents: { h: octets("# nobody\n") } }],
  ["known-hosts-broken", ["server.pcap", "--known-hosts", "h"], { ...leak, contents: { h: octets('{"a": ') } }],
  ["ports-empty", ["server.pcap", "--ports", "p"], { ...leak, contents: { p: octets("dns 53/udp\n") } }],
  ["group-by-unknown", ["server.pcap", "--group-by", "colour"], leak],
  ["help-extract", ["extract", "--help"], extraction],
  ["extract", ["extract", "server.pcap", "-o", "stuck.pcapng", "--annotate"], extraction],
  [
    "extract-anonymized",
    ["extract", "server.pcap", "--all-flows", "-o", "vendor.pcap", "--snaplen", "128", "--anonymize", "key.bin"],
    {
      extractFlows: {
        ...EXTRACTION,
        commentsLost: 3,
        leftOut: 1,
        unfitTimes: 1,
        points: 2,
        observedUntil: "2026-11-20T02:45:25.000000000Z",
      },
      contents: { "key.bin": new Uint8Array(32) },
    },
  ],
  ["extract-quiet", ["extract", "server.pcap", "-o", "-", "-q"], extraction],
  ["extract-on-terminal", ["extract", "server.pcap", "-o", "-"], { ...extraction, ...terminal }],
  ["extract-without-output", ["extract", "server.pcap"], extraction],
  ["extract-comments-in-pcap", ["extract", "server.pcap", "-o", "x.pcap", "--annotate"], extraction],
  ["extract-compressed", ["extract", "server.pcap", "-o", "x.pcap.gz"], extraction],
  ["extract-without-key", ["extract", "server.pcap", "-o", "x.pcap", "--anonymize", "key.bin"], extraction],
  [
    "extract-short-key",
    ["extract", "server.pcap", "-o", "x.pcap", "--anonymize", "key.bin"],
    { ...extraction, contents: { "key.bin": new Uint8Array(16) } },
  ],
  ["extract-snaplen", ["extract", "server.pcap", "-o", "x.pcap", "--snaplen", "none"], extraction],
  ["help-compare", ["compare", "--help"], comparison],
  ["compare", ["compare", "client.pcap", "server/"], comparison],
  ["compare-limit-json", ["compare", "client.pcap", "server/", "--all", "-f", "json", "--limit", "1"], comparison],
  ["compare-one", ["compare", "client.pcap"], comparison],
  ["compare-both-stdin", ["compare", "-", "-"], comparison],
  ["help-states", ["states", "--help"], sockets],
  ["states-terminal", ["states", "server.pcap", "--at", "+12.3s"], { ...sockets, ...terminal }],
  ["states-pipe", ["states", "server.pcap", "-q", "--limit", "2"], sockets],
  ["states-count", ["states", "server.pcap", "--count"], { ...sockets, ...terminal }],
  ["states-json", ["states", "server.pcap", "-f", "json", "--limit", "1"], sockets],
  ["states-count-json", ["states", "server.pcap", "-f", "json", "--count"], sockets],
  ["states-csv", ["states", "server.pcap", "-f", "csv"], sockets],
  ["states-every", ["states", "server.pcap", "--every", "10s"], { ...overTime, ...terminal }],
  ["states-every-json", ["states", "server.pcap", "--every", "10s", "-f", "json", "--count"], overTime],
  ["states-every-csv", ["states", "server.pcap", "--every", "10s", "-f", "csv", "--count"], overTime],
  ["states-every-sockets-csv", ["states", "server.pcap", "--every", "10s", "-f", "csv", "--limit", "1"], overTime],
  ["help-show", ["show", "--help"], ladder],
  ["show-terminal", ["show", "server.pcap", "--flow", "10.0.0.1:40000-10.0.0.2:8080"], { ...ladder, ...terminal }],
  ["show-colour", ["show", "server.pcap", "--flow", "10.0.0.1:40000", "-q"], { ...ladder, columns: 80 }],
  ["show-pipe", ["show", "server.pcap", "--flow", "10.0.0.1:40000", "-v"], ladder],
  ["show-json", ["show", "server.pcap", "--flow", "10.0.0.1:40000", "-f", "json"], ladder],
  ["show-ambiguous", ["show", "server.pcap", "--flow", "10.0.0.1"], ambiguous],
  ["hostile-names", ["evil.pcap"], { analyzeCaptures: scene("hostile"), ...terminal }],
  ["unreadable", ["notes.txt"], notACapture],
];

describe("command lines", () => {
  it.each(TRANSCRIPTS)("%s", async (name, argv, surroundings) => {
    const text = transcript(argv, await run(argv, surroundings));
    await expect(text).toMatchFileSnapshot(`golden/${name}.txt`);
  });
});

/** Wrong usage: one line on standard error, exit 2, and the analysis is not run. */
const WRONG: readonly (readonly [readonly string[], string])[] = [
  [[], "no captures given: name files, directories, globs, or - for standard input; see closewait --help"],
  [["--hots", "10.0.0.1"], "unknown option '--hots' (did you mean --host?); see closewait --help"],
  [["a", "--format", "xml"], "--format: 'xml' is none of table, json, ndjson; see closewait --help"],
  [["a", "--reader", "x"], "--reader: 'x' is none of closewait, pcap-parser; see closewait --help"],
  [["a", "--sort"], "--sort: a value is missing; see closewait --help"],
  [["a", "--host", "-q"], "--host: a value is missing before -q; see closewait --help"],
  [["extract", "a", "--anonymize", "-o", "b"], "--anonymize: a value is missing before -o; see closewait --help"],
  [
    ["a", "--sort", "size"],
    "--sort: 'size' is none of age, start, duration, bytes, segments, holder, closer, verdict; see closewait --help",
  ],
  [["a", "--min-age", "5"], "--min-age: '5' has no unit: did you mean 5s?"],
  [["a", "--host", "10.0.0"], "--host: '10.0.0' is not an IP address: expected one such as 10.0.0.2 or 2001:db8::2"],
  [["a", "--net", "10.0.0.1"], "--net: '10.0.0.1' has no prefix length: did you mean --host 10.0.0.1?"],
  [["a", "--port", "http"], "--port: 'http' is not a port: expected a number from 0 to 65535"],
  [
    ["a", "--holder", "x:1"],
    "--holder: 'x:1' is not an endpoint: expected IP or IP:PORT such as 10.0.0.2:8080 or [2001:db8::2]:8080",
  ],
  [["a", "--from", "+20s", "--to", "+10s"], "--from is later than --to: no packet lies between"],
  [["a", "--limit", "0"], "--limit: '0' is not a number of rows: expected 1 or more, or all"],
  [
    ["a", "--fail-on", "leak"],
    "--fail-on: 'leak' is not a condition: expected stuck, stuck>3, half-closed, half-closed>10, finding:<kind> or problem",
  ],
  [["a", "-q", "-v"], "-q and -v contradict each other"],
  [["flow", "a"], "'flow' is neither a file nor a command (did you mean flows?)"],
  [["--utc", "flows", "a"], "the command comes first: closewait flows <captures...>"],
  [
    ["a", "--host", "\u001b[2J"],
    "--host: '\\x1b[2J' is not an IP address: expected one such as 10.0.0.2 or 2001:db8::2",
  ],
  [
    ["states", "a", "--at", "noon"],
    "--at: 'noon' is not a moment: expected ISO 8601 (2026-11-20T02:45:25Z), an epoch in seconds, +12.5s after the first packet, or end",
  ],
  [["states", "a", "--at", "+1s", "--every", "1s"], "--at and --every contradict each other: one moment, or many"],
  [["states", "a", "--every", "0"], "--every: moments need some time between them"],
  [["states", "a", "--every", "10"], "--every: '10' has no unit: did you mean 10s?"],
  [["states", "a", "-f", "ndjson"], "--format: 'ndjson' is none of table, json, csv; see closewait --help"],
  [["states", "a", "--min-age", "5s"], "unknown option '--min-age'; see closewait --help"],
  [["show", "a"], "--flow is required; see closewait --help"],
  [["show", "a", "--flow", "x", "--limit", "3"], "unknown option '--limit'; see closewait --help"],
  [["stats", "a"], "'stats' is neither a file nor a command (did you mean states?)"],
  [["flows", "a", "--all"], "unknown option '--all'; see closewait --help"],
];

describe("wrong usage", () => {
  it.each(WRONG)("%j", async (argv, message) => {
    const { stdout, stderr, code, asked } = await run(argv, leak);
    expect({ stdout, stderr, code, asked }).toEqual({
      stdout: "",
      stderr: `closewait: ${message}\n`,
      code: 2,
      asked: null,
    });
  });
});

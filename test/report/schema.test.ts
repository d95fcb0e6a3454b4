import { describe, expect, it } from "vitest";
import type { EndCause, HalfCloseStatus, Reason, StateName, Verdict } from "../../src/analysis/model.ts";
import { renderJson, renderNdjsonLine } from "../../src/report/json.ts";
import { FULL_ANALYSIS } from "./full-analysis.ts";
import { differences, loadSchema, partOf, schemaProblems } from "./json-schema.ts";
import { SCENES } from "./scenes.ts";

const SCHEMA = loadSchema("analysis.schema.json");
/** Absent where there is nothing to say. */
const OPTIONAL = [
  "names",
  "captures[].annotations",
  "groups",
  "services",
  "host",
  "flows[].known",
  "holders[].peers[].known",
];

const problemsOf = (value: unknown, schema = "analysis.schema.json") => schemaProblems(value, schema);

describe("the schema", () => {
  it.each(Object.entries(SCENES))("accepts the JSON of %s", (_, analysis) => {
    expect(problemsOf(JSON.parse([...renderJson(analysis)].join("")))).toEqual([]);
  });

  it("accepts an analysis in which every field has a value", () => {
    expect(problemsOf(FULL_ANALYSIS)).toEqual([]);
  });

  it("accepts every line of NDJSON as a flow", () => {
    for (const flow of Object.values(SCENES).flatMap((scene) => scene.flows)) {
      expect(problemsOf(JSON.parse(renderNdjsonLine(flow)), "analysis.schema.json#/$defs/flow")).toEqual([]);
    }
  });

  it("accepts fields that are added later", () => {
    expect(problemsOf({ ...FULL_ANALYSIS, added: 1 })).toEqual([]);
  });

  it("requires every field of the contract", () => {
    for (const name of Object.keys(FULL_ANALYSIS).filter((key) => !OPTIONAL.includes(key))) {
      const { [name]: _, ...rest } = FULL_ANALYSIS as unknown as Record<string, unknown>;
      expect(problemsOf(rest)).not.toEqual([]);
    }
  });

  it("has the fields of the type, all of them and no others, each described, and required unless optional", () => {
    const optional = OPTIONAL.map((path) => `analysis.${path} is not required`);
    const found = new Set(differences(FULL_ANALYSIS, SCHEMA, SCHEMA, "analysis"));
    expect([...found].sort()).toEqual(optional.sort());
  });

  it("has the words of the type", () => {
    const words = <W extends string>(record: Readonly<Record<W, true>>) => Object.keys(record).sort();
    const verdicts = words<Verdict>({
      opening: true,
      refused: true,
      unanswered: true,
      established: true,
      "fin-unacked": true,
      "half-closed": true,
      closing: true,
      closed: true,
      reset: true,
      undecided: true,
    });
    const reasons = words<Reason>({
      "one-way-capture": true,
      "capture-loss": true,
      "mid-stream": true,
      "ack-not-captured": true,
      reused: true,
      "blocked-by-half-closed": true,
      "closer-not-reading": true,
      evicted: true,
      "sequence-anomaly": true,
    });
    const states = words<StateName>({
      CLOSED: true,
      LISTEN: true,
      "SYN-SENT": true,
      "SYN-RECEIVED": true,
      ESTABLISHED: true,
      "FIN-WAIT-1": true,
      "FIN-WAIT-2": true,
      "CLOSE-WAIT": true,
      CLOSING: true,
      "LAST-ACK": true,
      "TIME-WAIT": true,
    });
    const statuses = words<HalfCloseStatus>({ stuck: true, draining: true, recent: true, ended: true });
    const causes = words<EndCause>({
      "write-after-close": true,
      "unread-data-or-abort": true,
      "keepalive-timeout": true,
      reaped: true,
      "challenge-ack": true,
    });
    expect(enumAt("verdict")).toEqual(verdicts);
    expect(enumAt("reason")).toEqual(reasons);
    expect(enumAt("stateName")).toEqual(states);
    expect(enumAt("halfClose", "properties", "status")).toEqual(statuses);
    expect(enumAt("halfClose", "properties", "end", "anyOf", "0", "properties", "cause")).toEqual(causes);
  });
});

function enumAt(...path: readonly string[]): unknown[] {
  const words = partOf(SCHEMA, "$defs", ...path, "enum") as unknown as (string | null)[];
  return words.filter((word) => word !== null).sort();
}

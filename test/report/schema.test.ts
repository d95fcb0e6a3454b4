import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import type { EndCause, HalfCloseStatus, Reason, StateName, Verdict } from "../../src/analysis/model.ts";
import { renderJson, renderNdjsonLine } from "../../src/report/json.ts";
import { FULL_ANALYSIS } from "./full-analysis.ts";
import { SCENES } from "./scenes.ts";

interface Schema {
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly type?: string;
  readonly description?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

const SCHEMA: Schema = JSON.parse(
  readFileSync(new URL("../../src/report/analysis.schema.json", import.meta.url), "utf8"),
);
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
ajv.addSchema(SCHEMA, "analysis");

function problemsOf(value: unknown, schema = "analysis"): unknown {
  const validate = ajv.getSchema(schema);
  if (validate === undefined) throw new Error(`no schema ${schema}`);
  return validate(value) ? [] : validate.errors;
}

describe("the schema", () => {
  it.each(Object.entries(SCENES))("accepts the JSON of %s", (_, analysis) => {
    expect(problemsOf(JSON.parse([...renderJson(analysis)].join("")))).toEqual([]);
  });

  it("accepts an analysis in which every field has a value", () => {
    expect(problemsOf(FULL_ANALYSIS)).toEqual([]);
  });

  it("accepts every line of NDJSON as a flow", () => {
    for (const flow of Object.values(SCENES).flatMap((scene) => scene.flows)) {
      expect(problemsOf(JSON.parse(renderNdjsonLine(flow)), "analysis#/$defs/flow")).toEqual([]);
    }
  });

  it("accepts fields that are added later", () => {
    expect(problemsOf({ ...FULL_ANALYSIS, added: 1 })).toEqual([]);
  });

  it("requires every field of the contract", () => {
    for (const name of Object.keys(FULL_ANALYSIS)) {
      const { [name]: _, ...rest } = FULL_ANALYSIS as unknown as Record<string, unknown>;
      expect(problemsOf(rest)).not.toEqual([]);
    }
  });

  it("has the fields of the type, all of them and no others, each required and described", () => {
    expect(differences(FULL_ANALYSIS, SCHEMA, "analysis")).toEqual([]);
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

function at(schema: Schema, ...path: readonly string[]): Schema {
  return path.reduce<Schema>((part, name) => (part as Readonly<Record<string, Schema>>)[name] ?? {}, schema);
}

function enumAt(...path: readonly string[]): unknown[] {
  const words = at(SCHEMA, "$defs", ...path, "enum") as unknown as (string | null)[];
  return words.filter((word) => word !== null).sort();
}

/** Follows `$ref` and the half of `anyOf` that is not null. */
function resolve(schema: Schema): Schema {
  if (schema.$ref !== undefined) return resolve(at(SCHEMA, ...schema.$ref.replace("#/", "").split("/")));
  const choice = schema.anyOf?.find((candidate) => candidate.type !== "null");
  return choice === undefined ? schema : resolve(choice);
}

/** What a value has and its schema lacks, and the other way round. */
function differences(value: unknown, declared: Schema, path: string): string[] {
  const schema = resolve(declared);
  const described = declared.description !== undefined || schema.description !== undefined;
  const found = described ? [] : [`${path} has no description`];
  if (Array.isArray(value))
    return found.concat(value.flatMap((item) => differences(item, schema.items ?? {}, `${path}[]`)));
  const { properties, required = [] } = schema;
  // Maps with free keys, such as counts by reason, have no properties.
  if (typeof value !== "object" || value === null || properties === undefined) return found;
  const fields = Object.entries(value);
  return found.concat(
    fields.filter(([name]) => !required.includes(name)).map(([name]) => `${path}.${name} is not required`),
    Object.keys(properties)
      .filter((name) => !(name in value))
      .map((name) => `${path}.${name} is only in the schema`),
    fields.flatMap(([name, field]) => {
      const property = properties[name];
      return property === undefined
        ? [`${path}.${name} is not in the schema`]
        : differences(field, property, `${path}.${name}`);
    }),
  );
}

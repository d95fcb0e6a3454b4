import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";

export interface Schema {
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly type?: string;
  readonly description?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

const NAMES = ["analysis.schema.json", "states.schema.json", "ladder.schema.json", "compare.schema.json"] as const;

export function loadSchema(name: (typeof NAMES)[number]): Schema {
  return JSON.parse(readFileSync(new URL(`../../src/report/${name}`, import.meta.url), "utf8"));
}

const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
for (const name of NAMES) ajv.addSchema(loadSchema(name), name);

/** What a validator has against a value; nothing, if it fits. */
export function schemaProblems(value: unknown, schema: string): unknown {
  const validate = ajv.getSchema(schema);
  if (validate === undefined) throw new Error(`no schema ${schema}`);
  return validate(value) ? [] : validate.errors;
}

export function partOf(schema: Schema, ...path: readonly string[]): Schema {
  return path.reduce<Schema>((part, name) => (part as Readonly<Record<string, Schema>>)[name] ?? {}, schema);
}

/** Follows `$ref` and the half of `anyOf` that is not null. */
function resolve(schema: Schema, root: Schema): { readonly schema: Schema; readonly root: Schema } {
  if (schema.$ref !== undefined) {
    const [name = "", path = ""] = schema.$ref.split("#/");
    const file = NAMES.find((candidate) => candidate === name);
    const next = file === undefined ? root : loadSchema(file);
    return resolve(partOf(next, ...path.split("/")), next);
  }
  const choice = schema.anyOf?.find((candidate) => candidate.type !== "null");
  return choice === undefined ? { schema, root } : resolve(choice, root);
}

/** What a value has and its schema lacks, and the other way round. */
export function differences(value: unknown, declared: Schema, declaredIn: Schema, path: string): string[] {
  const { schema, root } = resolve(declared, declaredIn);
  const described = declared.description !== undefined || schema.description !== undefined;
  const found = described ? [] : [`${path} has no description`];
  if (Array.isArray(value))
    return found.concat(value.flatMap((item) => differences(item, schema.items ?? {}, root, `${path}[]`)));
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
        : differences(field, property, root, `${path}.${name}`);
    }),
  );
}

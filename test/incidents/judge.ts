/** The judge of the lab, with types. */
import type { Finding } from "../../src/analysis/model.ts";

type Expected =
  | number
  | string
  | null
  | { readonly near: number; readonly within: number }
  | { readonly each: string; readonly near: readonly number[]; readonly within: number };

/** What a program did, as test/lab/incidents/judge.mjs says. */
export interface IncidentTruth {
  readonly kind: string;
  readonly holder: { readonly ip: string; readonly port: number | null };
  readonly peers?: Readonly<Record<string, number>>;
  readonly count?: number;
  readonly since?: number;
  readonly until?: number | null;
  readonly numbers: Readonly<Record<string, Expected>>;
  readonly isRemark?: boolean;
}

export interface Verdict {
  readonly hits: readonly string[];
  readonly misses: readonly string[];
  readonly falseFindings: readonly string[];
}

interface Recorded {
  readonly from: number;
  readonly until: number;
}

type Judge = (findings: readonly Finding[], told: readonly IncidentTruth[], recorded: Recorded) => Verdict;

const module: { judge: Judge } = await import(new URL("../lab/incidents/judge.mjs", import.meta.url).href);

export const { judge } = module;

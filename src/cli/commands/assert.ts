import { parseSeconds } from "../../analysis/duration.ts";
import type { Analysis } from "../../analysis/model.ts";
import { CloseWaitError } from "../../errors.ts";
import { evidenceOf } from "../../matchers/account.ts";
import { everyFlowClosed } from "../../matchers/every-flow-closed.ts";
import { hasFinding, readKind } from "../../matchers/finding.ts";
import { noLongHalfClose } from "../../matchers/no-long-half-close.ts";
import { noStuckFlows } from "../../matchers/no-stuck-flows.ts";
import type { Outcome } from "../../matchers/outcome.ts";
import { type AssertionReport, renderAssertions } from "../../report/assertion-report.ts";
import { renderJson } from "../../report/json.ts";
import { renderJunit } from "../../report/junit.ts";
import { createPaper } from "../../report/paper.ts";
import { ask } from "../ask.ts";
import { EXIT_CODES } from "../exit-code.ts";
import type { AssertFormat } from "../formats.ts";
import type { CliIo } from "../io.ts";
import { eachInOption, inOption } from "../parse/in-option.ts";
import { printWarnings } from "../print-warnings.ts";
import { type RawOptions, readSettings } from "../settings.ts";
import { viewOf } from "../view-of.ts";
import { writeInPieces } from "../write-in-pieces.ts";

/** commander takes `--no-…` for the negation of an option that is true unless given. */
export interface RawAssertOptions extends RawOptions {
  readonly stuck: boolean;
  readonly finding: true | readonly string[];
  readonly everyFlowClosed?: true;
  readonly minAge?: string;
  readonly maxAge?: string;
  readonly format: AssertFormat;
}

type Assertion = (analysis: Analysis) => Outcome;

/** `closewait assert`. Returns the exit code. */
export async function runAssert(captures: readonly string[], raw: RawAssertOptions, io: CliIo): Promise<number> {
  const settings = readSettings(raw);
  const seconds = (name: string, text: string | undefined) =>
    text === undefined ? undefined : inOption(name, () => parseSeconds(text));
  const minAge = seconds("--min-age", raw.minAge);
  const maxAge = seconds("--max-age", raw.maxAge);
  const assertions = assertionsOf(raw, minAge, maxAge);
  const options = {
    ...settings.options,
    minAgeSeconds: Math.min(minAge ?? settings.options.minAgeSeconds, maxAge ?? Number.POSITIVE_INFINITY),
    flows: raw.everyFlowClosed ? ("every" as const) : ("ever" as const),
  };
  let code: number = EXIT_CODES.analyzed;
  await ask<Analysis>(
    captures,
    { ...settings, options },
    {
      ask: ({ analyzeCaptures }, given) => analyzeCaptures(captures, given),
      tell(analysis, output) {
        if (settings.detail !== "quiet") printWarnings(analysis.captures, io);
        const outcomes = assertions.map((assertion) => assertion(analysis));
        if (outcomes.some(({ pass }) => !pass)) code = EXIT_CODES.conditionHolds;
        const reports = outcomes.map((outcome) => reportOf(outcome, analysis));
        if (raw.format === "json") writeInPieces(renderJson({ assertions: outcomes.map(jsonOf) }), output);
        else if (raw.format === "junit")
          output.write(
            renderJunit(
              reports,
              analysis.captures.map(({ path }) => path),
            ),
          );
        else output.write(renderAssertions(reports, createPaper(viewOf(settings, output, io), null)));
      },
    },
    io,
  );
  return code;
}

function assertionsOf(raw: RawAssertOptions, minAge: number | undefined, maxAge: number | undefined): Assertion[] {
  const kinds = eachInOption("--no-finding", raw.finding === true ? [] : raw.finding, readKind);
  const assertions: Assertion[] = [
    ...(raw.stuck ? [] : [(analysis: Analysis) => noStuckFlows(analysis, { minAge })]),
    ...(maxAge === undefined ? [] : [(analysis: Analysis) => noLongHalfClose(analysis, maxAge)]),
    ...(raw.everyFlowClosed ? [everyFlowClosed] : []),
    ...kinds.map((kind) => (analysis: Analysis) => negated(hasFinding(analysis, kind))),
  ];
  if (assertions.length > 0) return assertions;
  const names = "--no-stuck, --max-age, --every-flow-closed, --no-finding";
  throw new CloseWaitError("usage", `nothing to assert: give at least one of ${names}`);
}

const negated = (outcome: Outcome): Outcome => ({
  ...outcome,
  pass: !outcome.pass,
  claim: outcome.opposite,
  opposite: outcome.claim,
});

function reportOf(outcome: Outcome, analysis: Analysis): AssertionReport {
  const { claim, pass, found } = outcome;
  return { name: claim, pass, found, evidence: pass ? [] : evidenceOf(outcome, analysis) };
}

function jsonOf({ claim, pass, found, flows, findings = [] }: Outcome): object {
  return {
    assertion: claim,
    pass,
    found,
    flows: pass ? [] : flows.map(({ id }) => id),
    findings: pass ? [] : findings.map(({ kind }) => kind),
  };
}

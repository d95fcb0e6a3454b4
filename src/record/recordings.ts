import { rmSync } from "node:fs";
import type { Ladder } from "../analysis/ladder.ts";
import type { Analysis } from "../analysis/model.ts";
import { CloseWaitError } from "../errors.ts";

/** The file of one recording. It is removed in the end, unless someone wants to look into it. */
export class CaptureFile {
  readonly path: string;
  #isKept: boolean;

  constructor(path: string, isKept: boolean) {
    this.path = path;
    this.#isKept = isKept;
    removeAtExit(this);
  }

  get isKept(): boolean {
    return this.#isKept;
  }

  keep(): void {
    this.#isKept = true;
    waiting.delete(this);
    passed.delete(this);
  }

  /** The file is kept, and standard error says where, once. */
  keepAndSay(): void {
    if (!this.#isKept) process.stderr.write(`closewait: kept the capture: ${this.path}\n`);
    this.keep();
  }

  /** Nobody wants it. */
  remove(): void {
    waiting.delete(this);
    passed.delete(this);
    if (!this.#isKept) rmSync(this.path, { force: true });
  }
}

/** What is known of an analysis besides the analysis, if it is one of a recording. */
export interface Provenance {
  readonly file: CaptureFile;
  /** `port 8080 on lo`. */
  readonly recorded: string;
  readonly dropped: number;
  /** By flow id, of some that are not over. */
  readonly ladders: ReadonlyMap<string, Ladder>;
}

const provenances = new WeakMap<Analysis, Provenance>();

export function rememberProvenance(analysis: Analysis, provenance: Provenance): void {
  provenances.set(analysis, provenance);
}

export function provenanceOf(analysis: Analysis): Provenance | null {
  return provenances.get(analysis) ?? null;
}

/** Files of recordings whose test may still turn out to have failed. */
const waiting = new Set<CaptureFile>();
/** Of tests that have passed. Another test may still look at the same recording, and fail. */
const passed = new Set<CaptureFile>();
let listens = false;

/** node:test and plain scripts end with another code than 0 when something has failed. */
function removeAtExit(file: CaptureFile): void {
  waiting.add(file);
  if (listens) return;
  listens = true;
  process.once("exit", (code) => {
    closeRecordings(code !== 0);
    removeRecordings();
  });
}

/** Ends of recordings that are still going on. */
const active = new Set<AbortController>();

/** A signal for as long as a recording goes on: that of the test, or that the test was over before its body was. */
export function beginRecording(given: AbortSignal | undefined): { readonly signal: AbortSignal; end(): void } {
  const ending = new AbortController();
  active.add(ending);
  return {
    signal: given ? AbortSignal.any([given, ending.signal]) : ending.signal,
    end: () => void active.delete(ending),
  };
}

/** The tests of all recordings so far are over: their files are kept if one of them has failed. */
export function closeRecordings(haveFailed: boolean): void {
  const reason = new CloseWaitError("cannot-record", "the test was over before the recording");
  for (const ending of active) ending.abort(reason);
  for (const file of waiting) {
    if (haveFailed) file.keepAndSay();
    else passed.add(file);
  }
  waiting.clear();
}

/** Removes the files of tests that have passed. */
export function removeRecordings(): void {
  for (const file of passed) file.remove();
}

import type { ByteSink } from "../extract/byte-sink.ts";
import type { Progress } from "./progress.ts";

/** Where text goes. */
export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Columns of the terminal; undefined when it is none. */
  readonly columns: number | undefined;
}

/** A file named by `-o`. */
export interface OutputFile extends Output {
  /** Nothing was written: leave no trace. */
  discard(): void;
  close(): void;
}

/** A capture named by `-o`. */
export interface CaptureOutput extends ByteSink {
  /** It is complete: from now on it is there. */
  commit(): Promise<void>;
  /** Leave no trace of it. */
  discard(): void;
}

/** What can be asked of captures. */
export type Questions = Pick<
  typeof import("../questions.ts"),
  "analyzeCaptures" | "listSockets" | "showFlow" | "extractFlows" | "compareCaptures"
>;

/** The process around the command, so that tests can run commands without one. */
export interface CliIo {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** IANA name of the local time zone. */
  readonly timeZone: string;
  readonly version: string;
  readonly loadQuestions: () => Promise<Questions>;
  readonly fileExists: (path: string) => boolean;
  /** Opens the file for `-o`; refuses to overwrite one of the captures. */
  readonly openFile: (path: string, captures: readonly string[]) => Promise<OutputFile>;
  /** Opens the capture for `-o`, null for standard output; refuses to overwrite one of the captures. */
  readonly openCapture: (path: string | null, captures: readonly string[]) => Promise<CaptureOutput>;
  /** The content of a small file; - is standard input. */
  readonly readFile: (path: string) => Uint8Array;
  /** Null: nobody is looking. */
  readonly openProgress: (() => Promise<Progress>) | null;
  /** Calls the listener at each Ctrl-C until the returned function is called. */
  readonly onInterrupt: (listener: () => void) => () => void;
  /** Ends the process at once. */
  readonly exitNow: (code: number) => void;
}

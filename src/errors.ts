/** What went wrong, for programs. Stable: a code is never renamed or given another meaning. */
export type ErrorCode =
  | "usage" // the caller asked for something that does not exist or makes no sense
  | "unreadable" // the file cannot be opened or read
  | "empty" // no bytes at all
  | "not-a-capture" // bytes, but of no format that is read here
  | "corrupt" // a capture whose headers contradict themselves
  | "unsupported" // a capture of a format or version that is not read
  | "nothing-readable" // no input was left to analyze
  | "worker-failed" // a thread of this program died
  | "cannot-record"; // tcpdump is missing, may not capture, or sees nothing

/** Where an error was found. `offset` counts bytes from the start of the (decompressed) input. */
export interface ErrorPlace {
  readonly file?: string | undefined;
  readonly offset?: number | undefined;
}

/**
 * The only error this package throws on purpose: wrong usage, or an input that cannot be used at all.
 * Problems inside a readable capture are data (`captures[].problems`), never thrown.
 *
 * The message is one line that says what was expected, what was found and what to do about it.
 */
export class CloseWaitError extends Error {
  override readonly name = "CloseWaitError";
  readonly code: ErrorCode;
  readonly file: string | undefined;
  readonly offset: number | undefined;

  constructor(code: ErrorCode, message: string, place: ErrorPlace = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.file = place.file;
    this.offset = place.offset;
  }
}

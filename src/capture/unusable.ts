import { CloseWaitError, type ErrorCode } from "../errors.ts";

/** What people call the input: its path, or "standard input". */
export type InputName = string;

/** The error for an input that cannot be used at all: `name: what is wrong; what to do`. */
export function unusable(
  code: ErrorCode,
  name: InputName,
  message: string,
  offset?: number,
  cause?: unknown,
): CloseWaitError {
  return new CloseWaitError(code, `${name}: ${message}`, { file: name, offset }, cause);
}

/**
 * The library's door. `analyze` answers what the command line answers, as typed data.
 *
 * @packageDocumentation
 */
export type {
  Analysis,
  BySide,
  CaptureReport,
  Endpoint,
  Evidence,
  Finding,
  Flow,
  HalfClose,
  HalfCloseEnd,
  Holder,
  Reason,
  Side,
  StateName,
  Timestamp,
  Totals,
  Verdict,
} from "./analysis/model.ts";
export type { AnalyzeOptions, Moment, Selection } from "./analysis/options.ts";
export type { Socket, SocketTable } from "./analysis/sockets.ts";
export type { ByteInput } from "./capture/byte-source.ts";
export { CloseWaitError, type ErrorCode } from "./errors.ts";
export { analyzeCaptures as analyze, type Look, listSockets } from "./questions.ts";

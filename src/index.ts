/**
 * The library's door: what the command line answers, as typed data, and what makes a socket leak a failing test.
 * Matchers for vitest and Jest are behind doors of their own, `closewait/vitest` and `closewait/jest`.
 *
 * @packageDocumentation
 */

export type { Ladder, LadderLine, NumberPair } from "./analysis/ladder.ts";
export type {
  Analysis,
  BySide,
  CaptureProblem,
  CaptureReport,
  EndCause,
  Endpoint,
  Evidence,
  Finding,
  FindingExample,
  FindingKind,
  Flow,
  HalfClose,
  HalfCloseEnd,
  HalfCloseStatus,
  Holder,
  Level,
  Reason,
  Side,
  StateName,
  Timestamp,
  Totals,
  Verdict,
} from "./analysis/model.ts";
export type { Moment, Progress, Selection } from "./analysis/options.ts";
export type { Socket, SocketTable } from "./analysis/sockets.ts";
export { CloseWaitError, type ErrorCode } from "./errors.ts";
export { analyze } from "./library/analyze.ts";
export { flows } from "./library/flows.ts";
export type { CaptureInput, PcapParserInstance, WebStream } from "./library/inputs.ts";
export { type Look, listSockets } from "./library/list-sockets.ts";
export {
  type CaptureFacts,
  type OpenCapture,
  type OpenOptions,
  openCapture,
  type PacketRecord,
} from "./library/open-capture.ts";
export type { AnalyzeOptions, MomentInput } from "./library/options.ts";
export { showFlow } from "./library/show-flow.ts";
export {
  assertEveryFlowClosed,
  assertNoFinding,
  assertNoStuckFlows,
  type Judgeable,
} from "./matchers/assertions.ts";
export type { Age, NoStuckFlowsOptions } from "./matchers/no-stuck-flows.ts";
export type { RecordOptions } from "./record/options.ts";
export { recordSkipReason } from "./record/place.ts";
export { type RecordContext, type Recording, record } from "./record/record.ts";

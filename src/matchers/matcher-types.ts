import type { FindingKind } from "../analysis/model.ts";
import type { HalfClosedOptions } from "./half-closed.ts";
import type { NoStuckFlowsOptions } from "./no-stuck-flows.ts";

export type { HalfClosedOptions, NoStuckFlowsOptions };

/** The matchers as `expect` shows them. On a path, or anything else that has to be read first, they are to be awaited. */
export interface CloseWaitMatchers<Result> {
  /**
   * No flow is half-closed, that is, no socket in CLOSE-WAIT; flows whose holder still sends are let pass, and with `minAge` younger ones.
   *
   * @example
   * expect(analysis).toHaveNoStuckFlows({ minAge: "5s" });
   */
  toHaveNoStuckFlows(options?: NoStuckFlowsOptions): Result;
  /**
   * There are half-closed flows like this.
   *
   * @example
   * await expect("leak.pcap").toHaveHalfClosed({ holder: "10.0.0.2:8080", count: 34 });
   */
  toHaveHalfClosed(options?: HalfClosedOptions): Result;
  /** Every flow was closed by both ends, reset, or refused. */
  toCloseEveryFlow(): Result;
  /**
   * There is a finding of this kind.
   *
   * @example
   * expect(analysis).not.toHaveFinding("never-touched");
   */
  toHaveFinding(kind: FindingKind): Result;
}

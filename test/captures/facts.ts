/**
 * What a capture holds, by 4-tuple. Of a 4-tuple that was used several times the incarnations' facts are listed together: tshark reckons the
 * end of a half-closed incarnation (challenge ACK, RST) to the one whose SYN brought it about.
 */
export type Facts = Readonly<Record<string, TupleFacts>>;

export interface TupleFacts {
  /** First frame of each stream. */
  readonly streams: number[];
  lastFrame: number;
  /** By sender. */
  readonly ends: Record<string, EndFacts>;
}

export interface EndFacts {
  segments: number;
  payloadBytes: number;
  /** First frames and copies. */
  readonly syns: { readonly frame: number; copies: number }[];
  readonly fins: FinFacts[];
  /** First frame of the reset that ended each stream. */
  readonly resets: number[];
}

export interface FinFacts {
  readonly frame: number;
  copies: number;
  /** First frame of the other end that acknowledges it. */
  ackFrame: number | null;
}

export function tupleOf(a: string, b: string): string {
  return [a, b].sort().join(" ");
}

export const noFacts = (): EndFacts => ({ segments: 0, payloadBytes: 0, syns: [], fins: [], resets: [] });

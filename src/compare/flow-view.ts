import type { Conclusion } from "../analysis/conclusion.ts";
import type { HalfCloseStatus, Side, Verdict } from "../analysis/model.ts";
import { peerOf } from "../tcp/conversation.ts";
import type { EndHistory, FinHistory, ResetHistory, Sighting } from "../tcp/history.ts";

/** What one point saw of one end, as far as the other point can confirm it. */
export interface EndView {
  readonly ip: string;
  readonly port: number;
  readonly syn: EndHistory["syn"];
  readonly fin: Pick<FinHistory, "at" | "capture" | "frame" | "copies" | "lastCopyAt" | "ack"> | null;
  /** A FIN that was not captured, but shows in later numbers. */
  readonly finInferred: boolean;
  readonly segments: number;
}

/** What one point saw of one connection; times in nanoseconds of that point's own clock. */
export interface FlowView {
  readonly order: number;
  readonly ends: Readonly<Record<Side, EndView>>;
  readonly rolesKnown: boolean;
  readonly firstAt: number;
  readonly lastAt: number;
  /** The client received the SYN-ACK and said so. */
  readonly established: boolean;
  readonly reset: (Sighting & { readonly sender: Side; readonly refused: boolean }) | null;
  readonly verdict: Verdict;
  readonly status: HalfCloseStatus | null;
}

/** Only what is compared is kept: the rest of a history is let go. */
export function flowViewOf({ history, client, verdict, status }: Conclusion): FlowView {
  const { reset } = history;
  return {
    order: history.order,
    ends: { client: endView(history.ends[client]), server: endView(history.ends[peerOf(client)]) },
    rolesKnown: history.opener !== null,
    firstAt: history.firstAt,
    lastAt: history.lastAt,
    established: history.establishedAt !== null,
    reset: reset && resetView(reset, reset.sender === client ? "client" : "server"),
    verdict,
    status,
  };
}

function endView({ ip, port, syn, fin, finInferredAt, segments }: EndHistory): EndView {
  return { ip, port, syn, fin: fin && finView(fin), finInferred: finInferredAt !== null, segments };
}

function finView({ at, capture, frame, copies, lastCopyAt, ack }: FinHistory): EndView["fin"] {
  return { at, capture, frame, copies, lastCopyAt, ack };
}

function resetView({ at, capture, frame, refused }: ResetHistory, sender: Side): FlowView["reset"] {
  return { at, capture, frame, sender, refused };
}

/** The same connection with its ends named the other way round: without a handshake roles are guesses, and two points may guess differently. */
export function withRolesExchanged(view: FlowView): FlowView {
  const other = (side: Side): Side => (side === "client" ? "server" : "client");
  return {
    ...view,
    ends: { client: view.ends.server, server: view.ends.client },
    reset: view.reset && { ...view.reset, sender: other(view.reset.sender) },
  };
}

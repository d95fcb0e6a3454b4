import type { FlowName } from "../analysis/flow-name.ts";
import type { EndCause, HalfCloseStatus, Side } from "../analysis/model.ts";
import type { Sighting } from "../tcp/history.ts";
import type { Caller, Service } from "./service.ts";

/** A flow that something is to be said about: the few numbers of its history that tell what happened. Times are relative nanoseconds. */
interface CaseOfFlow {
  readonly name: FlowName;
  /** Record number of its first segment. */
  readonly order: number;
  readonly service: Service;
  readonly caller: Caller;
  /** When the handshake was complete; the first segment where it was not captured. */
  readonly openedAt: number;
  readonly hasHandshake: boolean;
}

/** A half-close that is open, or that lasted for long. */
export interface HalfCloseCase extends CaseOfFlow {
  readonly holderRole: Side;
  readonly holderIp: string;
  readonly closerIp: string;
  readonly status: HalfCloseStatus;
  readonly endedBy: "fin" | "reset" | "reuse" | null;
  readonly resetCause: EndCause | null;
  readonly since: number;
  /** Its end, or how far it was observed. */
  readonly until: number;
  readonly fin: Sighting;
  readonly finAck: Sighting;
  readonly end: Sighting | null;
  /** Between the last payload of either end and the FIN. */
  readonly idleNanos: number;
  /** Between one request and the next, on average, as long as the connection was in use. */
  readonly gapNanos: number;
  readonly closerBytes: number;
  readonly holderBytes: number;
  readonly bytesAfterFin: number;
  /** The closer's last request, which the holder had not answered when the closer gave up. */
  readonly unanswered: { readonly at: number; readonly bytes: number; readonly patienceNanos: number } | null;
  /** Packets of it are missing from the capture: the holder's FIN may be among them. */
  readonly hasLoss: boolean;
  /** The closer's last words came with its FIN, or right before it, and were not answered: it may wait for the answer. */
  readonly endedOnQuestion: boolean;
  /** Between the FIN and the holder's first write that a reset answered. */
  readonly lateWriteNanos: number | null;
  readonly probes: { readonly holder: number; readonly closer: number };
}

/** What went wrong otherwise. */
export interface TroubleCase extends CaseOfFlow {
  readonly trouble: "fin-unacked" | "no-answer" | "queue-full" | "syn-unanswered" | "blocked" | "window-closed";
  /** Who was left without an answer, and by whom. */
  readonly speakerIp: string;
  readonly silentIp: string;
  readonly since: number;
  readonly until: number;
  readonly attempts: number;
  readonly bytes: number;
  /** The server sent its SYN-ACK again after a valid third ACK (rule 13). */
  readonly synAckRepeated: boolean;
  readonly keepAlive: boolean;
  readonly frames: readonly Sighting[];
}

export type Case = HalfCloseCase | TroubleCase;

export const isHalfClose = (one: Case): one is HalfCloseCase => "holderRole" in one;

/** The holder's port says something only where the holder is the server. */
export const holderPort = ({ holderRole, name }: HalfCloseCase): number | null =>
  holderRole === "server" ? name.serverPort : null;

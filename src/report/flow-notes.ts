import type { EndCause, Reason } from "../analysis/model.ts";
import type { HalfClosedFlow } from "./age.ts";
import { countOf, formatCount } from "./count.ts";
import { formatDuration } from "./duration.ts";
import { formatFrame, type Page } from "./page.ts";
import { sanitize } from "./sanitize.ts";

/** What each reason means, for people who see it for the first time. */
export const REASON_MEANINGS: Readonly<Record<Reason, string>> = {
  "one-way-capture": "only one direction was captured; the other end may have closed unseen",
  "capture-loss": "packets are missing from the capture; a missing FIN may be a missing packet",
  "mid-stream": "the capture began in the middle of the connection",
  "ack-not-captured": "the FIN was captured, but no packet that acknowledges it; a capture filter must let ACKs pass",
  reused: "the same addresses and ports were opened again, so the old socket had gone unseen",
  "blocked-by-half-closed": "a new connection from the same port met a socket that is still in CLOSE-WAIT",
  "closer-not-reading": "the closer's window is zero, so the holder's FIN may be waiting behind unread data",
  evicted: "dropped from memory to stay within the flow limit; what followed was not followed",
  "sequence-anomaly": "sequence numbers contradict each other; packets may be forged or missing",
};

const CAUSES: Readonly<Record<EndCause, string>> = {
  "write-after-close": "the holder wrote to a closed peer",
  "unread-data-or-abort": "unread data, or abort",
  "keepalive-timeout": "keep-alives went unanswered",
  reaped: "the closer no longer knew the connection",
  "challenge-ack": "the port was used again",
};

const UNCERTAIN_SECONDS_MIN = 0.001;

/** Everything about a half-close that does not fit a column: how it ended, doubts, bytes left behind. */
export function flowNotes(flow: HalfClosedFlow, page: Page): string[] {
  const { halfClose } = flow;
  const notes = [...endNotes(flow, page), ...flow.reasons.map(sanitize)];
  if (halfClose.fin.copies > 1) notes.push(`FIN sent ${formatCount(halfClose.fin.copies)} times`);
  if (halfClose.sinceUncertainSeconds >= UNCERTAIN_SECONDS_MIN) {
    notes.push(`since uncertain by ${formatDuration(halfClose.sinceUncertainSeconds)}`);
  }
  // What a server sent last is its answer: nobody owes it one.
  if (flow.holder === "server" && halfClose.unanswered !== null && halfClose.unanswered.bytes > 0) {
    const { bytes, frame } = halfClose.unanswered;
    notes.push(`${countOf(bytes, "byte")} unanswered since frame ${frame}`);
  }
  if (halfClose.unreadBytesAtLeast !== null) notes.push(`≥ ${countOf(halfClose.unreadBytesAtLeast, "byte")} unread`);
  if (flow.sameAs !== null) notes.push(`same connection as ${sanitize(flow.sameAs)}`);
  if (page.detail === "verbose") notes.push(`flow ${sanitize(flow.id)}`);
  return notes;
}

function endNotes({ halfClose: { end }, holder }: HalfClosedFlow, page: Page): string[] {
  if (end === null) return [];
  const frame = formatFrame(end, page);
  if (end.by === "fin") return [`closed by its FIN, ${frame}`];
  if (end.by === "reuse") return [`ended by reuse of the port, ${frame}`];
  const who = end.sender === holder ? "its own RST" : "the closer's RST";
  return [`ended by ${who}, ${frame}`, ...(end.cause === null ? [] : [CAUSES[end.cause]])];
}

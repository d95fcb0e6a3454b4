import type { CaptureReport, Flow } from "../analysis/model.ts";
import type { CaptureComment } from "../capture/annotations.ts";
import { countOf, formatCount } from "./count.ts";
import type { Page } from "./page.ts";
import { sanitize } from "./sanitize.ts";
import { wrapWords } from "./text-width.ts";

const COMMENTS_SHOWN_MAX = 10;
const TEXT_LENGTH_MAX = 300;

/**
 * What a capture holds beside packets: comments, and blocks that were passed over. Of many comments those on the capture and on evidence
 * are shown before the others.
 */
export function annotationLines(capture: CaptureReport, number: number, flows: readonly Flow[], page: Page): string[] {
  if (capture.annotations === undefined) return [];
  const { comments, commentsLeftOut, otherBlocks } = capture.annotations;
  const evidence = evidenceFrames(number, flows);
  const isFirst = ({ on, frame }: CaptureComment) => on !== "packet" || evidence.has(frame ?? 0);
  const shown = new Set([...comments.filter(isFirst), ...comments].slice(0, COMMENTS_SHOWN_MAX));
  const inOrder = comments.filter((comment) => shown.has(comment));
  const hidden = comments.length - inOrder.length + commentsLeftOut;
  const others = Object.entries(otherBlocks).map(([name, count]) => `${formatCount(count)} ${sanitize(name)}`);
  const texts = [
    ...inOrder.map(commentText),
    ...(hidden > 0 ? [`… and ${countOf(hidden, "more comment")}`] : []),
    ...(others.length > 0 ? [`blocks passed over: ${others.join(", ")}`] : []),
  ];
  return texts.flatMap((text) => wrapWords(`    ${text}`, page.width, "      "));
}

/** `comment on frame 7: the FIN`. */
function commentText({ on, interface: number, frame, text }: CaptureComment): string {
  const about = on === "packet" ? ` on frame ${frame}` : on === "interface" ? ` on interface ${number}` : "";
  const shown = text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : text;
  return `comment${about}: ${sanitize(shown)}`;
}

/** Frames of one capture that prove something about flows. */
function evidenceFrames(capture: number, flows: readonly Flow[]): ReadonlySet<number> {
  const proofs = flows.flatMap(({ halfClose, reset }) => [halfClose?.fin, halfClose?.finAck, halfClose?.end, reset]);
  return new Set(proofs.flatMap((proof) => (proof?.capture === capture ? [proof.frame] : [])));
}

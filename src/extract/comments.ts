import { basename } from "node:path";
import type { CaptureSummary } from "../capture/capture.ts";
import { type Evidence, markOf, type Place } from "./evidence.ts";

/** Comments that say what records prove. */
export class Comments {
  readonly #captures: readonly CaptureSummary[];
  readonly #namesSources: boolean;
  readonly #evidence = new Map<number, Evidence[]>();
  /** Frames of the output, by record of the source: only of those that are spoken of. */
  readonly #frames = new Map<number, number>();
  #frameCount = 0;

  /** `isOpen`: names of captures may be told. */
  constructor(captures: readonly CaptureSummary[], isOpen: boolean) {
    this.#captures = captures;
    this.#namesSources = isOpen;
  }

  add(evidence: readonly Evidence[]): void {
    for (const one of evidence) listIn(this.#evidence, markOf(one.place)).push(one);
  }

  /** The next record of the output. */
  number(capture: number, frame: number): void {
    this.#frameCount++;
    const mark = markOf({ capture, frame });
    if (this.#evidence.has(mark)) this.#frames.set(mark, this.#frameCount);
  }

  of(capture: number, frame: number): readonly string[] {
    const evidence = this.#evidence.get(markOf({ capture, frame }));
    if (evidence === undefined) return [];
    const own = this.#sourceText({ capture, frame });
    return evidence.map(({ comment }) => `${comment((place) => this.#frameText(place))}${own}`);
  }

  /** As Wireshark numbers the output. */
  #frameText(place: Place): string {
    const frame = this.#frames.get(markOf(place));
    return frame === undefined ? `a frame that is not here${this.#sourceText(place)}` : `frame ${frame}`;
  }

  /** Where the record came from, unless its frame has the same number there. */
  #sourceText(place: Place): string {
    const capture = this.#captures[place.capture];
    if (!this.#namesSources || capture === undefined || this.#frames.get(markOf(place)) === place.frame) return "";
    return ` (frame ${place.frame} of ${basename(capture.path)})`;
  }
}

function listIn<T>(lists: Map<number, T[]>, key: number): T[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

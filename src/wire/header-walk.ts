import { Dissection, type Frame, SKIPPED } from "./dissection.ts";
import { HEADERS_MAX } from "./frame-decoder.ts";
import { LINK, TCP } from "./header-numbers.ts";
import { LAYERS } from "./layers.ts";

/** A header of a frame: what announced it (`header-numbers.ts`), and where it stands in the frame's view. */
export interface Header {
  readonly number: number;
  readonly at: number;
}

/**
 * Lists the headers of a frame from the outermost inwards, as the decoder walks them: the last is TCP's, unless the walk ends before it.
 * For those who rewrite headers; whoever wants to know what is in a segment asks the `FrameDecoder`.
 */
export class HeaderWalk {
  /** Behind the last header that was stepped over. */
  end = 0;
  readonly #dissection = new Dissection();

  headersOf({ view, offset, capturedLength, originalLength, linkType }: Frame): Header[] {
    const d = this.#dissection;
    d.view = view;
    d.at = offset;
    d.end = offset + capturedLength;
    d.wireEnd = offset + Math.max(originalLength, capturedLength);
    d.tunnel = 0;
    const headers: Header[] = [];
    let number = LINK + linkType;
    this.end = offset;
    while (headers.length < HEADERS_MAX) {
      headers.push({ number, at: d.at });
      const layer = number === TCP ? undefined : LAYERS.get(number);
      if (layer === undefined) return headers;
      number = layer(d);
      if (number === SKIPPED) return headers;
      this.end = Math.min(d.at, d.end);
    }
    return headers;
  }
}

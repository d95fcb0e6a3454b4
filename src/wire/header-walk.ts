import { Dissection, type FragmentJoin, type Frame, SKIPPED } from "./dissection.ts";
import { HEADERS_MAX } from "./frame-decoder.ts";
import { IP_PROTOCOL, LINK, TCP } from "./header-numbers.ts";
import { IPV4_HEADER } from "./ipv4.ts";
import { IPV6_HEADER } from "./ipv6.ts";
import { LAYERS } from "./layers.ts";

/** A header of a frame: what announced it (`header-numbers.ts`), and where it stands in the frame's view. */
export interface Header {
  readonly number: number;
  readonly at: number;
}

/**
 * Lists the headers of a frame from the outermost inwards, as the decoder walks them: the last is TCP's, unless the walk ends before it. It
 * goes on in first fragments, as they stand. For those who rewrite or sort frames; whoever wants to know what is in a segment asks
 * the `FrameDecoder`.
 */
export class HeaderWalk implements FragmentJoin {
  /** Names the datagram that the last frame was a fragment of, the outermost if there are several; null when it was none. */
  datagram: string | null = null;
  readonly #dissection = new Dissection(this);

  headersOf({ view, offset, capturedLength, originalLength, linkType }: Frame): Header[] {
    const d = this.#dissection;
    d.view = view;
    d.at = offset;
    d.end = offset + capturedLength;
    d.wireEnd = offset + Math.max(originalLength, capturedLength);
    d.tunnel = 0;
    this.datagram = null;
    const headers: Header[] = [];
    let number = LINK + linkType;
    while (headers.length < HEADERS_MAX) {
      headers.push({ number, at: d.at });
      const layer = number === TCP ? undefined : LAYERS.get(number);
      if (layer === undefined) return headers;
      number = layer(d);
      if (number === SKIPPED) return headers;
    }
    return headers;
  }

  /** RFC 791 §3.2 counts the protocol to what identifies a datagram, RFC 8200 §4.5 does not. */
  join(d: Dissection, protocol: number, identification: number, begin: number): number {
    const [at, octets] = d.v6 ? [IPV6_HEADER.SOURCE, 32] : [IPV4_HEADER.SOURCE, 8];
    const addresses = new Uint8Array(d.view.buffer as ArrayBuffer, d.view.byteOffset + d.ip + at, octets);
    this.datagram ??= `${addresses.join()} ${identification} ${d.v6 ? "" : protocol} ${d.tunnel}`;
    return begin === 0 ? IP_PROTOCOL + protocol : d.skip("fragment-incomplete");
  }
}

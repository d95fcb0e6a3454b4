/** Addresses whose names are kept of one capture; Wireshark's own lists are far shorter. */
export const HOST_NAME_COUNT_MAX = 65_536;

/** Comments that are kept of one capture; the others are counted. */
export const COMMENT_COUNT_MAX = 1_000;

/** A name that the capture gives an address. */
export interface HostName {
  /** 4 octets, or 16. */
  readonly address: Uint8Array;
  readonly name: string;
}

/** What somebody wrote into the capture. */
export interface CaptureComment {
  readonly on: "capture" | "interface" | "packet";
  /** Number of the interface within its section. */
  readonly interface: number | null;
  readonly frame: number | null;
  readonly text: string;
}

/** What a capture holds beside packets. Only pcapng has any of it. */
export interface CaptureAnnotations {
  readonly hostNames: readonly HostName[];
  readonly comments: readonly CaptureComment[];
  /** Comments that were not kept. */
  readonly commentsLeftOut: number;
  /** Blocks that were passed over, by the names of their types. */
  readonly otherBlocks: ReadonlyMap<string, number>;
}

export class AnnotationLog implements CaptureAnnotations {
  readonly hostNames: HostName[] = [];
  readonly comments: CaptureComment[] = [];
  commentsLeftOut = 0;
  readonly otherBlocks = new Map<string, number>();
  readonly #named = new Set<string>();

  /** The first name of an address counts. */
  nameHost(address: Uint8Array, name: string): void {
    const key = Buffer.from(address.buffer, address.byteOffset, address.length).toString("latin1");
    if (name === "" || this.#named.has(key) || this.#named.size === HOST_NAME_COUNT_MAX) return;
    this.#named.add(key);
    this.hostNames.push({ address: address.slice(), name });
  }

  /** Notes a comment on the capture (no number), an interface, or the packet of a frame. Its text is read only if it is kept. */
  comment(option: { readonly text: string }, on: CaptureComment["on"], number: number | null = null): void {
    if (this.comments.length === COMMENT_COUNT_MAX) {
      this.commentsLeftOut++;
      return;
    }
    const { text } = option;
    if (text === "") return;
    this.comments.push({
      on,
      interface: on === "interface" ? number : null,
      frame: on === "packet" ? number : null,
      text,
    });
  }

  passOver(block: string): void {
    this.otherBlocks.set(block, (this.otherBlocks.get(block) ?? 0) + 1);
  }
}

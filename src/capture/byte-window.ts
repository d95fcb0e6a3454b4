const EMPTY = new Uint8Array(0);

/** First size of the seam: holds any header and most packets. */
const SEAM_OCTETS_MIN = 4096;

/**
 * A contiguous view over bytes that arrive in chunks of any size.
 *
 * The one idea: as long as a unit (a header, a record, a block) lies within one chunk it is read where it lies. Only a unit that
 * straddles chunks is copied, into a small buffer, the *seam*. So the bytes come in this order:
 *
 *     seam (usually empty) ▸ rest of the newest chunk ▸ what is still to come
 *
 * and the window `view[offset … end)` lies either over the seam or over the chunk. A seam grows by the bytes that arrived,
 * never by a length that the input declares, and each byte enters it at most once, so tiny chunks cost no more than linear time.
 *
 * Hot loops compare `end - offset` and advance `offset` themselves; everything else goes through `ensure` and `skip`.
 */
export class ByteWindow {
  view: DataView = viewOf(EMPTY);
  offset = 0;
  end = 0;
  #chunk: Uint8Array = EMPTY;
  /** First octet of the chunk that was not copied into the seam. */
  #chunkOffset = 0;
  #seam: Uint8Array = EMPTY;
  #onSeam = false;
  #received = 0;
  #owed = 0;

  /** Whether the view lies over the seam, which the next unit may overwrite. */
  get isOnSeam(): boolean {
    return this.#onSeam;
  }

  /** Bytes from the start of the input to `offset`. */
  get position(): number {
    return this.#received - this.unread;
  }

  /** Bytes at hand from `offset` on, not all of them contiguous. */
  get unread(): number {
    return this.end - this.offset + (this.#onSeam ? this.#chunk.length - this.#chunkOffset : 0);
  }

  /** Bytes that `skip` still has to throw away as they arrive. */
  get owed(): number {
    return this.#owed;
  }

  /** The chunk must stay unchanged until `ensure` has returned false, or until the next `push`. */
  push(chunk: Uint8Array): void {
    if (this.unread > 0) this.#fillSeam(this.unread);
    const skipped = Math.min(this.#owed, chunk.length);
    this.#owed -= skipped;
    this.#received += chunk.length;
    this.#chunk = chunk;
    this.#chunkOffset = skipped;
    if (this.offset === this.end) this.#openChunk();
  }

  /** Makes `octets` bytes available at `view[offset]`; false if they have not arrived yet. */
  ensure(octets: number): boolean {
    return this.end - this.offset >= octets || this.#gather(octets);
  }

  /** Passes over `octets` bytes, also over ones that have not arrived: those are thrown away unbuffered. */
  skip(octets: number): void {
    let left = octets - this.#advance(octets);
    if (left > 0 && this.#onSeam) {
      this.#openChunk();
      left -= this.#advance(left);
    }
    this.#owed += left;
  }

  /** Throws away what is at hand, and what is owed. */
  clear(): void {
    this.#chunk = EMPTY;
    this.#chunkOffset = 0;
    this.#owed = 0;
    this.#openChunk();
  }

  #advance(octetsMax: number): number {
    const octets = Math.min(octetsMax, this.end - this.offset);
    this.offset += octets;
    return octets;
  }

  #gather(octets: number): boolean {
    if (this.#onSeam && this.offset === this.end) this.#openChunk();
    if (this.end - this.offset < octets && this.unread > 0) this.#fillSeam(octets);
    return this.end - this.offset >= octets;
  }

  /** Lays the window over the rest of the chunk. */
  #openChunk(): void {
    this.#onSeam = false;
    this.view = viewOf(this.#chunk);
    this.offset = this.#chunkOffset;
    this.end = this.#chunk.length;
  }

  /** Lays the window over the seam, holding up to `octets` of what is unread. */
  #fillSeam(octets: number): void {
    const kept = this.end - this.offset;
    const source = this.#onSeam ? this.#seam : this.#chunk;
    const target = this.#seamFor(Math.min(octets, this.unread));
    if (target !== source || this.offset > 0) target.set(source.subarray(this.offset, this.end));
    if (!this.#onSeam) this.#chunkOffset = this.#chunk.length;

    const added = this.#chunk.subarray(this.#chunkOffset, this.#chunkOffset + Math.max(0, octets - kept));
    target.set(added, kept);
    this.#chunkOffset += added.length;
    if (target !== this.#seam || !this.#onSeam) this.view = viewOf(target);
    this.#seam = target;
    this.#onSeam = true;
    this.offset = 0;
    this.end = kept + added.length;
  }

  /** The seam buffer, or one at least twice as large if it cannot hold `octets`. */
  #seamFor(octets: number): Uint8Array {
    if (octets <= this.#seam.length) return this.#seam;
    return new Uint8Array(Math.max(octets, 2 * this.#seam.length, SEAM_OCTETS_MIN));
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

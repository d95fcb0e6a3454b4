/** Frames of one batch: few enough that their headers are still in the cache when they are decoded. */
export const FRAME_COUNT_MAX = 512;

/**
 * Consecutive frames of one capture whose octets lie in one view, on their way from the reader to the decoder: one column per field, reused
 * for ever. So each of the two does its work in one tight loop, and nothing is called or allocated per frame in between.
 */
export class FrameBatch {
  /** Octets of row n: `view[offset[n] … offset[n] + capturedLength[n])`. Valid until the reader is asked for more. */
  view: DataView = new DataView(new ArrayBuffer(0));
  rows = 0;
  capture = 0;
  /** Frame number of the first row in its capture; the others follow one by one. */
  firstFrame = 0;
  /** Number of the first row in the whole input, from 1. */
  firstOrder = 0;
  /** Of the rows' times. */
  earliest = Number.POSITIVE_INFINITY;
  latest = Number.NEGATIVE_INFINITY;
  readonly offset = new Int32Array(FRAME_COUNT_MAX);
  readonly capturedLength = new Int32Array(FRAME_COUNT_MAX);
  /** Length on the wire. */
  readonly originalLength = new Uint32Array(FRAME_COUNT_MAX);
  /** Nanoseconds relative to the base time. */
  readonly time = new Float64Array(FRAME_COUNT_MAX);
  /** LINKTYPE_ number. */
  readonly linkType = new Uint16Array(FRAME_COUNT_MAX);

  /** Adds a frame of the batch's view; there must be room. */
  append(offset: number, capturedLength: number, originalLength: number, time: number, linkType: number): void {
    const row = this.rows;
    this.offset[row] = offset;
    this.capturedLength[row] = capturedLength;
    this.originalLength[row] = originalLength;
    this.time[row] = time;
    this.linkType[row] = linkType;
    if (time < this.earliest) this.earliest = time;
    if (time > this.latest) this.latest = time;
    this.rows = row + 1;
  }

  clear(): void {
    this.rows = 0;
    this.earliest = Number.POSITIVE_INFINITY;
    this.latest = Number.NEGATIVE_INFINITY;
  }

  get isFull(): boolean {
    return this.rows === FRAME_COUNT_MAX;
  }
}

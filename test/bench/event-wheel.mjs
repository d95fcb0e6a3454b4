/**
 * A timing wheel: which flow acts next. An event is a slot number; a slot has at most one event. Slots of a bucket are linked through one
 * array, so scheduling allocates nothing. Events further away than the wheel's circumference go round more than once.
 */

const BUCKETS = 1 << 18;
const NONE = -1;

export class EventWheel {
  #bucketMicros;
  #heads = new Int32Array(BUCKETS).fill(NONE);
  #next = new Int32Array(1024);
  #due = new Float64Array(1024);
  #bucket = 0;
  #count = 0;
  /** Of the bucket in hand, slots that belong to a later round. */
  #later = NONE;

  /** @param {number} bucketMicros */
  constructor(bucketMicros) {
    this.#bucketMicros = bucketMicros;
  }

  get count() {
    return this.#count;
  }

  /** @param {number} slot @param {number} micros not before the last event taken */
  schedule(slot, micros) {
    if (slot >= this.#next.length) this.#grow(slot);
    const bucket = Math.max(Math.floor(micros / this.#bucketMicros), this.#bucket) & (BUCKETS - 1);
    this.#due[slot] = micros;
    this.#next[slot] = this.#heads[bucket];
    this.#heads[bucket] = slot;
    this.#count++;
  }

  /** @returns {number} the next slot, or -1; its time is `dueAt(slot)` */
  take() {
    if (this.#count === 0) return NONE;
    for (;;) {
      const index = this.#bucket & (BUCKETS - 1);
      const end = (this.#bucket + 1) * this.#bucketMicros;
      for (let slot = this.#heads[index]; slot !== NONE; slot = this.#heads[index]) {
        this.#heads[index] = this.#next[slot];
        if (this.#due[slot] < end) {
          this.#count--;
          return slot;
        }
        this.#next[slot] = this.#later;
        this.#later = slot;
      }
      this.#heads[index] = this.#later;
      this.#later = NONE;
      this.#bucket++;
    }
  }

  /** @param {number} slot */
  dueAt(slot) {
    return this.#due[slot];
  }

  /** @param {number} slot */
  #grow(slot) {
    const capacity = Math.max(slot + 1, this.#next.length * 2);
    const next = new Int32Array(capacity);
    next.set(this.#next);
    const due = new Float64Array(capacity);
    due.set(this.#due);
    this.#next = next;
    this.#due = due;
  }
}

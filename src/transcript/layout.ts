/**
 * Records in pooled memory: each kind is one table of named fields, from which come the offsets for the hot path and a cursor with one
 * property per field for everybody else. A million flows are then three array buffers, and the code still says `entry.ack`.
 */

/** f64 for times and counts without bound, i32 for sequence numbers, frames, bits and small counts. */
export type Fields = Readonly<Record<string, "f64" | "i32">>;

export interface Layout<F extends Fields> {
  readonly fields: F;
  /** Length of one record in 64-bit words; records are aligned to them. */
  readonly words: number;
  /** Offset of each field from the start of a record, in elements of its own type. */
  readonly offset: { readonly [K in keyof F]: number };
}

/**
 * Lays the float64 fields out first, then the int32 fields, each in the order of the table. `words`: length to pad to, so that records
 * begin where cache lines do.
 */
export function layout<const F extends Fields>(fields: F, padTo: { readonly words: number } = { words: 0 }): Layout<F> {
  const offset: Record<string, number> = {};
  let words = 0;
  for (const [name, type] of Object.entries(fields)) if (type === "f64") offset[name] = words++;
  let halves = words * 2;
  for (const [name, type] of Object.entries(fields)) if (type === "i32") offset[name] = halves++;
  return { fields, words: Math.max(Math.ceil(halves / 2), padTo.words), offset: offset as Layout<F>["offset"] };
}

const FIRST_CAPACITY = 64;

/** Memory that was never written to costs nothing but addresses. */
const GROWTH = 2;

/** The allocator of Linux begins a large block 16 octets behind the start of a page; so many more, and a cache line begins. */
const ALIGNMENT_OCTETS = 48;

const alignedMemory = (words: number): Float64Array =>
  new Float64Array(new ArrayBuffer(words * 8 + ALIGNMENT_OCTETS), ALIGNMENT_OCTETS);

/** From so many octets on memory grows where it is: nothing is copied, and no copy stays until the next full garbage collection. */
const IN_PLACE_OCTETS = 2 ** 20;

/** Addresses are reserved for so many times as much: all of them would be missed where the address space is limited (`ulimit -v`). */
const RESERVED_TIMES = 64;

/** Node 20 has no buffers above 4 GiB. */
const RESERVED_OCTETS_MAX = 2 ** 32 - 2 ** 16;

/** Memory that can grow where it is; null where there is none. Only shared memory can without slowing down its views. */
function reserved(octets: number): SharedArrayBuffer | null {
  try {
    const maxByteLength = Math.max(octets, Math.min(RESERVED_OCTETS_MAX, octets * RESERVED_TIMES));
    return new SharedArrayBuffer(octets, { maxByteLength });
  } catch {
    return null;
  }
}

/** Whether the memory has so many octets now. It may fail where an allocation does not, since no garbage is collected for it. */
function grewInPlace(buffer: ArrayBufferLike, octets: number): buffer is SharedArrayBuffer {
  if (typeof SharedArrayBuffer === "undefined" || !(buffer instanceof SharedArrayBuffer)) return false;
  if (octets > buffer.maxByteLength) return false;
  try {
    buffer.grow(octets);
    return true;
  } catch {
    return false;
  }
}

/** As much memory with what is in `from`, which is of no use any more. */
function grown(from: Float64Array, words: number): Float64Array {
  const octets = words * 8;
  const { buffer } = from;
  if (grewInPlace(buffer, octets)) return new Float64Array(buffer, 0, words);
  const larger = octets < IN_PLACE_OCTETS ? null : reserved(octets);
  const to = larger === null ? alignedMemory(words) : new Float64Array(larger, 0, words);
  to.set(from);
  return to;
}

/** The same memory as int32s. A view of memory that grows follows it, and is slow, unless its length is given. */
const asInt32 = ({ buffer, byteOffset, length }: Float64Array): Int32Array =>
  new Int32Array(buffer, byteOffset, length * 2);

/**
 * Growing memory for records of one size; freed records are used again, the last one first. What few records need lies in a plane
 * beside them, which is there from its first use on.
 */
export class Pool {
  /** Length of one record in 64-bit words. */
  readonly words: number;
  /** Length of its part of the plane beside. */
  readonly besideWords: number;
  beside64: Float64Array = new Float64Array(0);
  beside32: Int32Array = new Int32Array(0);
  /** The memory as float64s and as int32s. Replaced when the pool grows: read again after every `allocate()`. */
  f64: Float64Array;
  i32: Int32Array;
  /** Records in use. */
  live = 0;
  capacity: number;
  /** Every record that was ever in use has a lower index. */
  end = 0;
  #free: Int32Array = new Int32Array(FIRST_CAPACITY);
  #freeCount = 0;

  constructor(words: number, besideWords = 0, memory: Float64Array = alignedMemory(FIRST_CAPACITY * words)) {
    this.words = words;
    this.besideWords = besideWords;
    this.f64 = memory;
    this.i32 = asInt32(memory);
    this.capacity = memory.length / words;
  }

  /** Index of a record whose fields hold anything: whoever allocates writes them. */
  allocate(): number {
    this.live++;
    if (this.#freeCount > 0) {
      this.#freeCount--;
      return this.#free[this.#freeCount] as number;
    }
    if (this.end === this.capacity) this.#grow();
    return this.end++;
  }

  /** Makes sure that the plane beside is there. */
  useBeside(): void {
    if (this.beside64.length === 0) this.#growBeside();
  }

  free(index: number): void {
    this.live--;
    if (this.#freeCount === this.#free.length) {
      const free = new Int32Array(this.#freeCount * 2);
      free.set(this.#free);
      this.#free = free;
    }
    this.#free[this.#freeCount++] = index;
  }

  /** A pool over records that were copied from another one. */
  static over(words: number, memory: Float64Array): Pool {
    const pool = new Pool(words, 0, memory);
    pool.end = pool.capacity;
    return pool;
  }

  /** Copies some records into other memory, in a row. */
  copyInto(memory: Float64Array, indices: Int32Array): void {
    const { f64, words } = this;
    for (const [place, index] of indices.entries()) {
      memory.set(f64.subarray(index * words, (index + 1) * words), place * words);
    }
  }

  /** Sets all fields of a record to zero. */
  clear(index: number): void {
    this.f64.fill(0, index * this.words, (index + 1) * this.words);
  }

  /** Copies a record of a pool of the same layout over one of this. Word by word, since records are short. */
  copy({ i32 }: Pool, from: number, to: number): void {
    const words = this.words * 2;
    for (let word = 0; word < words; word++) this.i32[to * words + word] = i32[from * words + word] as number;
  }

  #grow(): void {
    const capacity = Math.ceil(this.capacity * GROWTH);
    this.f64 = grown(this.f64, capacity * this.words);
    this.i32 = asInt32(this.f64);
    this.capacity = capacity;
    if (this.beside64.length > 0) this.#growBeside();
  }

  #growBeside(): void {
    this.beside64 = grown(this.beside64, this.capacity * this.besideWords);
    this.beside32 = asInt32(this.beside64);
  }
}

/** A movable view of a record in a pool, with a property for each field of its layout. */
export type Cursor<F extends Fields> = { -readonly [K in keyof F]: number } & {
  /** Points the cursor at a record and returns it. To be called again when the pool has grown. */
  moveTo(index: number): Cursor<F>;
  /** The record it points at. */
  readonly index: number;
};

/** `shift`: where the layout begins inside the pool's records, in 64-bit words, when a record holds several. */
export type CursorClass<F extends Fields> = new (pool: Pool, shift?: number) => Cursor<F>;

/** Makes the cursor class of a layout, and of what lies beside. Its accessors are plain array reads and writes that the engine inlines. */
export function cursorClass<F extends Fields, B extends Fields = Record<never, never>>(
  layout: Layout<F>,
  beside?: Layout<B>,
): CursorClass<F & B> {
  class RecordCursor extends PoolCursor {}
  const define = (name: string, accessor: PropertyDescriptor) =>
    Object.defineProperty(RecordCursor.prototype, name, accessor);
  for (const [name, type] of Object.entries(layout.fields)) {
    const field = layout.offset[name as keyof F];
    define(name, type === "f64" ? f64Accessor(field) : i32Accessor(field));
  }
  for (const [name, type] of Object.entries(beside?.fields ?? {})) {
    const field = beside?.offset[name as keyof B] ?? 0;
    define(name, type === "f64" ? beside64Accessor(field) : beside32Accessor(field));
  }
  return RecordCursor as unknown as CursorClass<F & B>;
}

class PoolCursor {
  readonly pool: Pool;
  readonly shift: number;
  f64: Float64Array;
  i32: Int32Array;
  index = 0;
  base64 = 0;
  base32 = 0;

  constructor(pool: Pool, shift = 0) {
    this.pool = pool;
    this.shift = shift;
    this.f64 = pool.f64;
    this.i32 = pool.i32;
    this.moveTo(0);
  }

  moveTo(index: number): this {
    this.f64 = this.pool.f64;
    this.i32 = this.pool.i32;
    this.index = index;
    this.base64 = index * this.pool.words + this.shift;
    this.base32 = this.base64 * 2;
    return this;
  }
}

const f64Accessor = (field: number): PropertyDescriptor & ThisType<PoolCursor> => ({
  get() {
    return this.f64[this.base64 + field];
  },
  set(value: number) {
    this.f64[this.base64 + field] = value;
  },
});

const i32Accessor = (field: number): PropertyDescriptor & ThisType<PoolCursor> => ({
  get() {
    return this.i32[this.base32 + field];
  },
  set(value: number) {
    this.i32[this.base32 + field] = value;
  },
});

const beside64Accessor = (field: number): PropertyDescriptor & ThisType<PoolCursor> => ({
  get() {
    return this.pool.beside64[this.index * this.pool.besideWords + field];
  },
});

const beside32Accessor = (field: number): PropertyDescriptor & ThisType<PoolCursor> => ({
  get() {
    return this.pool.beside32[this.index * this.pool.besideWords * 2 + field];
  },
});

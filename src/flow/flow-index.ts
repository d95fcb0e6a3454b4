import { NONE } from "../transcript/entries.ts";
import type { SegmentBatch } from "../wire/segment-batch.ts";
import type { FlowRecords } from "./flow-record.ts";

/** Load up to which chains stay short. */
const LOAD_MAX = 0.5;

/**
 * Finds flows by the hash of their key: open addressing, linear probing, eight octets a place. The flows themselves lie elsewhere, close
 * together in the order they came; so what is spread at random is small, and a larger index is made without moving them.
 */
export class FlowIndex {
  /** Places of two words: hash, number of the flow + 1. An empty place has 0 for the second. */
  places: Int32Array;
  /** Last place; a hash belongs at `hash & mask`, or the next place that is free. */
  mask: number;
  size = 0;

  constructor(capacity: number) {
    this.places = new Int32Array(capacity * 2);
    this.mask = capacity - 1;
  }

  /** Makes sure that `count` more flows fit. */
  reserve(count: number): void {
    let capacity = this.mask + 1;
    if (this.size + count <= capacity * LOAD_MAX) return;
    while (this.size + count > capacity * LOAD_MAX) capacity *= 2;
    const { places } = this;
    this.places = new Int32Array(capacity * 2);
    this.mask = capacity - 1;
    this.size = 0;
    for (let at = 0; at < places.length; at += 2) {
      if (places[at + 1] !== 0) this.insert(places[at] as number, (places[at + 1] as number) - 1);
    }
  }

  /** The flow that the hash of each row names, NONE where it names none. Whether it has the row's key is still to be asked. */
  guess({ hash, rows }: SegmentBatch, flows: Int32Array): void {
    const { places, mask } = this;
    for (let row = 0; row < rows; row++) {
      const rowHash = hash[row] as number;
      let place = rowHash & mask;
      let flow = (places[place * 2 + 1] as number) - 1;
      while (flow !== NONE && places[place * 2] !== rowHash) {
        place = (place + 1) & mask;
        flow = (places[place * 2 + 1] as number) - 1;
      }
      flows[row] = flow;
    }
  }

  /** The flow with the key of a row; NONE when there is none. */
  find(batch: SegmentBatch, row: number, records: FlowRecords): number {
    const { places, mask } = this;
    const hash = batch.hash[row] as number;
    let place = hash & mask;
    let flow = (places[place * 2 + 1] as number) - 1;
    while (flow !== NONE && (places[place * 2] !== hash || !records.hasKey(flow, batch, row))) {
      place = (place + 1) & mask;
      flow = (places[place * 2 + 1] as number) - 1;
    }
    return flow;
  }

  /** Adds a flow that is not there yet. */
  insert(hash: number, flow: number): void {
    const { places, mask } = this;
    let place = hash & mask;
    while (places[place * 2 + 1] !== 0) place = (place + 1) & mask;
    places[place * 2] = hash;
    places[place * 2 + 1] = flow + 1;
    this.size++;
  }

  /** Takes a flow out, and closes the gap it leaves: there are no tombstones. */
  delete(hash: number, flow: number): void {
    const { places, mask } = this;
    let gap = hash & mask;
    while (places[gap * 2 + 1] !== flow + 1) gap = (gap + 1) & mask;
    for (let next = (gap + 1) & mask; places[next * 2 + 1] !== 0; next = (next + 1) & mask) {
      const home = (places[next * 2] as number) & mask;
      // It may move back as far as its home.
      if (((next - home) & mask) < ((next - gap) & mask)) continue;
      places[gap * 2] = places[next * 2] as number;
      places[gap * 2 + 1] = places[next * 2 + 1] as number;
      gap = next;
    }
    places[gap * 2] = 0;
    places[gap * 2 + 1] = 0;
    this.size--;
  }
}

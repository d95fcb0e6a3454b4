import { randomUUID } from "node:crypto";
import { open, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { CloseWaitError } from "../errors.ts";
import type { Beacon } from "./beacon.ts";

const POLL_MILLISECONDS = 5;
/** A datagram may get lost on its way to a tap that is busy. */
const SEND_AGAIN_MILLISECONDS = 250;
const PATIENCE_MILLISECONDS = 10_000;
/** Looked at again, in case a mark was written in two pieces. */
const OVERLAP_OCTETS = 64;

/**
 * Until the file holds everything that passed before now: sends a mark and waits until it is in the file. Taps are handed packets in order,
 * so what came before it is there, too.
 *
 * @param check throws if nothing can come any more
 */
export async function passMarker(path: string, beacon: Beacon, check: () => void): Promise<void> {
  const mark = randomUUID();
  let offset = (await stat(path)).size;
  const start = performance.now();
  let sentAt = Number.NEGATIVE_INFINITY;
  const file = await open(path);
  try {
    while (performance.now() - start < PATIENCE_MILLISECONDS) {
      check();
      if (performance.now() - sentAt > SEND_AGAIN_MILLISECONDS) {
        beacon.send(mark);
        sentAt = performance.now();
      }
      await sleep(POLL_MILLISECONDS);
      const octets = Buffer.alloc((await file.stat()).size - offset);
      const { bytesRead } = await file.read(octets, 0, octets.length, offset);
      if (octets.subarray(0, bytesRead).includes(mark)) return;
      offset += Math.max(0, bytesRead - OVERLAP_OCTETS);
    }
  } finally {
    await file.close();
  }
  throw new CloseWaitError("cannot-record", "tcpdump runs, but a datagram sent for it to see did not reach its file");
}

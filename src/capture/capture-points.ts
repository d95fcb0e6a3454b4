import { basename, dirname, join } from "node:path";
import type { RelativeNanos } from "./record.ts";
import { COMPRESSION_SUFFIX } from "./rotation.ts";

/** What a capture must tell to be put in its place. */
export interface PointMember {
  readonly path: string;
  readonly linkTypes: readonly string[];
  /** null: no packets. */
  readonly firstAt: RelativeNanos | null;
  readonly lastAt: RelativeNanos | null;
  /** It is still being read: how far it goes is not known yet. */
  readonly isOpen?: boolean;
}

const SECOND = 1e9;

/** Rotation may take time stamps out of order; two points that saw the same traffic overlap by far more. */
const OVERLAP_MAX = 1 * SECOND;

/** An unnamed relation is believed across a gap of this length, or of this part of what the point has lasted so far. */
const GAP_MAX = 60 * SECOND;
const GAP_PART = 0.1;

interface Point {
  readonly number: number;
  readonly firstAt: RelativeNanos;
  /** Of the captures before the newest one. */
  lastAt: RelativeNanos;
  newest: PointMember;
  stem: string;
  readonly linkTypes: string;
}

/**
 * Finds out which captures are one capture point. Rotated files of one capture are one point and observe as one; captures taken in
 * two places are two points, and neither extends the other's observation (the end of observation is per point).
 *
 * Captures come sorted by first record. One continues a point if both have the same link types, it does not overlap what the point
 * has seen, and either its name is the next of a rotation or it follows closely. Asked while captures are being read, it takes one that
 * is still open for another point.
 */
export class PointFinder {
  readonly #points: Point[] = [];

  /** The number of the capture's point. */
  add(capture: PointMember): number {
    const stem = rotationStem(capture.path);
    const linkTypes = capture.linkTypes.join();
    const alike = this.#points.filter((point) => point.linkTypes === linkTypes && follows(capture, point));
    const continued = latest(alike.filter((point) => point.stem === stem)) ?? latest(alike.filter(isCloseTo(capture)));
    if (continued) {
      continued.lastAt = endOf(continued);
      continued.newest = capture;
      continued.stem = stem;
      return continued.number;
    }
    const number = this.#points.length;
    const firstAt = capture.firstAt ?? 0;
    this.#points.push({ number, firstAt, lastAt: firstAt, newest: capture, stem, linkTypes });
    return number;
  }
}

/** The number of the capture point of each capture, all of them read to their ends. */
export function capturePoints(captures: readonly PointMember[]): number[] {
  const finder = new PointFinder();
  return captures.map((capture) => finder.add(capture));
}

function endOf({ lastAt, newest }: Point): RelativeNanos {
  return Math.max(lastAt, newest.lastAt ?? lastAt);
}

/** `a.pcap`, `a.pcap1.gz` and `a_00002_20261120173939.pcap` as one name per rotation: without digits and compression suffixes. */
export function rotationStem(path: string): string {
  const name = basename(path).replace(COMPRESSION_SUFFIX, "");
  return join(dirname(path), name.replace(/\d+/g, ""));
}

/** A capture without packets overlaps nothing. */
function follows({ firstAt, lastAt }: PointMember, point: Point): boolean {
  if (point.newest.isOpen) return false;
  if (firstAt === null || lastAt === null) return true;
  const end = endOf(point);
  const shorter = Math.min(lastAt - firstAt, end - point.firstAt);
  // Half of the shorter one: two captures of a moment, taken in two places, overlap as well.
  return firstAt >= end - Math.min(OVERLAP_MAX, shorter / 2);
}

function isCloseTo({ firstAt }: PointMember): (point: Point) => boolean {
  return (point) => {
    if (firstAt === null) return false;
    const end = endOf(point);
    return firstAt - end <= Math.max(GAP_MAX, GAP_PART * (end - point.firstAt));
  };
}

function latest(points: readonly Point[]): Point | undefined {
  return points.reduce<Point | undefined>(
    (found, point) => (found && endOf(found) >= endOf(point) ? found : point),
    undefined,
  );
}

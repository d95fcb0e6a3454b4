import { basename, dirname, join } from "node:path";
import type { RelativeNanos } from "./record.ts";

/** What a capture must tell to be put in its place. */
export interface PointMember {
  readonly path: string;
  readonly linkTypes: readonly string[];
  /** null: no packets. */
  readonly firstAt: RelativeNanos | null;
  readonly lastAt: RelativeNanos | null;
}

const SECOND = 1e9;

/** Rotation may take time stamps out of order; two points that saw the same traffic overlap by far more. */
const OVERLAP_MAX = 1 * SECOND;

/** An unnamed relation is believed across a gap of this length, or of this part of what the point has lasted so far. */
const GAP_MAX = 60 * SECOND;
const GAP_PART = 0.1;

interface Point {
  firstAt: RelativeNanos;
  lastAt: RelativeNanos;
  stem: string;
  readonly linkTypes: string;
}

/**
 * The number of the capture point of each capture. Rotated files of one capture are one point and observe as one; captures taken in
 * two places are two points, and neither extends the other's observation (the end of observation is per point).
 *
 * Captures come sorted by first record. One continues a point if both have the same link types, it does not overlap what the point
 * has seen, and either its name is the next of a rotation or it follows closely.
 */
export function capturePoints(captures: readonly PointMember[]): number[] {
  const points: Point[] = [];
  return captures.map((capture) => {
    const stem = rotationStem(capture.path);
    const linkTypes = capture.linkTypes.join();
    const alike = points.filter((point) => point.linkTypes === linkTypes && follows(capture, point));
    const continued = latest(alike.filter((point) => point.stem === stem)) ?? latest(alike.filter(isCloseTo(capture)));
    const { firstAt, lastAt } = capture;
    if (continued) {
      continued.lastAt = Math.max(continued.lastAt, lastAt ?? continued.lastAt);
      continued.stem = stem;
      return points.indexOf(continued);
    }
    points.push({ firstAt: firstAt ?? 0, lastAt: lastAt ?? 0, stem, linkTypes });
    return points.length - 1;
  });
}

/** `a.pcap`, `a.pcap1.gz` and `a_00002_20261120173939.pcap` as one name per rotation: without digits and compression suffixes. */
export function rotationStem(path: string): string {
  const name = basename(path).replace(/\.(gz|zst|lz4|xz|bz2)$/i, "");
  return join(dirname(path), name.replace(/\d+/g, ""));
}

/** A capture without packets overlaps nothing. */
function follows({ firstAt, lastAt }: PointMember, point: Point): boolean {
  if (firstAt === null || lastAt === null) return true;
  const shorter = Math.min(lastAt - firstAt, point.lastAt - point.firstAt);
  // Half of the shorter one: two captures of a moment, taken in two places, overlap as well.
  return firstAt >= point.lastAt - Math.min(OVERLAP_MAX, shorter / 2);
}

function isCloseTo({ firstAt }: PointMember): (point: Point) => boolean {
  return (point) => {
    if (firstAt === null) return false;
    return firstAt - point.lastAt <= Math.max(GAP_MAX, GAP_PART * (point.lastAt - point.firstAt));
  };
}

function latest(points: readonly Point[]): Point | undefined {
  return points.reduce<Point | undefined>(
    (found, point) => (found && found.lastAt >= point.lastAt ? found : point),
    undefined,
  );
}

/** A straight line through points, and how far it may be off. */
export interface LineFit {
  readonly slope: number;
  /** Standard error of the slope; zero for two points. */
  readonly slopeError: number;
}

/** Least squares; null when there are fewer than two points, or all lie at one x. */
export function fitLine(xs: readonly number[], ys: readonly number[]): LineFit | null {
  const count = Math.min(xs.length, ys.length);
  if (count < 2) return null;
  const [meanX, meanY] = [mean(xs, count), mean(ys, count)];
  let [xx, xy, yy] = [0, 0, 0];
  for (let index = 0; index < count; index++) {
    const [dx, dy] = [(xs[index] ?? 0) - meanX, (ys[index] ?? 0) - meanY];
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
  }
  if (xx === 0) return null;
  const slope = xy / xx;
  const residual = Math.max(0, yy - slope * xy);
  return { slope, slopeError: count > 2 ? Math.sqrt(residual / (count - 2) / xx) : 0 };
}

function mean(values: readonly number[], count: number): number {
  let sum = 0;
  for (let index = 0; index < count; index++) sum += values[index] ?? 0;
  return sum / count;
}

import type { Progress as AnalysisProgress } from "../analysis/options.ts";
import { formatCount } from "../report/count.ts";
import { formatDuration } from "../report/duration.ts";

/** Shows how far the analysis is. */
export interface Progress {
  update(progress: AnalysisProgress): void;
  stop(): void;
}

/** Short analyses should not flicker. */
const SHOWN_AFTER_MILLIS = 400;
const UPDATES_PER_SECOND = 8;
const MEBIBYTE = 1024 * 1024;

/** `45 %  118 of 262 MiB  12,300,000 packets/s  3 s left`, or without a known size: bytes and rate only. */
export function progressLine(progress: AnalysisProgress, elapsedSeconds: number): string {
  const { bytesRead, bytesTotal, packets } = progress;
  const rate = `${formatCount(Math.round(packets / Math.max(elapsedSeconds, 0.001)))} packets/s`;
  const mebibytes = (bytes: number) => formatCount(Math.round(bytes / MEBIBYTE));
  if (bytesTotal === null || bytesTotal <= 0) return `${mebibytes(bytesRead)} MiB  ${rate}`;
  const share = Math.min(1, bytesRead / bytesTotal);
  const left = share > 0 ? `  ${formatDuration(Math.ceil((elapsedSeconds * (1 - share)) / share))} left` : "";
  return `${Math.floor(share * 100)} %  ${mebibytes(bytesRead)} of ${mebibytes(bytesTotal)} MiB  ${rate}${left}`;
}

/** One line on the terminal, rewritten in place, and cleared at the end. */
export async function openProgress(stream: NodeJS.WriteStream): Promise<Progress> {
  const { SingleBar } = await import("cli-progress");
  const startedAt = performance.now();
  const elapsedSeconds = () => (performance.now() - startedAt) / 1000;
  let latest: AnalysisProgress = { bytesRead: 0, bytesTotal: null, packets: 0 };
  const bar = new SingleBar({
    stream,
    clearOnComplete: true,
    fps: UPDATES_PER_SECOND,
    // Ctrl-C is ours: it prints what is known so far.
    gracefulExit: false,
    format: () => progressLine(latest, elapsedSeconds()),
  });
  let shown = false;
  return {
    update(progress) {
      latest = progress;
      if (!shown && elapsedSeconds() * 1000 >= SHOWN_AFTER_MILLIS) {
        shown = true;
        bar.start(1, 0);
      }
      // The bar counts from 0 to 1; `format` prints the rest.
      if (shown) bar.update(progress.bytesTotal ? progress.bytesRead / progress.bytesTotal : 0);
    },
    stop() {
      if (shown) bar.stop();
    },
  };
}

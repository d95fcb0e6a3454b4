import type { SocketTable } from "../analysis/sockets.ts";
import { countOf, formatCount } from "./count.ts";
import { formatDuration } from "./duration.ts";
import type { Paper } from "./paper.ts";
import { sanitize } from "./sanitize.ts";
import { censusByState, censusOfAll, type StateCensus } from "./socket-census.ts";
import { ssName } from "./state-text.ts";
import { glue } from "./text-width.ts";

/** `120 sockets at 2026-11-20 14:03:07 UTC: 34 CLOSE-WAIT on 10.0.0.2, 80 TIME-WAIT on 10.0.0.1, 6 ESTAB.` */
export function socketsHeadline({ at, counts }: SocketTable, paper: Paper): string {
  const { total } = censusOfAll(counts);
  const moment = glue(`${paper.clock.exact(at)} ${paper.clock.zone(at)}`);
  if (total === 0) return `No sockets at ${moment}.`;
  const states = censusByState(counts).sort(closeWaitThenMost).map(describe);
  return `${countOf(total, "socket")} at ${moment}: ${states.join(", ")}.`;
}

/** `Sockets every 10 s, 62 times, 2026-11-20 02:45:20 to 02:55:27 UTC: at most 34 CLOSE-WAIT on 10.0.0.2 (02:55:20), 30 at the end.` */
export function socketsOverTimeHeadline(tables: readonly SocketTable[], everySeconds: number, paper: Paper): string {
  const [first, last] = [tables.at(0), tables.at(-1)];
  if (first === undefined || last === undefined) return "No sockets.";
  const { clock } = paper;
  const period = `${glue(clock.dateTime(first.at))} to ${glue(`${clock.time(last.at)} ${clock.zone(last.at)}`)}`;
  const looked = `Sockets every ${glue(formatDuration(everySeconds))}, ${countOf(tables.length, "time")}, ${period}`;
  const peak = tables.reduce((most, table) => (closeWaits(table) > closeWaits(most) ? table : most));
  const inCloseWait = censusByState(peak.counts).find(({ state }) => state === "CLOSE-WAIT");
  if (inCloseWait === undefined) return `${looked}: none in CLOSE-WAIT.`;
  return `${looked}: at most ${describe(inCloseWait)} (${clock.time(peak.at)}), ${formatCount(closeWaits(last))} at the end.`;
}

function closeWaits({ counts }: SocketTable): number {
  return censusOfAll(counts).counts["CLOSE-WAIT"] ?? 0;
}

/** What the reader came for goes first. */
function closeWaitThenMost(a: StateCensus, b: StateCensus): number {
  return Number(b.state === "CLOSE-WAIT") - Number(a.state === "CLOSE-WAIT") || b.count - a.count;
}

function describe({ state, count, hosts }: StateCensus): string {
  const [most, next] = hosts;
  const text = glue(`${formatCount(count)} ${ssName(state)}`);
  if (most === undefined) return text;
  if (hosts.length === 1) return `${text} on ${sanitize(most.ip)}`;
  if (state !== "CLOSE-WAIT") return text;
  if (most.count === next?.count) return `${text} (on ${countOf(hosts.length, "host")})`;
  return `${text} (${formatCount(most.count)} of them on ${sanitize(most.ip)})`;
}

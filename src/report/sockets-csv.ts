import type { SocketTable } from "../analysis/sockets.ts";
import type { CsvCell } from "./csv.ts";
import { SOCKET_STATES } from "./state-text.ts";

export const SOCKETS_CSV_HEAD = [
  "at",
  "state",
  "local_ip",
  "local_port",
  "peer_ip",
  "peer_port",
  "role",
  "since",
  "assumed",
  "flow",
] as const;

/** One record for each socket of each moment; states as the RFC prints them. */
export function* socketsCsvRows(tables: Iterable<SocketTable>): Generator<readonly CsvCell[]> {
  for (const { at, sockets } of tables) {
    for (const { state, local, peer, role, since, assumed, flow } of sockets) {
      yield [at, state, local.ip, local.port, peer.ip, peer.port, role, since, assumed, flow];
    }
  }
}

export const SOCKET_COUNTS_CSV_HEAD = ["at", "host", ...SOCKET_STATES, "total"] as const;

/** One record for each moment and host, zeros too, so that each host can be plotted over time. */
export function* socketCountsCsvRows(tables: readonly SocketTable[]): Generator<readonly CsvCell[]> {
  const hosts = new Set(tables.flatMap(({ counts }) => Object.keys(counts)));
  for (const { at, counts } of tables) {
    for (const host of hosts) {
      const perState = SOCKET_STATES.map((state) => counts[host]?.[state] ?? 0);
      yield [at, host, ...perState, perState.reduce((total, count) => total + count, 0)];
    }
  }
}

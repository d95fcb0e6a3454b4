import type { StateName } from "../../src/analysis/model.ts";
import type { Socket, SocketTable } from "../../src/analysis/sockets.ts";
import { at, endpoint } from "./sample-analysis.ts";

/** A socket whose flow was opened by `client`. */
export function socket(
  state: StateName,
  local: string,
  peer: string,
  since: number,
  over: Partial<Socket> = {},
): Socket {
  const role = over.role ?? "server";
  const [client, server] = role === "server" ? [peer, local] : [local, peer];
  return {
    state,
    local: endpoint(local),
    peer: endpoint(peer),
    role,
    since: at(since),
    assumed: false,
    flow: `${client}-${server}@1795142720.500000000`,
    ...over,
  };
}

/** The table of a moment, its counts counted. */
export function socketTable(seconds: number, sockets: readonly Socket[]): SocketTable {
  const counts: Record<string, Partial<Record<StateName, number>>> = {};
  for (const { local, state } of sockets) {
    const host = counts[local.ip] ?? {};
    host[state] = (host[state] ?? 0) + 1;
    counts[local.ip] = host;
  }
  return { at: at(seconds), sockets, counts };
}

/** Both ends of so many connections that a client closed and the server holds. */
export function leakedSockets(count: number): Socket[] {
  const [client, server] = ["10.0.0.1", "10.0.0.2:8080"];
  const ports = Array.from({ length: count }, (_, index) => 40000 + index);
  return [
    ...ports.map((port, index) =>
      socket("FIN-WAIT-2", `${client}:${port}`, server, 5 + index * 1.5, { role: "client" }),
    ),
    ...ports.map((port, index) => socket("CLOSE-WAIT", server, `${client}:${port}`, 5 + index * 1.5)),
  ];
}

/** Of many kinds: both families, timers, an opening, a moment with a fraction. */
export const MIXED_SOCKETS: SocketTable = socketTable(12.301056, [
  socket("TIME-WAIT", "10.0.0.1:40100", "10.0.0.2:8080", 1.25, { role: "client" }),
  socket("SYN-SENT", "10.0.0.1:40102", "10.0.0.2:8080", 12.3, { role: "client" }),
  socket("FIN-WAIT-2", "10.0.0.1:40103", "10.0.0.2:8080", 3, { role: "client", assumed: true }),
  socket("CLOSE-WAIT", "10.0.0.2:8080", "10.0.0.1:40103", 3),
  socket("SYN-RECEIVED", "10.0.0.2:8080", "10.0.0.1:40102", 12.301),
  socket("ESTABLISHED", "[2001:db8:aaaa::2]:443", "[2001:db8:aaaa:bbbb::1]:40000", -90000),
]);

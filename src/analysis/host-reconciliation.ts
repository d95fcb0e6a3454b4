/** What the captures and a host's own list of sockets say of each other. */
import { peerOf } from "../tcp/conversation.ts";
import type { EndHistory } from "../tcp/history.ts";
import { spanAt, type Timers, timelineOf } from "../tcp/timeline.ts";
import type { Clock } from "./clock.ts";
import type { Conclusion } from "./conclusion.ts";
import { endpointText, flowName, idOf } from "./flow-name.ts";
import type { HostCheck, HostCheckEndpoint, HostCheckSocket, RecvQueueMeaning } from "./host-check.ts";
import type { HostSocket, HostSockets } from "./host-sockets.ts";
import type { StateName } from "./model.ts";

/** Sockets that are listed one by one; all are counted. */
const LISTED_COUNT_MAX = 1_000;
const ADDRESS_COUNT_MAX = 32;
const ENDPOINT_COUNT_MAX = 1_000;

/** The last that the captures showed of a socket. */
interface Seen {
  readonly state: StateName;
  readonly at: number;
  readonly flow: string;
}

/** Compares while the flows pass by; what it keeps is bounded by what the host lists. */
export class HostReconciliation {
  readonly #host: HostSockets;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #listed = new Map<string, HostSocket>();
  readonly #addresses = new Map<string, number>();
  readonly #seen = new Map<string, Seen>();
  /** In CLOSE-WAIT by the captures, at an address of the host, and not in its list. */
  readonly #gone: HostCheckSocket[] = [];
  #goneCount = 0;

  constructor(host: HostSockets, clock: Clock, timers: Timers) {
    this.#host = host;
    this.#clock = clock;
    this.#timers = timers;
    for (const socket of host.sockets) {
      const { state, local, peer } = socket;
      if (state === "LISTEN" || peer.ip === "*") continue;
      this.#listed.set(keyOf(local, peer), socket);
      this.#addresses.set(local.ip, (this.#addresses.get(local.ip) ?? 0) + 1);
    }
  }

  add({ history, client, observedUntil }: Conclusion): void {
    for (const end of [0, 1] as const) {
      const [local, peer] = [history.ends[end], history.ends[peerOf(end)]];
      if (!this.#addresses.has(local.ip)) continue;
      const key = keyOf(local, peer);
      const listed = this.#listed.get(key);
      // Of an incarnation that another followed the host knows nothing any more.
      if (listed === undefined && history.supersededAt !== null) continue;
      const { state } = spanAt(timelineOf(history, this.#timers)[end], observedUntil);
      if (listed === undefined && state !== "CLOSE-WAIT") continue;
      const flow = idOf(flowName(history, client), this.#clock);
      if (listed === undefined) this.#noteGone(local, peer, flow);
      else if ((this.#seen.get(key)?.at ?? Number.NEGATIVE_INFINITY) < history.firstAt) {
        this.#seen.set(key, { state, at: history.firstAt, flow });
      }
    }
  }

  #noteGone(local: EndHistory, peer: EndHistory, flow: string): void {
    this.#goneCount++;
    if (this.#gone.length >= LISTED_COUNT_MAX) return;
    this.#gone.push({
      local: { ip: local.ip, port: local.port },
      peer: { ip: peer.ip, port: peer.port },
      onHost: null,
      inCapture: "CLOSE-WAIT",
      agrees: false,
      recvQueue: null,
      sendQueue: null,
      processes: [],
      flow,
    });
  }

  result(): HostCheck {
    const { source, sockets, unreadLines, leftOut } = this.#host;
    const counts: Partial<Record<StateName, number>> = {};
    for (const { state } of sockets) counts[state] = (counts[state] ?? 0) + 1;
    const queues: Record<RecvQueueMeaning, number> = { "eof-read": 0, "fin-unread": 0, "data-unread": 0, unknown: 0 };
    const endpoints = new Map<string, Gathering>();
    const listed: HostCheckSocket[] = [];
    let [agree, differ, closeWait, closeWaitAgreed, closeWaitSeen, shared] = [0, 0, 0, 0, 0, 0];
    for (const [key, socket] of this.#listed) {
      const seen = this.#seen.get(key);
      const agrees = seen === undefined ? null : seen.state === socket.state;
      if (agrees !== null) agrees ? agree++ : differ++;
      const waits = socket.state === "CLOSE-WAIT";
      if (waits) {
        closeWait++;
        if (socket.processes.length > 1) shared++;
        if (seen !== undefined) closeWaitSeen++;
        if (agrees) closeWaitAgreed++;
        queues[meaningOf(socket.recvQueue)]++;
        gather(endpoints, socket, seen !== undefined);
      }
      const isWorthListing = seen !== undefined && (waits || !agrees);
      if (isWorthListing && listed.length < LISTED_COUNT_MAX) listed.push(checkOf(socket, seen));
    }
    return {
      source,
      addresses: [...this.#addresses]
        .sort(byCount)
        .slice(0, ADDRESS_COUNT_MAX)
        .map(([ip]) => ip),
      sockets: sockets.length,
      counts,
      stateAssumed: sockets.length > 0 && sockets.every(({ stateAssumed }) => stateAssumed),
      unreadLines,
      leftOut,
      agree,
      differ,
      closeWait: {
        onHost: closeWait,
        inCapture: closeWaitSeen,
        agreed: closeWaitAgreed,
        notInCapture: closeWait - closeWaitSeen,
        gone: this.#goneCount,
        shared,
        recvQueue: queues,
      },
      endpoints: [...endpoints.values()].sort((a, b) => b.closeWait - a.closeWait).map(endpointOf),
      compared: [...listed, ...this.#gone].slice(0, LISTED_COUNT_MAX),
    };
  }
}

interface Gathering {
  readonly ip: string;
  readonly port: number;
  closeWait: number;
  inCapture: number;
  readonly processes: Map<string, HostCheckEndpoint["processes"][number]>;
}

/** By local address and port, which is what a holder is called; a client's sockets have a port each. */
function gather(endpoints: Map<string, Gathering>, { local, processes }: HostSocket, seen: boolean): void {
  const key = endpointText(local.ip, local.port);
  let found = endpoints.get(key);
  if (found === undefined) {
    if (endpoints.size >= ENDPOINT_COUNT_MAX) return;
    found = { ip: local.ip, port: local.port, closeWait: 0, inCapture: 0, processes: new Map() };
    endpoints.set(key, found);
  }
  found.closeWait++;
  if (seen) found.inCapture++;
  for (const process of processes) found.processes.set(`${process.pid} ${process.name}`, process);
}

const endpointOf = ({ ip, port, closeWait, inCapture, processes }: Gathering): HostCheckEndpoint => ({
  endpoint: { ip, port },
  closeWait,
  inCapture,
  processes: [...processes.values()],
});

function checkOf(socket: HostSocket, seen: Seen | undefined): HostCheckSocket {
  const { state, local, peer, recvQueue, sendQueue, processes } = socket;
  return {
    local,
    peer,
    onHost: state,
    inCapture: seen?.state ?? null,
    agrees: seen === undefined ? null : seen.state === state,
    recvQueue,
    sendQueue,
    processes,
    flow: seen?.flow ?? null,
  };
}

/** A FIN counts as one octet of the queue until the application has read the end of the stream. */
function meaningOf(recvQueue: number | null): RecvQueueMeaning {
  if (recvQueue === null) return "unknown";
  return recvQueue === 0 ? "eof-read" : recvQueue === 1 ? "fin-unread" : "data-unread";
}

const keyOf = (
  local: { readonly ip: string; readonly port: number },
  peer: { readonly ip: string; readonly port: number },
): string => `${local.ip} ${local.port} ${peer.ip} ${peer.port}`;

const byCount = (a: readonly [string, number], b: readonly [string, number]): number => b[1] - a[1];

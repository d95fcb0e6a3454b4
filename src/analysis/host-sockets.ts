/**
 * What a host says of its own sockets: the output of `ss -tan` (with -p, -o, -e, or a state filter, which leaves the column of states out),
 * of Linux' `netstat -tanp`, of BSD's and macOS' `netstat -an -p tcp`, and of Windows' `netstat -ano`.
 */
import type { Endpoint, StateName } from "./model.ts";
import { parseSocketAddress } from "./socket-address.ts";

export interface HostProcess {
  readonly name: string;
  readonly pid: number | null;
}

export interface HostSocket {
  readonly state: StateName;
  /** The output has no column of states: it is taken to be the answer to `ss -tan state close-wait`. */
  readonly stateAssumed: boolean;
  readonly local: Endpoint;
  readonly peer: Endpoint;
  /** Null where the output has no queues. */
  readonly recvQueue: number | null;
  readonly sendQueue: number | null;
  /** Processes that have a descriptor of it. */
  readonly processes: readonly HostProcess[];
}

export interface HostSockets {
  readonly source: string;
  readonly sockets: readonly HostSocket[];
  /** Lines that look like sockets and could not be understood, such as those with names for addresses (without -n). */
  readonly unreadLines: number;
  /** Sockets beyond the first million. */
  readonly leftOut: number;
}

export const HOST_SOCKET_COUNT_MAX = 1_000_000;
const LINE_LENGTH_MAX = 4096;
const PROCESS_COUNT_MAX = 16;
const NAME_LENGTH_MAX = 64;

/** By the letters and digits alone: `FIN_WAIT2`, `FIN-WAIT-2` and `FIN_WAIT_2` are one. */
const STATES: Readonly<Record<string, StateName>> = {
  ESTAB: "ESTABLISHED",
  ESTABLISHED: "ESTABLISHED",
  SYNSENT: "SYN-SENT",
  SYNRECV: "SYN-RECEIVED",
  SYNRCVD: "SYN-RECEIVED",
  SYNRECEIVED: "SYN-RECEIVED",
  NEWSYNRECV: "SYN-RECEIVED",
  FINWAIT1: "FIN-WAIT-1",
  FINWAIT2: "FIN-WAIT-2",
  TIMEWAIT: "TIME-WAIT",
  CLOSEWAIT: "CLOSE-WAIT",
  LASTACK: "LAST-ACK",
  CLOSING: "CLOSING",
  LISTEN: "LISTEN",
  LISTENING: "LISTEN",
  CLOSED: "CLOSED",
  CLOSE: "CLOSED",
  UNCONN: "CLOSED",
};

const PROTOCOL = /^(?:tcp|tcp4|tcp6|tcp46|mptcp)$/i;
/** Sockets that are of no interest here, headings, and the details of -i and -m below a socket. */
const OTHER_PROTOCOL =
  /^(?:udp|raw|nl|u_|unix|icmp|p_|tipc|vsock|xdp|sctp|dccp|Proto|Netid|State|Recv-Q|Active|Total|Transport|Local)/i;

export function parseHostSockets(text: string, source: string): HostSockets {
  const sockets: HostSocket[] = [];
  let [unreadLines, leftOut] = [0, 0];
  for (const line of linesOf(text)) {
    if (/^\s*$/.test(line) || OTHER_PROTOCOL.test(line.trimStart())) continue;
    const socket = parseLine(line.slice(0, LINE_LENGTH_MAX));
    if (socket === null) {
      // Indented lines are the details of the socket above.
      if (/^\S/.test(line)) unreadLines++;
    } else if (sockets.length >= HOST_SOCKET_COUNT_MAX) leftOut++;
    else sockets.push(socket);
  }
  return { source, sockets, unreadLines, leftOut };
}

/** Without a second copy of a long text. */
function* linesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf("\n", start);
    const stop = end === -1 ? text.length : end;
    yield text.slice(start, text[stop - 1] === "\r" ? stop - 1 : stop);
    start = stop + 1;
  }
}

function parseLine(line: string): HostSocket | null {
  const words = line.trim().split(/\s+/);
  if (PROTOCOL.test(words[0] ?? "")) words.shift();
  const before = stateOf(words[0]);
  if (before !== null) words.shift();
  const queues = isCount(words[0]) && isCount(words[1]) ? words.splice(0, 2).map(Number) : null;
  const [local, peer] = [parseSocketAddress(words[0] ?? ""), parseSocketAddress(words[1] ?? "")];
  if (local === null || peer === null) return null;
  const after = before === null ? stateOf(words[2]) : null;
  const rest = words.slice(after === null ? 2 : 3);
  const state = before ?? after;
  // Of all outputs only that of `ss` with a filter has queues and no states.
  if (state === null && queues === null) return null;
  return {
    state: state ?? "CLOSE-WAIT",
    stateAssumed: state === null,
    local,
    peer,
    recvQueue: queues?.[0] ?? null,
    sendQueue: queues?.[1] ?? null,
    processes: processesOf(rest),
  };
}

const isCount = (word: string | undefined): boolean => word !== undefined && /^\d{1,15}$/.test(word);

function stateOf(word: string | undefined): StateName | null {
  const letters = word?.replace(/[^A-Za-z0-9]/g, "").toUpperCase() ?? "";
  return Object.hasOwn(STATES, letters) ? (STATES[letters] ?? null) : null;
}

/** `users:(("java",pid=1234,fd=50))`, `1234/java`, or on Windows `1234` alone. */
function processesOf(words: readonly string[]): HostProcess[] {
  const text = words.join(" ");
  const users = [...text.matchAll(/\("([^"]*)",pid=(\d{1,10})/g)].slice(0, PROCESS_COUNT_MAX);
  if (users.length > 0) {
    const byPid = new Map(users.map(([, name = "", pid = ""]) => [Number(pid), name.slice(0, NAME_LENGTH_MAX)]));
    return [...byPid].map(([pid, name]) => ({ name, pid }));
  }
  const netstat = /(?:^|\s)(\d{1,10})\/(.+?)(?:\s+(?:off|on|keepalive|timewait|probe)\s\(.*)?$/.exec(text);
  if (netstat !== null) return [{ name: (netstat[2] ?? "").trim().slice(0, NAME_LENGTH_MAX), pid: Number(netstat[1]) }];
  return words.length === 1 && isCount(words[0]) && words[0] !== "0" ? [{ name: "", pid: Number(words[0]) }] : [];
}

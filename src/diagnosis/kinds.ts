import type { FindingKind } from "../analysis/model.ts";

/** What is known about a pattern before any capture is looked at. */
export interface KindInfo {
  readonly title: string;
  readonly explanation: string;
  /** What becomes of it if nobody acts. */
  readonly consequence: string;
  readonly causes: readonly string[];
  /** What to look at next, the most telling first. HOLDER stands for the address (and port) at fault. */
  readonly checks: readonly string[];
}

const LEAK =
  "Each of them keeps a descriptor for ever: CLOSE-WAIT has no timer. At the process's limit, accept() and connect() fail.";
const WHO = "`ss -tanp state close-wait` on the holder names the process";

export const KINDS: Readonly<Record<FindingKind, KindInfo>> = {
  "idle-pool": {
    title: "A pool that keeps dead connections",
    explanation:
      "A client keeps idle connections that the server has closed: nobody reads them, so nobody sees the end of file, and nobody closes them.",
    consequence: `${LEAK} If one is taken from the pool, the first request on it fails.`,
    causes: [
      "a pool keyed by address that forgets an address without closing its connections",
      "no validation of idle connections, no eviction thread",
      "the pool's idle time-out is longer than the server's",
    ],
    checks: [
      `${WHO}; are its peers still in service (registry, DNS)?`,
      "the pool's settings: idle time-out below the server's, validation before use, eviction of idle connections",
      "heap dump or pool metrics: idle connections per address",
    ],
  },
  "never-closed": {
    title: "Connections that the application never closes",
    explanation:
      "The holder's kernel acknowledged the FIN; the application, which closes other connections or answered this one, does not close it.",
    consequence: LEAK,
    causes: [
      "close() missing on an error path, an exception that skips it",
      "a response that is not consumed or released (HTTP client libraries)",
      "a descriptor that a child process inherited",
      "a thread that waits for ever for something else",
    ],
    checks: [
      `${WHO}, \`lsof -i\` the descriptor and whether a child shares it`,
      "Recv-Q there: 0 the end of file was read, 1 it was not, more: the request was never read",
      "the error paths of the handler of these requests; try-with-resources, defer, context managers",
    ],
  },
  "slow-close": {
    title: "Connections that are closed late",
    explanation: "The holder does close, long after the FIN: it notices when the work at hand is done.",
    consequence: "Sockets and threads are tied up for clients that have gone; under load they pile up.",
    causes: ["slow requests whose clients give up first", "blocking work that does not watch the connection"],
    checks: [
      "what those requests wait for (thread dump, traces): jstack, `py-spy dump`, goroutine dump",
      "client time-outs against the server's own: the server's should be the shorter",
    ],
  },
  "never-accepted": {
    title: "Connections that nobody accepted",
    explanation:
      "The kernel completed the handshake, took the request and acknowledged the FIN; the application never sent a byte, and nothing that was opened later was served.",
    consequence: "Every new client times out; the accept queue is full of connections whose clients have gone.",
    causes: [
      "the accept loop is stuck, dead or starved",
      "a backlog so large that clients give up in the queue",
      "an application that hangs right after accept()",
    ],
    checks: [
      "`ss -lnt` on the server: Recv-Q of the listener is the length of the accept queue, Send-Q its limit",
      "`ss -tanp state close-wait`: a socket without a process was never accepted",
      "`nstat -az TcpExtListenOverflows TcpExtListenDrops`, a thread dump of the acceptor",
    ],
  },
  "accept-queue-overflow": {
    title: "An accept queue that is full",
    explanation:
      "The server's kernel dropped the third ACK of handshakes because the accept queue was full: clients believe they are connected, and what they send is never acknowledged.",
    consequence: "Connections hang and end in time-outs or resets. These are not in CLOSE-WAIT.",
    causes: [
      "the application accepts too slowly",
      "a backlog that is too small for the bursts (listen(), net.core.somaxconn)",
    ],
    checks: [
      "`ss -lnt`: Recv-Q above Send-Q",
      "`nstat -az TcpExtListenOverflows TcpExtListenDrops`",
      "what the acceptor does",
    ],
  },
  "connection-cap": {
    title: "A limit of connections per client address",
    explanation:
      "The server accepts so many connections of one client address and closes every further one at once, without a word.",
    consequence:
      "The client retries in a loop; whoever comes from that address is shut out, and TIME-WAIT sockets pile up on the server.",
    causes: [
      "a client that leaks or multiplies its connections",
      "several clients behind one address (pods behind NAT) that share one limit",
      "a limit that is too low (ZooKeeper maxClientCnxns, nginx limit_conn, HAProxy maxconn per source)",
    ],
    checks: [
      "`ss -tanp dst HOLDER` on the client: which process holds the connections",
      "the server's limit per address and its log of refusals",
      "`closewait states --count --at T` is the table of `netstat | awk` at any moment of the capture",
    ],
  },
  "time-wait-churn": {
    title: "Connections opened and closed at a high rate",
    explanation:
      "One end closes short connections so fast that their TIME-WAIT sockets, 60 s each, fill its port range.",
    consequence: "The client runs out of local ports for that destination: connect() fails with EADDRNOTAVAIL.",
    causes: ["no keep-alive, no pool", "a retry loop"],
    checks: [
      "`ss -tan state time-wait | wc -l`, `sysctl net.ipv4.ip_local_port_range`",
      "connection reuse in the client; tcp_fin_timeout does not shorten TIME-WAIT, and tcp_tw_recycle is gone since Linux 4.12",
    ],
  },
  "never-touched": {
    title: "Connections that were accepted and forgotten",
    explanation:
      "A client connects and closes without sending a byte; the server's kernel answers, its application never closes, while other connections to the same port are served.",
    consequence: LEAK,
    causes: [
      "an exception between accept() and the registration with the event loop (OutOfMemoryError, a full executor)",
      "a handler that waits for a first byte and watches nothing else",
      "the accept queue, if nothing was accepted after them",
    ],
    checks: [
      "the server's log at the time it began: OutOfMemoryError, RejectedExecutionException in the acceptor",
      `${WHO}; \`ss -lnt\`: Recv-Q of the listener above 0 means they are still in the accept queue`,
      "what the health checker connects to: a check that reads an answer would have noticed",
    ],
  },
  "unread-data": {
    title: "Requests that nobody answered",
    explanation:
      "The kernel took the clients' requests and acknowledged them; the application did not answer, perhaps not even read them. The clients gave up and closed.",
    consequence: `${LEAK} All clients of this endpoint time out.`,
    causes: [
      "all workers hang (a deadlock, a dependency)",
      "an event loop that is blocked",
      "a handler that stopped reading",
    ],
    checks: [
      "`ss -tan state close-wait`: Recv-Q above 1 means unread requests",
      "thread dump at the time: jstack, goroutine dump (`/debug/pprof/goroutine?debug=2`), `py-spy dump`",
    ],
  },
  "dependency-stall": {
    title: "A server that waits for its own dependency",
    explanation:
      "The server stopped answering, and from that very moment on its connections to another endpoint stand idle, none opened, none closed: whoever holds them waits, too.",
    consequence:
      "Nothing moves any more; clients time out, and their connections pile up in CLOSE-WAIT with unread requests.",
    causes: [
      "a pool of fixed size of which one request takes two connections: at as many requests as connections all wait for the second",
      "a lock that is held while waiting for a connection",
      "a dependency that does not answer",
    ],
    checks: [
      "thread dump: who waits for a connection of this pool, and who holds one (jstack, goroutine dump)",
      "pool settings: size, time-out for borrowing; nested borrowing in one request",
      "the dependency itself, if it was asked and did not answer",
    ],
  },
  "write-after-close": {
    title: "Answers written after the client had gone",
    explanation:
      "The holder wrote long after the FIN; the client's kernel, where nobody owned the connection any more, answered with a RST.",
    consequence: "Work is done for nobody; the application sees EPIPE or ECONNRESET.",
    causes: ["a server slower than its clients' patience", "a push connection whose reader is not watched"],
    checks: [
      "the client's time-out against the server's response time",
      "whether the server reads while it writes: the end of file was there",
    ],
  },
  "fin-burst": {
    title: "Many connections closed at one moment",
    explanation: "One endpoint closed many idle connections within a short time.",
    consequence: "None by itself: whoever does not notice keeps them in CLOSE-WAIT.",
    causes: ["a deployment, a restart, a scale-in", "a load balancer that reaps idle connections"],
    checks: ["what happened on that host at that time (deployment log)"],
  },
  "vanished-peer": {
    title: "A peer that fell silent",
    explanation:
      "Segments, retransmissions or keep-alive probes went unanswered, and nothing at all came from that address any more.",
    consequence:
      "The other end keeps its sockets until retransmissions or keep-alives time out: 15 minutes or 2 hours by default, or never.",
    causes: [
      "a host that was switched off, a container that was removed",
      "a firewall or NAT that forgot the connection",
      "a broken path",
    ],
    checks: [
      "was the host up at that time? its last packet came when this began",
      "`ss -tano` on the survivor shows the timers; TCP_USER_TIMEOUT and SO_KEEPALIVE shorten the wait",
    ],
  },
  "fin-unacked": {
    title: "FINs that nobody acknowledged",
    explanation:
      "An end sent its FIN again and again; the other end, or the path to it, did not acknowledge it. This is no CLOSE-WAIT.",
    consequence: "The closer stays in FIN-WAIT-1 until its retransmissions time out.",
    causes: [
      "one direction of the path is broken",
      "a firewall that dropped the connection's state",
      "a receiver whose window is zero",
    ],
    checks: ["capture at the other end: does the FIN arrive?", "firewall and NAT time-outs"],
  },
  "client-timeout": {
    title: "Clients that give up after a fixed time",
    explanation:
      "Between an unanswered request and the client's FIN lies the same time again and again: a time-out is set there.",
    consequence: "It tells how long clients are willing to wait, and so how slow the server was at least.",
    causes: ["a request time-out in the client or in a proxy"],
    checks: ["the client's settings for that value"],
  },
  "server-idle-timeout": {
    title: "A server that closes idle connections after a fixed time",
    explanation:
      "Between the last payload and the server's FIN lies the same time again and again: an idle time-out is set there.",
    consequence: "A client pool with a longer idle time-out takes connections that the server has closed.",
    causes: ["keepalive_timeout, idleTimeout and the like in the server or in a load balancer"],
    checks: ["the server's setting for that value, and the pool's: the pool's must be the shorter"],
  },
  "blocked-by-half-closed": {
    title: "New connections that meet an old half-closed socket",
    explanation:
      "A client connected again from the same port; the server still held the old connection in CLOSE-WAIT, answered with a challenge ACK, and the RST that should have cleared it did not come.",
    consequence: "Users see connect time-outs.",
    causes: ["a firewall between them that drops the RST or the challenge ACK", "sockets that the server never closed"],
    checks: [
      "the half-closed connection on the server: close it, and the port works again",
      "the firewall's handling of invalid segments",
    ],
  },
};

import { describe, expect, it } from "vitest";
import { type HostSocket, parseHostSockets } from "../../src/analysis/host-sockets.ts";
import { parseSocketAddress } from "../../src/analysis/socket-address.ts";

/** `CLOSE-WAIT 10.0.0.2:8080 10.0.0.1:40000 1/0 java:4711`. */
function line({ state, stateAssumed, local, peer, recvQueue, sendQueue, processes }: HostSocket): string {
  const end = ({ ip, port }: HostSocket["local"]) => `${ip}|${port}`;
  const queues = recvQueue === null ? "-" : `${recvQueue}/${sendQueue}`;
  const names = processes.map(({ name, pid }) => `${name}:${pid}`).join(",");
  return [`${state}${stateAssumed ? "?" : ""}`, end(local), end(peer), queues, names].join(" ").trim();
}

const lines = (text: string): string[] => parseHostSockets(text, "list").sockets.map(line);

const OUTPUTS: readonly (readonly [name: string, output: string, sockets: readonly string[]])[] = [
  [
    "ss -tan",
    `State      Recv-Q Send-Q Local Address:Port   Peer Address:Port Process
LISTEN     0      128          0.0.0.0:8080         0.0.0.0:*
ESTAB      0      36         10.0.0.2:22         10.0.0.9:51234
CLOSE-WAIT 1      0          10.0.0.2:8080       10.0.0.1:40000
SYN-RECV   0      0          10.0.0.2:8080       10.0.0.1:40009
UNCONN     0      0                *:*                  *:*
`,
    [
      "LISTEN 0.0.0.0|8080 0.0.0.0|0 0/128",
      "ESTABLISHED 10.0.0.2|22 10.0.0.9|51234 0/36",
      "CLOSE-WAIT 10.0.0.2|8080 10.0.0.1|40000 1/0",
      "SYN-RECEIVED 10.0.0.2|8080 10.0.0.1|40009 0/0",
      "CLOSED *|0 *|0 0/0",
    ],
  ],
  [
    "ss -tanp, a descriptor that a child has, too",
    `CLOSE-WAIT 1 0 [::ffff:10.0.0.2]:8080 [::ffff:10.0.0.1]:40000 users:(("java",pid=4711,fd=88),("java",pid=4711,fd=89),("sh",pid=4712,fd=88))`,
    ["CLOSE-WAIT 10.0.0.2|8080 10.0.0.1|40000 1/0 java:4711,sh:4712"],
  ],
  [
    "ss -tano, ss -tani",
    `FIN-WAIT-2 0 0 10.0.0.2:8080 10.0.0.1:40000 timer:(timewait,45sec,0)
\t cubic wscale:7,7 rto:204 rtt:0.02/0.01 mss:65483
`,
    ["FIN-WAIT-2 10.0.0.2|8080 10.0.0.1|40000 0/0"],
  ],
  [
    "ss -tan state close-wait: no column of states",
    `Recv-Q Send-Q Local Address:Port   Peer Address:Port Process
1      0          10.0.0.2:8080       10.0.0.1:40000
0      0      [2001:db8::2]:8080  [2001:db8::1]:40000 users:(("node",pid=7,fd=20))
`,
    ["CLOSE-WAIT? 10.0.0.2|8080 10.0.0.1|40000 1/0", "CLOSE-WAIT? 2001:db8::2|8080 2001:db8::1|40000 0/0 node:7"],
  ],
  [
    "ss -an, with other sockets",
    `Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port
udp   UNCONN 0      0      127.0.0.53%lo:53   0.0.0.0:*
u_str ESTAB  0      0      * 23456            * 23457
tcp   ESTAB  0      0      10.0.0.2:22        10.0.0.9:51234
`,
    ["ESTABLISHED 10.0.0.2|22 10.0.0.9|51234 0/0"],
  ],
  [
    "netstat -tan on Linux",
    `Active Internet connections (servers and established)
Proto Recv-Q Send-Q Local Address           Foreign Address         State
tcp        0      0 0.0.0.0:22              0.0.0.0:*               LISTEN
tcp6       1      0 ::ffff:10.0.0.2:8080    ::ffff:10.0.0.1:40000   CLOSE_WAIT
tcp6       0      0 :::8080                 :::*                    LISTEN
tcp        0      0 10.0.0.2:8080           10.0.0.1:40001          FIN_WAIT1
`,
    [
      "LISTEN 0.0.0.0|22 0.0.0.0|0 0/0",
      "CLOSE-WAIT 10.0.0.2|8080 10.0.0.1|40000 1/0",
      "LISTEN ::|8080 ::|0 0/0",
      "FIN-WAIT-1 10.0.0.2|8080 10.0.0.1|40001 0/0",
    ],
  ],
  [
    "netstat -atunp, a name with spaces, and udp in between",
    `Proto Recv-Q Send-Q Local Address Foreign Address State PID/Program name
tcp 1 0 10.0.0.2:8080 10.0.0.1:40000 CLOSE_WAIT 4711/nginx: worker process
udp 0 0 0.0.0.0:68 0.0.0.0:* 512/dhclient
tcp 0 0 10.0.0.2:8080 10.0.0.1:40001 TIME_WAIT -
`,
    [
      "CLOSE-WAIT 10.0.0.2|8080 10.0.0.1|40000 1/0 nginx: worker process:4711",
      "TIME-WAIT 10.0.0.2|8080 10.0.0.1|40001 0/0",
    ],
  ],
  [
    "netstat -an -p tcp on macOS and BSD: a dot before the port",
    `Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)
tcp4       0      0  10.0.0.2.8080          10.0.0.1.40000         CLOSE_WAIT
tcp6       0      0  fe80::1%lo0.8080       fe80::2%lo0.40000      ESTABLISHED
tcp46      0      0  *.8080                 *.*                    LISTEN
tcp4       0      0  10.0.0.2.8080          10.0.0.1.40001         SYN_RCVD
`,
    [
      "CLOSE-WAIT 10.0.0.2|8080 10.0.0.1|40000 0/0",
      "ESTABLISHED fe80::1|8080 fe80::2|40000 0/0",
      "LISTEN *|8080 *|0 0/0",
      "SYN-RECEIVED 10.0.0.2|8080 10.0.0.1|40001 0/0",
    ],
  ],
  [
    "netstat -ano on Windows: no queues",
    "  Proto  Local Address          Foreign Address        State           PID\r\n  TCP    10.0.0.2:8080          10.0.0.1:40000         CLOSE_WAIT      4711\r\n",
    ["CLOSE-WAIT 10.0.0.2|8080 10.0.0.1|40000 - :4711"],
  ],
];

it.each(OUTPUTS)("%s", (_, output, sockets) => {
  expect(lines(output)).toEqual(sockets);
  expect(parseHostSockets(output, "list").unreadLines).toBe(0);
});

describe("an address", () => {
  it.each([
    ["10.0.0.2%eth0:8080", "10.0.0.2", 8080],
    ["[fe80::1%eth0]:22", "fe80::1", 22],
    ["[fe80::1]%eth0:22", "fe80::1", 22],
    ["[::1]:22", "::1", 22],
    [":::22", "::", 22],
    ["::1:22", "::1", 22],
    ["*:*", "*", 0],
    ["2001:DB8:0:0::1.443", "2001:db8::1", 443],
  ])("%s", (text, ip, port) => {
    expect(parseSocketAddress(text)).toEqual({ ip, port });
  });

  it.each(["localhost:http", "10.0.0.2:65536", "10.0.0:80", "10.0.0.2", "", "[::1]", `${"1".repeat(100)}:1`])(
    "%s is none",
    (text) => {
      expect(parseSocketAddress(text)).toBeNull();
    },
  );
});

it("counts lines that it cannot read, such as names without -n", () => {
  const { sockets, unreadLines } = parseHostSockets("ESTAB 0 0 web:http db.example:5432\n", "list");
  expect({ sockets, unreadLines }).toEqual({ sockets: [], unreadLines: 1 });
});

it("bears anything", () => {
  const hostile = [
    `ESTAB ${"9".repeat(400)} 0 10.0.0.2:1 10.0.0.1:2`,
    `CLOSE-WAIT 0 0 10.0.0.2:1 10.0.0.1:2 users:(("${"x".repeat(10_000)}",pid=1,fd=2))`,
    `CLOSE-WAIT 0 0 10.0.0.2:3 10.0.0.1:4 users:(${'("a",pid=1,fd=2),'.repeat(500)})`,
    "\u0000\u001b[2J",
    "constructor 0 0 10.0.0.2:1 10.0.0.1:2",
  ];
  const { sockets } = parseHostSockets(hostile.join("\n"), "list");
  for (const { processes } of sockets) {
    expect(processes.length).toBeLessThanOrEqual(16);
    for (const { name } of processes) expect(name.length).toBeLessThanOrEqual(64);
  }
});

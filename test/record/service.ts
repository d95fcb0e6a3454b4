import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

/** A service that answers a line with a line, and closes its side, or forgets to. */
export interface Service {
  readonly port: number;
  /** The client sends a line, reads the answer, and closes. */
  call(): Promise<string>;
  close(): Promise<void>;
}

export async function startService({
  leaks,
  closesAfterMillis = 0,
}: {
  leaks: boolean;
  closesAfterMillis?: number;
}): Promise<Service> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", () => socket.write("answer\n"));
    socket.on("end", () => void (leaks || setTimeout(() => socket.end(), closesAfterMillis)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async call() {
      const socket = connect(port, "127.0.0.1");
      // When the service lets go of everything in the end.
      socket.on("error", () => undefined);
      socket.write("question\n");
      const [answer] = await once(socket, "data");
      socket.end();
      return String(answer).trim();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** How many tcpdumps record this port, or have this in their command lines. */
export function countTcpdumps(what: number | string): number {
  const text = typeof what === "number" ? `(tcp and (port ${what}))` : what;
  return commandLines().filter((line) => line.startsWith("tcpdump ") && line.includes(text)).length;
}

/** Not every container has `ps`. */
function commandLines(): string[] {
  if (!existsSync("/proc/self/cmdline")) return execFileSync("ps", ["-eo", "args="], { encoding: "utf8" }).split("\n");
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return processes.map((id) => {
    try {
      return readFileSync(`/proc/${id}/cmdline`, "utf8").replaceAll("\0", " ");
    } catch {
      return ""; // it has ended meanwhile
    }
  });
}

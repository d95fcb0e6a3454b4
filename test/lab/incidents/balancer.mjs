/** HAProxy on the client's host, for its health checks alone. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { printed } from "../kernel.mjs";

/** It does not start without a port to listen on. */
let frontPort = 100;

/**
 * @param {import("./stage.mjs").Stage} stage
 * @param {{source: string, server: import("../kernel.mjs").Address, period: number, check: string}} how `check`: a line for tcp-check; by itself
 * HAProxy connects and resets.
 */
export async function startBalancer({ world }, { source, server, period, check }) {
  const port = ++frontPort;
  const file = join(world.plan.directory, `haproxy-${port}.cfg`);
  await writeFile(
    file,
    `defaults
  mode tcp
  timeout connect 2s
  timeout client 2s
  timeout server 2s
frontend front
  bind 127.0.0.1:${port}
  default_backend checked
backend checked
  ${check === "" ? "" : `option tcp-check\n  ${check}`}
  server one ${printed(server)} check inter ${Math.round(period * 1000)}ms source ${source.includes(":") ? `[${source}]` : source}
`,
  );
  return world.client.start("haproxy", "-db", "-f", file);
}

/** HAProxy: for its health checks alone, on the client's host, or as a proxy, on the server's. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { printed } from "../kernel.mjs";

/** @typedef {import("../kernel.mjs").Address} Address */

/** It does not start without a port to listen on. */
let frontPort = 100;

/**
 * @param {import("./stage.mjs").Stage} stage
 * @param {{source: string, server: Address, period: number, check: string}} how `check`: a line for tcp-check; by itself HAProxy connects and
 * resets.
 */
export function startBalancer({ world }, { source, server, period, check }) {
  const how = check === "" ? [] : ["option tcp-check", check];
  const from = source.includes(":") ? `[${source}]` : source;
  const checks = ["check inter", `${Math.round(period * 1000)}ms source`, from];
  return start(world, "client", `127.0.0.1:${++frontPort}`, 2, [
    ...how,
    `server one ${printed(server)} ${checks.join(" ")}`,
  ]);
}

/** @param {import("./stage.mjs").Stage} stage @param {Address} front @param {Address} server */
export async function startProxy({ world }, front, server) {
  const proxy = await start(world, "server", printed(front), 60, [`server one ${printed(server)}`]);
  const isListening = async () => (await world.server.run("ss", "-Hltn", `sport = :${front.port}`)).trim() !== "";
  while (!(await isListening())) await sleep(50);
  return proxy;
}

/**
 * @param {import("../world.mjs").World} world
 * @param {"client" | "server"} host
 * @param {string} front
 * @param {number} patienceSeconds
 * @param {readonly string[]} backend
 */
async function start(world, host, front, patienceSeconds, backend) {
  const file = join(world.plan.directory, `haproxy-${++frontPort}.cfg`);
  await writeFile(
    file,
    `defaults
  mode tcp
  timeout connect 2s
  timeout client ${patienceSeconds}s
  timeout server ${patienceSeconds}s
frontend front
  bind ${front}
  default_backend back
backend back
${backend.map((line) => `  ${line}\n`).join("")}`,
  );
  return world[host].start("haproxy", "-db", "-f", file);
}

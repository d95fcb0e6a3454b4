/** Makes the hosts of a world and the path between them. Only the namespaces have names outside, and those hold the number of this process. */
import { execFile, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { promisify } from "node:util";
import { Host } from "./host.mjs";
import { LineProcess } from "./line-process.mjs";

const run = promisify(execFile);
const RELAY = new URL("relay.py", import.meta.url).pathname;
const PREFIX = "closewait";

/**
 * @typedef {"veth" | "relay" | "mirrored relay" | "router"} Path What lies between client and server: nothing but a veth pair; a wire that
 * delays, drops and copies (relay.py), with or without a third host `mirror` at a monitor port; or a third host, `router`, that forwards.
 */

/** @type {Record<Path, string[]>} */
const HOSTS = {
  veth: ["client", "server"],
  relay: ["client", "server"],
  "mirrored relay": ["client", "server", "mirror"],
  router: ["client", "router", "server"],
};

let networksMade = 0;

export class Network {
  /** @type {Map<string, Host>} */
  hosts = new Map();
  /** @type {LineProcess | undefined} */
  relay;
  /** All that runs in it. @type {Set<{abandon(): void}>} */
  processes = new Set();
  #prefix = `${PREFIX}-${process.pid}-${++networksMade}`;

  /** @param {Path} path @param {import("./dice.mjs").Dice} dice */
  async build(path, dice) {
    removeLeftovers();
    for (const name of HOSTS[path]) await this.#addHost(name);
    const [near, far] = [dice.between(10, 99), dice.between(100, 199)];
    if (path === "router") await this.#joinByRouter(near, far);
    else {
      if (path === "veth") await this.#joinByVeth("client", "eth0", "server", "eth0");
      else await this.#joinByRelay(dice.between(0, 2 ** 31));
      await this.#address("client", "10.0.0.", "2001:db8::", near);
      await this.#address("server", "10.0.0.", "2001:db8::", far);
    }
    let station = 0;
    for (const host of this.hosts.values()) await startLinks(host, ++station);
    if (path === "router") await this.#route();
  }

  async remove() {
    for (const child of this.processes) child.abandon();
    for (const { namespace } of this.hosts.values()) await run("ip", ["netns", "delete", namespace]);
    this.hosts.clear();
  }

  /** The same without waiting, while this process ends. */
  abandon() {
    for (const child of this.processes) child.abandon();
    for (const { namespace } of this.hosts.values()) spawnSync("ip", ["netns", "delete", namespace]);
  }

  /** @returns {Host} */
  host(/** @type {string} */ name) {
    const host = this.hosts.get(name);
    if (host === undefined) throw new Error(`no host ${name} on this path`);
    return host;
  }

  async #addHost(/** @type {string} */ name) {
    const namespace = `${this.#prefix}-${name}`;
    await run("ip", ["netns", "add", namespace]);
    const host = new Host(name, namespace, this.processes);
    this.hosts.set(name, host);
    // Duplicate address detection would keep IPv6 silent for two seconds.
    for (const scope of ["default", "all"]) await host.sysctl(`net.ipv6.conf.${scope}.accept_dad`, 0);
  }

  async #joinByVeth(
    /** @type {string} */ one,
    /** @type {string} */ device,
    /** @type {string} */ other,
    /** @type {string} */ otherDevice,
  ) {
    const peer = ["peer", "name", otherDevice, "netns", this.host(other).namespace];
    await this.host(one).run("ip", "link", "add", device, "type", "veth", ...peer);
  }

  async #joinByRelay(/** @type {number} */ seed) {
    const ends = [...this.hosts.values()].map(({ name, namespace }) => `${name}=${namespace}`);
    this.relay = new LineProcess("relay", "python3", [RELAY, ...ends, "--seed", String(seed)]);
    this.processes.add(this.relay);
    await this.relay.call("delay", { seconds: 0 }); // it answers when its devices are there
  }

  async #joinByRouter(/** @type {number} */ near, /** @type {number} */ far) {
    await this.#joinByVeth("client", "eth0", "router", "eth0");
    await this.#joinByVeth("router", "eth1", "server", "eth0");
    await this.#address("client", "10.0.0.", "2001:db8::", near);
    await this.#address("server", "10.0.1.", "2001:db8:0:1::", far);
    const router = this.host("router");
    router.v4 = "10.0.1.1"; // as the server sees it
    router.v6 = "2001:db8:0:1::1";
    for (const ip of ["10.0.0.1", "2001:db8::1"]) await router.addAddress(ip, "eth0");
    for (const ip of [router.v4, router.v6]) await router.addAddress(ip, "eth1");
    await router.sysctl("net.ipv4.ip_forward", 1);
    await router.sysctl("net.ipv6.conf.all.forwarding", 1);
  }

  async #route() {
    await this.host("client").run("ip", "route", "add", "default", "via", "10.0.0.1");
    await this.host("client").run("ip", "-6", "route", "add", "default", "via", "2001:db8::1");
    await this.host("server").run("ip", "route", "add", "default", "via", "10.0.1.1");
    await this.host("server").run("ip", "-6", "route", "add", "default", "via", "2001:db8:0:1::1");
  }

  async #address(
    /** @type {string} */ name,
    /** @type {string} */ v4,
    /** @type {string} */ v6,
    /** @type {number} */ number,
  ) {
    const host = this.host(name);
    host.v4 = `${v4}${number}`;
    host.v6 = `${v6}${number}`;
    for (const ip of [host.v4, host.v6]) await host.addAddress(ip);
  }
}

async function startLinks(/** @type {Host} */ host, /** @type {number} */ station) {
  await host.run("ip", "link", "set", "lo", "up");
  const devices = (await host.run("ls", "/sys/class/net")).split("\n").filter((device) => device.startsWith("eth"));
  for (const device of devices) {
    await host.run("ip", "link", "set", device, "address", `02:00:00:00:0${device.slice(3)}:0${station}`, "up");
  }
}

/** Namespaces of runs that were killed with SIGKILL: the process in their names is no more. */
function removeLeftovers() {
  let names;
  try {
    names = readdirSync("/run/netns");
  } catch {
    return; // no namespace was ever made here
  }
  for (const name of names) {
    const owner = new RegExp(`^${PREFIX}-(\\d+)-`).exec(name)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    const inhabitants = spawnSync("ip", ["netns", "pids", name], { encoding: "utf8" }).stdout.split("\n");
    spawnSync("kill", ["-KILL", ...inhabitants.filter(Boolean)]); // by now some may have ended by themselves
    spawnSync("ip", ["netns", "delete", name]);
  }
}

function isAlive(/** @type {number} */ pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

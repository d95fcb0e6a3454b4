import type { Analysis, Flow, Side } from "../analysis/model.ts";
import { sanitize } from "./sanitize.ts";

/** `10.0.0.2:8080`, `[2001:db8::2]:8080`, or the bare address when there is no port. */
export function formatEndpoint(endpoint: { readonly ip: string; readonly port: number | null }): string {
  const ip = sanitize(endpoint.ip);
  if (endpoint.port === null) return ip;
  return ip.includes(":") ? `[${ip}]:${endpoint.port}` : `${ip}:${endpoint.port}`;
}

/** What is known of addresses and ports beyond their numbers. */
export interface Names {
  /** By address, as the captures have them. */
  readonly hosts: Readonly<Record<string, string>>;
  /** By the port of a server. */
  readonly services: Readonly<Record<string, string>>;
  /** Addresses that are not in the list of known hosts. */
  readonly unregistered: ReadonlySet<string>;
}

const NO_NAMES: Names = { hosts: {}, services: {}, unregistered: new Set() };

const UNREGISTERED = "[not registered]";

const NAME_LENGTH_MAX = 40;

/** What a reader of the mark must know. */
export function unregisteredNote({ unregistered }: Names): string[] {
  return unregistered.size === 0 ? [] : [`${UNREGISTERED}: not in the list of known hosts.`];
}

export function namesOf({ names = {}, services = {}, holders, flows }: Analysis): Names {
  const unregistered = new Set<string>();
  for (const { peers } of holders) for (const { ip, known } of peers) if (known === false) unregistered.add(ip);
  for (const { known, client, server } of flows) {
    if (known?.client === false) unregistered.add(client.ip);
    if (known?.server === false) unregistered.add(server.ip);
  }
  return { hosts: names, services, unregistered };
}

/** `10.0.0.2:6379 (redis) db.example [not registered]`: the address, and what is known of it. */
export function formatNamed(endpoint: { readonly ip: string; readonly port: number | null }, names: Names): string {
  const service = endpoint.port === null ? "" : nameIn(names.services, `${endpoint.port}`);
  const host = nameIn(names.hosts, endpoint.ip);
  const parts = [
    formatEndpoint(endpoint),
    service === "" ? "" : `(${service})`,
    host,
    names.unregistered.has(endpoint.ip) ? UNREGISTERED : "",
  ];
  return parts.filter((part) => part !== "").join(" ");
}

/** `10.0.0.2:8080 (server)`; a question mark when the role was guessed. */
export function formatSide(flow: Flow, side: Side, names: Names = NO_NAMES): string {
  return `${formatNamed(flow[side], names)} (${side}${flow.roles === "guessed" ? "?" : ""})`;
}

function nameIn(names: Readonly<Record<string, string>>, key: string): string {
  const name = Object.hasOwn(names, key) ? sanitize(names[key] ?? "") : "";
  return name.length > NAME_LENGTH_MAX ? `${name.slice(0, NAME_LENGTH_MAX)}…` : name;
}

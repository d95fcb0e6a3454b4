import type { Flow, Side } from "../analysis/model.ts";
import { sanitize } from "./sanitize.ts";

/** `10.0.0.2:8080`, `[2001:db8::2]:8080`, or the bare address when there is no port. */
export function formatEndpoint(endpoint: { readonly ip: string; readonly port: number | null }): string {
  const ip = sanitize(endpoint.ip);
  if (endpoint.port === null) return ip;
  return ip.includes(":") ? `[${ip}]:${endpoint.port}` : `${ip}:${endpoint.port}`;
}

/** Names by address, as the captures have them. */
export type Names = Readonly<Record<string, string>>;

const NAME_LENGTH_MAX = 40;

/** `10.0.0.2:8080 db.example`: the address, and its name if the captures have one. */
export function formatNamed(endpoint: { readonly ip: string; readonly port: number | null }, names: Names): string {
  const name = Object.hasOwn(names, endpoint.ip) ? sanitize(names[endpoint.ip] ?? "") : "";
  if (name === "") return formatEndpoint(endpoint);
  return `${formatEndpoint(endpoint)} ${name.length > NAME_LENGTH_MAX ? `${name.slice(0, NAME_LENGTH_MAX)}…` : name}`;
}

/** `10.0.0.2:8080 (server)`; a question mark when the role was guessed. */
export function formatSide(flow: Flow, side: Side, names: Names = {}): string {
  return `${formatNamed(flow[side], names)} (${side}${flow.roles === "guessed" ? "?" : ""})`;
}

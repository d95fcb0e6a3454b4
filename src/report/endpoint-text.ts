import type { Flow, Side } from "../analysis/model.ts";
import { sanitize } from "./sanitize.ts";

/** `10.0.0.2:8080`, `[2001:db8::2]:8080`, or the bare address when there is no port. */
export function formatEndpoint(endpoint: { readonly ip: string; readonly port: number | null }): string {
  const ip = sanitize(endpoint.ip);
  if (endpoint.port === null) return ip;
  return ip.includes(":") ? `[${ip}]:${endpoint.port}` : `${ip}:${endpoint.port}`;
}

/** `10.0.0.2:8080 (server)`; a question mark when the role was guessed. */
export function formatSide(flow: Flow, side: Side): string {
  return `${formatEndpoint(flow[side])} (${side}${flow.roles === "guessed" ? "?" : ""})`;
}

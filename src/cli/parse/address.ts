import ipaddr from "ipaddr.js";
import { CloseWaitError } from "../../errors.ts";

export interface EndpointPattern {
  readonly ip: string;
  /** null: any port. */
  readonly port: number | null;
}

const PORT_MAX = 65_535;

/** Parses an IPv4 or IPv6 address, written in full or in brackets, into the spelling of RFC 5952. */
export function parseAddress(text: string): string {
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  const address = readAddress(bare);
  if (address === null) {
    throw new CloseWaitError("usage", `'${text}' is not an IP address: expected one such as 10.0.0.2 or 2001:db8::2`);
  }
  return address.toString();
}

/** Parses `10.0.0.0/8` or `2001:db8::/32`. Bits beyond the prefix are ignored. */
export function parseNetwork(text: string): string {
  const [ip = "", prefix, ...rest] = text.split("/");
  const address = readAddress(ip);
  if (address !== null && prefix === undefined) {
    throw new CloseWaitError("usage", `'${text}' has no prefix length: did you mean --host ${text}?`);
  }
  const bits = Number(prefix);
  const bitsMax = address?.kind() === "ipv6" ? 128 : 32;
  if (address === null || rest.length > 0 || !/^\d+$/.test(prefix ?? "") || bits > bitsMax) {
    const example = "expected an address and a prefix length such as 10.0.0.0/8 or 2001:db8::/32";
    throw new CloseWaitError("usage", `'${text}' is not a network: ${example}`);
  }
  const network =
    address.kind() === "ipv6"
      ? ipaddr.IPv6.networkAddressFromCIDR(`${ip}/${bits}`)
      : ipaddr.IPv4.networkAddressFromCIDR(`${ip}/${bits}`);
  return `${network.toString()}/${bits}`;
}

export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= PORT_MAX)) {
    throw new CloseWaitError("usage", `'${text}' is not a port: expected a number from 0 to ${PORT_MAX}`);
  }
  return port;
}

/** Parses `10.0.0.2`, `10.0.0.2:8080`, `2001:db8::2` or `[2001:db8::2]:8080`. */
export function parseEndpoint(text: string): EndpointPattern {
  if (readAddress(text) !== null) return { ip: parseAddress(text), port: null };
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(.+))?$/.exec(text);
  const ip = match?.[1] ?? match?.[2];
  if (ip === undefined || readAddress(ip) === null) {
    const example = "expected IP or IP:PORT such as 10.0.0.2:8080 or [2001:db8::2]:8080";
    throw new CloseWaitError("usage", `'${text}' is not an endpoint: ${example}`);
  }
  return { ip: parseAddress(ip), port: match?.[3] === undefined ? null : parsePort(match[3]) };
}

/** ipaddr.js also reads `10.1` and `0x7f.1` as addresses; whoever types that has mistyped. */
function readAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  return text.includes(":") && !text.includes("%") && ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : null;
}

import ipaddr from "ipaddr.js";
import type { Endpoint } from "./model.ts";

/** Longer words are no addresses. */
const LENGTH_MAX = 80;

/** Whether a text may be an address at all: ipaddr.js finds out by way of an exception, which takes long. */
const MAYBE_IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const MAYBE_IPV6 = /^[0-9a-fA-F.]*:[0-9a-fA-F.]*:[0-9a-fA-F.:]*$/;

/** ::ffff:10.0.0.2 is how a socket for both families shows a peer of IPv4: on the wire it is IPv4. */
function canonical(text: string): string | null {
  const bare = text.replace(/%.*$/, "");
  if (MAYBE_IPV4.test(bare)) {
    return ipaddr.IPv4.isValidFourPartDecimal(bare) ? ipaddr.IPv4.parse(bare).toString() : null;
  }
  if (!MAYBE_IPV6.test(bare) || !ipaddr.IPv6.isValid(bare)) return null;
  const address = ipaddr.IPv6.parse(bare);
  return address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : address.toRFC5952String();
}

/**
 * An address with a port as `ss` and `netstat` print it: `10.0.0.2:8080`, `[::1]:22`, `:::22`, `10.0.0.2%eth0:68`, `[fe80::1]%eth0:22`,
 * `::ffff:10.0.0.2:80`, and as BSD and macOS do, `10.0.0.2.8080`. An asterisk stands for any; its port is then 0. Null: it is none of that.
 */
export function parseSocketAddress(text: string): Endpoint | null {
  if (text.length > LENGTH_MAX) return null;
  const match = /^(.*)[:.](\d{1,5}|\*)$/.exec(text);
  if (match === null) return null;
  const [, host = "", portText = ""] = match;
  const port = portText === "*" ? 0 : Number(portText);
  if (port > 65_535) return null;
  const bare = host.replace(/^\[(.*)\](%.*)?$/, "$1");
  if (bare === "*" || bare === "") return { ip: "*", port };
  const ip = canonical(bare);
  return ip === null ? null : { ip, port };
}

/** An address alone, or with a port, as registries and lists have it: as flows print it (RFC 5952). Null: it is none. */
export function parseHostAddress(text: string): string | null {
  if (text.length > LENGTH_MAX) return null;
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  const alone = canonical(bare);
  if (alone !== null) return alone;
  // With a port; dots before the port are BSD's, and here only an address with five numbers.
  const endpoint = /^(\[[^\]]*\]|[^:[\]]+):\d{1,5}$/.test(text) ? parseSocketAddress(text) : null;
  return endpoint === null || endpoint.ip === "*" ? null : endpoint.ip;
}

import ipaddr from "ipaddr.js";

export interface Endpoint {
  readonly ip: string;
  readonly port: number;
}

/** Of addresses that were parsed before: tests write a million segments between a few. */
const parsed = new Map<string, Uint8Array>();

export function isIpv6(ip: string): boolean {
  return addressOctets(ip).length === 16;
}

/** 4 or 16 octets. */
export function addressOctets(ip: string): Uint8Array {
  let octets = parsed.get(ip);
  if (octets === undefined) {
    octets = Uint8Array.from(ipaddr.parse(ip).toByteArray());
    parsed.set(ip, octets);
  }
  return octets;
}

/** From `10.0.0.1:40000` or `[2001:db8::1]:40000`. */
export function parseEndpoint(text: string): Endpoint {
  const groups = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[\d.]+)):(?<digits>\d{1,5})$/.exec(text)?.groups ?? {};
  const { v4 = "", v6, digits } = groups;
  const ip = v6 ?? v4;
  const port = Number(digits);
  const valid = v6 === undefined ? ipaddr.IPv4.isValidFourPartDecimal(v4) : ipaddr.IPv6.isValid(v6);
  if (!valid || port > 0xffff) throw new Error(`expected "10.0.0.1:8080" or "[2001:db8::1]:8080", found "${text}"`);
  return { ip, port };
}

export function formatEndpoint({ ip, port }: Endpoint): string {
  return isIpv6(ip) ? `[${ip}]:${port}` : `${ip}:${port}`;
}

import { type Endpoint, formatEndpoint, parseEndpoint } from "./endpoint.ts";

export interface CastOptions {
  /** Addresses left out are of this version; 4 unless given. */
  readonly ipVersion?: 4 | 6;
  /** `c` in the notation, `10.0.0.1:40000` or `[2001:db8::1]:40000` unless given. */
  readonly client?: string;
  /** `s` in the notation, `10.0.0.2:8080` or `[2001:db8::2]:8080` unless given. */
  readonly server?: string;
  /** Further parties by name. */
  readonly parties?: Readonly<Record<string, string>>;
  /** A party's ISN towards whomever it talks to. Left out: c 1000 and s 5000, and other numbers for every further pair. */
  readonly isn?: Readonly<Record<string, number>>;
}

export interface Party {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly isn: number | undefined;
}

export type Cast = ReadonlyMap<string, Party>;

const ADDRESSES = {
  4: { c: "10.0.0.1:40000", s: "10.0.0.2:8080" },
  6: { c: "[2001:db8::1]:40000", s: "[2001:db8::2]:8080" },
} as const;

export function castOf({ ipVersion = 4, client, server, parties = {}, isn = {} }: CastOptions): Cast {
  const { c, s } = ADDRESSES[ipVersion];
  const addresses = Object.entries({ c: client ?? c, ...parties, s: server ?? s });
  const cast = new Map(
    addresses.map(([name, text]) => [name, { name, endpoint: parseEndpoint(text), isn: isn[name] }] as const),
  );
  for (const name of Object.keys(isn)) {
    if (!cast.has(name)) throw new Error(`an ISN is given for "${name}", who is not a party`);
  }
  if (new Set([...cast.values()].map(({ endpoint }) => formatEndpoint(endpoint))).size < cast.size) {
    throw new Error("two parties have the same address and port");
  }
  return cast;
}

/**
 * Hosts that are supposed to be there: a list of addresses, networks or names, one a line, lines of /etc/hosts, or JSON as a registry
 * gives it (Consul, Eureka, Kubernetes endpoints): every text in it that is an address, an address with a port, or a network counts.
 */
import ipaddr from "ipaddr.js";
import { CloseWaitError } from "../errors.ts";
import { parseHostAddress } from "./socket-address.ts";

export const KNOWN_HOST_COUNT_MAX = 1_000_000;
const NETWORK_COUNT_MAX = 10_000;
const LOOKED_COUNT_MAX = 100_000;
const DEPTH_MAX = 64;
const WORD_LENGTH_MAX = 255;

/** `10.0.0.300`, `10.0.0.0/40`: meant to be an address, and not the name of anything. */
const NUMBERS = /^[\d.]*\d[./][\d./]*$/;
const NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?$/;
/** Fields of registries that name a host, not a zone, a node's role or a checksum. */
const NAME_FIELD = /^(?:host|hostname|hostName|dns|dnsName|fqdn|address|ip|ipAddr|ipAddress|ServiceAddress|Address)$/;

type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

export class KnownHosts {
  readonly #addresses = new Set<string>();
  readonly #names = new Set<string>();
  readonly #networks: Network[] = [];
  /** Whether addresses that were asked for lie in one of the networks: the same few are asked for again and again. */
  readonly #looked = new Map<string, boolean>();
  /** Words that are neither an address nor a network nor a name, and whatever was too much. */
  leftOut = 0;

  get count(): number {
    return this.#addresses.size + this.#names.size + this.#networks.length;
  }

  /** Addresses that have names in the list need no look-up; other names are those that the captures themselves give. */
  get hasNames(): boolean {
    return this.#names.size > 0;
  }

  add(word: string): boolean {
    if (word.length > WORD_LENGTH_MAX || this.count >= KNOWN_HOST_COUNT_MAX) return false;
    const address = parseHostAddress(word);
    if (address !== null) {
      this.#addresses.add(address);
      return true;
    }
    const network = parseNetwork(word);
    if (network === null || this.#networks.length >= NETWORK_COUNT_MAX) return false;
    this.#networks.push(network);
    this.#looked.clear();
    return true;
  }

  addName(word: string): boolean {
    if (word.length > WORD_LENGTH_MAX || this.count >= KNOWN_HOST_COUNT_MAX) return false;
    const name = /^[^:]*:\d{1,5}$/.test(word) ? word.replace(/:\d+$/, "") : word;
    if (!NAME.test(name) || NUMBERS.test(name)) return false;
    this.#names.add(plain(name));
    return true;
  }

  /** @param name as the captures have it, if they do */
  has(ip: string, name?: string): boolean {
    if (this.#addresses.has(ip)) return true;
    if (name !== undefined && this.#names.has(plain(name))) return true;
    return this.#networks.length > 0 && this.#isInNetwork(ip);
  }

  #isInNetwork(ip: string): boolean {
    let isInside = this.#looked.get(ip);
    if (isInside === undefined) {
      const address = ipaddr.parse(ip);
      isInside = this.#networks.some(([range, bits]) => address.kind() === range.kind() && address.match(range, bits));
      if (this.#looked.size >= LOOKED_COUNT_MAX) this.#looked.clear();
      this.#looked.set(ip, isInside);
    }
    return isInside;
  }
}

const plain = (name: string): string => name.toLowerCase().replace(/\.$/, "");

/** @throws CloseWaitError (usage) when the text holds no host at all */
export function parseKnownHosts(text: string, source: string): KnownHosts {
  const hosts = new KnownHosts();
  const json = /^\s*[[{"]/.test(text) && !/^\s*\[[0-9a-fA-F:]+\]/.test(text) ? parseJson(text, source) : undefined;
  if (json !== undefined) collect(json, hosts);
  else readLines(text, hosts, source);
  if (hosts.count === 0) {
    throw new CloseWaitError(
      "usage",
      `${source} names no host: expected addresses, networks or names, or JSON with them`,
    );
  }
  return hosts;
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CloseWaitError("usage", `${source} begins like JSON and is none`, {}, cause);
  }
}

/** The first word that is an address speaks for the line, and names after it are its own; a line of names only is looked up by names. */
function readLines(text: string, hosts: KnownHosts, source: string): void {
  for (const [index, line] of text.split(/\r?\n|\r/).entries()) {
    const words = line
      .replace(/#.*$/, "")
      .split(/[\s,;]+/)
      .filter((word) => word !== "");
    let isAddressed = false;
    for (const word of words) {
      if (hosts.add(word)) isAddressed = true;
      else if (!isAddressed && !hosts.addName(word)) hosts.leftOut++;
    }
    const wrong = isAddressed ? undefined : words.find((word) => NUMBERS.test(word));
    // Left out, it would mark hosts that are in the list.
    if (wrong !== undefined)
      throw new CloseWaitError("usage", `${source}, line ${index + 1}: ${wrong} is no address or network`);
  }
}

/** Without recursion: JSON may be nested as deep as it likes. */
function collect(root: unknown, hosts: KnownHosts): void {
  const waiting: { readonly value: unknown; readonly field: string; readonly depth: number }[] = [
    { value: root, field: "", depth: 0 },
  ];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, field, depth } = next;
    if (typeof value === "string") {
      const word = value.replace(/^[a-z][a-z0-9+.-]*:\/\/([^/?#]*).*$/i, "$1");
      if (!hosts.add(word) && (NAME_FIELD.test(field) || (field === "" && depth === 1))) hosts.addName(word);
    } else if (typeof value === "object" && value !== null && depth < DEPTH_MAX) {
      const isList = Array.isArray(value);
      for (const [key, child] of Object.entries(value)) {
        // A registry may use the address itself as the key.
        if (!isList) hosts.add(key);
        waiting.push({ value: child, field: isList ? field : key, depth: depth + 1 });
      }
    }
  }
}

function parseNetwork(word: string): Network | null {
  const match = /^([0-9a-fA-F:.]+)\/(\d{1,3})$/.exec(word);
  const [, ip = "", bitsText = ""] = match ?? [];
  if (match === null || parseHostAddress(ip) === null) return null;
  const range = ipaddr.parse(ip);
  const bits = Number(bitsText);
  return bits <= (range.kind() === "ipv4" ? 32 : 128) ? [range, bits] : null;
}

import type { HostSockets } from "../analysis/host-sockets.ts";
import type { KnownHosts } from "../analysis/known-hosts.ts";
import type { ServiceNames } from "../analysis/service-names.ts";
import { CloseWaitError } from "../errors.ts";
import { sanitize } from "../report/sanitize.ts";
import type { CliIo } from "./io.ts";
import { inOption } from "./parse/in-option.ts";

/** Files that say more than the captures do. */
export interface RawKnowledge {
  readonly ss?: string;
  readonly knownHosts?: string;
  readonly ports?: string;
}

export interface Knowledge {
  readonly hostSockets: HostSockets | undefined;
  readonly knownHosts: KnownHosts | undefined;
  readonly services: ServiceNames | undefined;
}

const STANDARD_INPUT = "-";

/** A million sockets or hosts are shorter. */
const OCTETS_MAX = 256 * 1024 * 1024;

/** They are read before the captures: what is wrong with them is said at once. */
export async function readKnowledge(raw: RawKnowledge, captures: readonly string[], io: CliIo): Promise<Knowledge> {
  refuseSharedInput(raw, captures);
  const { ss, knownHosts, ports } = raw;
  return {
    hostSockets: ss === undefined ? undefined : await readHostSockets(ss, io),
    knownHosts: knownHosts === undefined ? undefined : await readKnownHosts(knownHosts, io),
    services: ports === undefined ? undefined : await readServices(ports, io),
  };
}

async function readHostSockets(path: string, io: CliIo): Promise<HostSockets> {
  const { parseHostSockets } = await import("../analysis/host-sockets.ts");
  return inOption("--ss", () => {
    const text = readText(path, io);
    const host = parseHostSockets(text, nameOf(path));
    // A heading without sockets is an answer, too; nothing at all is what a command leaves that failed.
    if (host.sockets.length > 0 || (host.unreadLines === 0 && text.trim() !== "")) return host;
    throw new CloseWaitError(
      "usage",
      `no socket found in ${nameOf(path)}: expected the output of ss -tan or netstat -tan`,
    );
  });
}

async function readKnownHosts(path: string, io: CliIo): Promise<KnownHosts> {
  const { parseKnownHosts } = await import("../analysis/known-hosts.ts");
  return inOption("--known-hosts", () => parseKnownHosts(readText(path, io), nameOf(path)));
}

async function readServices(path: string, io: CliIo): Promise<ServiceNames> {
  const { parseServices } = await import("../analysis/service-names.ts");
  return inOption("--ports", () => parseServices(readText(path, io), nameOf(path)));
}

function readText(path: string, io: CliIo): string {
  const octets = readOctets(path, io);
  if (octets.length > OCTETS_MAX) throw new CloseWaitError("usage", `${nameOf(path)} is larger than 256 MiB`);
  return new TextDecoder().decode(octets);
}

function readOctets(path: string, io: CliIo): Uint8Array {
  try {
    return io.readFile(path);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new CloseWaitError("usage", `cannot read ${nameOf(path)} (${reason})`, {}, cause);
  }
}

const nameOf = (path: string): string => (path === STANDARD_INPUT ? "standard input" : sanitize(path));

function refuseSharedInput({ ss, knownHosts, ports }: RawKnowledge, captures: readonly string[]): void {
  const readers = [ss, knownHosts, ports, ...new Set(captures)].filter((path) => path === STANDARD_INPUT);
  if (readers.length > 1)
    throw new CloseWaitError("usage", "standard input can be read once: name one file -, not two");
}

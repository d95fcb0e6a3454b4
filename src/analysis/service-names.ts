import { CloseWaitError } from "../errors.ts";
import type { Analysis } from "./model.ts";

/** Names of services by TCP port. */
export type ServiceNames = ReadonlyMap<number, string>;

const NAME_LENGTH_MAX = 40;

/**
 * A services file: `redis 6379/tcp # comment`, one a line; the first name of a port counts.
 *
 * @throws CloseWaitError (usage) when there is none in it
 */
export function parseServices(text: string, source: string): ServiceNames {
  const names = new Map<number, string>();
  for (const [, name = "", portText = ""] of text.matchAll(/^[ \t]*([^\s#]+)[ \t]+(\d{1,5})\/tcp\b/gm)) {
    const port = Number(portText);
    if (port <= 65_535 && !names.has(port)) names.set(port, name.slice(0, NAME_LENGTH_MAX));
  }
  if (names.size > 0) return names;
  throw new CloseWaitError("usage", `${source} names no service: expected lines such as "redis 6379/tcp"`);
}

/** The names of those ports that servers of this result have; a client's port is no service. */
export function servicesOf({ flows, holders }: Analysis, names: ServiceNames): Record<string, string> {
  const found: Record<string, string> = {};
  const mention = (port: number | null) => {
    const name = port === null ? undefined : names.get(port);
    if (port !== null && name !== undefined) found[port] = name;
  };
  for (const { endpoint, role } of holders) if (role === "server") mention(endpoint.port);
  for (const { server } of flows) mention(server.port);
  return found;
}

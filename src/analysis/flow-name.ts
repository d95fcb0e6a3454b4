import { type EndIndex, peerOf } from "../tcp/conversation.ts";
import type { FlowHistory } from "../tcp/history.ts";
import type { Clock } from "./clock.ts";

/** What names one incarnation of one connection. */
export interface FlowName {
  readonly clientIp: string;
  readonly clientPort: number;
  readonly serverIp: string;
  readonly serverPort: number;
  readonly firstAt: number;
}

export function flowName({ ends, firstAt }: FlowHistory, client: EndIndex): FlowName {
  const [from, to] = [ends[client], ends[peerOf(client)]];
  return { clientIp: from.ip, clientPort: from.port, serverIp: to.ip, serverPort: to.port, firstAt };
}

/** Writes a name over another one. */
export function renamed(name: Writable<FlowName>, { ends, firstAt }: FlowHistory, client: EndIndex): FlowName {
  const [from, to] = [ends[client], ends[peerOf(client)]];
  name.clientIp = from.ip;
  name.clientPort = from.port;
  name.serverIp = to.ip;
  name.serverPort = to.port;
  name.firstAt = firstAt;
  return name;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** `client-server@first segment`, IPv6 addresses in brackets. */
export function idOf(name: FlowName, clock: Clock): string {
  const client = endpointText(name.clientIp, name.clientPort);
  const server = endpointText(name.serverIp, name.serverPort);
  return `${client}-${server}@${clock.epochSeconds(name.firstAt)}`;
}

/** Whether the flow's id begins so. Both ends may be named in either order, as a holder and its closer are. */
export function isCalled(name: FlowName, wanted: string, clock: Clock): boolean {
  if (idOf(name, clock).startsWith(wanted)) return true;
  const { clientIp, clientPort, serverIp, serverPort, firstAt } = name;
  const reversed = { clientIp: serverIp, clientPort: serverPort, serverIp: clientIp, serverPort: clientPort, firstAt };
  return wanted.includes("-") && idOf(reversed, clock).startsWith(wanted);
}

/** `address:port`, IPv6 addresses in brackets. */
export const endpointText = (ip: string, port: number): string =>
  ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;

/** The incidents as traffic, in the size and at the times that are asked for; and the everyday traffic they are mixed with. */
import type { Traffic } from "./traffic.ts";

export interface Place {
  readonly clients: readonly string[];
  readonly server: string;
  /** The server's own address, and another server of the same family. */
  readonly serverIp: string;
  readonly dependency: string;
}

export const V4: Place = {
  clients: ["10.0.0.1", "10.0.0.7", "10.0.0.9"],
  server: "10.0.0.2:8080",
  serverIp: "10.0.0.2",
  dependency: "10.0.0.3:6379",
};

export const V6: Place = {
  clients: ["2001:db8::1", "2001:db8::7", "2001:db8::9"],
  server: "[2001:db8::2]:8080",
  serverIp: "2001:db8::2",
  dependency: "[2001:db8::3]:6379",
};

const client = ({ clients }: Place, index: number): string => clients[index % clients.length] as string;

/** Connections that are opened, used and closed in order, by either end. */
export function everyday(traffic: Traffic, place: Place, count: number, from: number, to: number): void {
  for (let index = 0; index < count; index++) {
    const at = from + ((to - from) * index) / count;
    const one = traffic.connect(client(place, index), place.server, at);
    one.ask(at + 0.002).answer(at + 0.004);
    one.close(index % 3 === 0 ? "server" : "client", at + 0.006, { after: 0.0004 });
  }
}

/** Incident 1: so many idle connections, closed by the server at one moment, and kept by the client. */
export function idlePool(
  traffic: Traffic,
  place: Place,
  count: number,
  { used = 2, fin = 8, within = 0.1 } = {},
): void {
  for (let index = 0; index < count; index++) {
    const one = traffic
      .connect(client(place, 0), place.server, 0.1 + index * 0.01)
      .talk(0.5 + index * 0.017, used, 0.5);
    one.close("server", fin + (within * index) / count, { after: null });
  }
}

/** Incident 2 a: so many connections that were answered, closed by the client, and not by the server. */
export function neverClosed(traffic: Traffic, place: Place, count: number, { from = 1, every = 0.5 } = {}): void {
  for (let index = 0; index < count; index++) {
    const at = from + index * every;
    const one = traffic
      .connect(client(place, index), place.server, at)
      .ask(at + 0.01)
      .answer(at + 0.02);
    one.close("client", at + 0.03, { after: null });
  }
}

/** Incident 2 b: requests that take longer than the client waits, closed when they are done. */
export function slowClose(
  traffic: Traffic,
  place: Place,
  count: number,
  { patience = 1, takes = 3, from = 1 } = {},
): void {
  for (let index = 0; index < count; index++) {
    const at = from + index * 0.3;
    const one = traffic.connect(client(place, index), place.server, at).ask(at + 0.01);
    one.close("client", at + 0.01 + patience, { after: takes - patience });
  }
}

/** Incident 2 c: connections that the kernel opened and nobody accepted. */
export function neverAccepted(
  traffic: Traffic,
  place: Place,
  count: number,
  { from = 5, patience = 1, dropped = 0 } = {},
): void {
  for (let index = 0; index < count; index++) {
    const at = from + index * 0.2;
    traffic
      .connect(client(place, index), place.server, at)
      .ask(at + 0.01)
      .close("client", at + 0.01 + patience, { after: null });
  }
  for (let index = 0; index < dropped; index++)
    traffic.knock(client(place, index), place.server, from + count * 0.2 + index);
}

/** Incident 3: so many sessions of one client, and every further one closed at once. */
export function connectionCap(
  traffic: Traffic,
  place: Place,
  cap: number,
  refused: number,
  { from = 3, every = 0.25 } = {},
): void {
  for (let index = 0; index < cap; index++)
    traffic.connect(client(place, 0), place.server, 0.1 + index * 0.01).talk(1, from + refused * every, 1);
  for (let index = 0; index < refused; index++) {
    traffic
      .connect(client(place, 0), place.server, from + index * every)
      .close("server", from + index * every + 0.0008);
  }
}

/** Incident 4: probes at a fixed interval from two addresses, some of which nobody touches. */
export function neverTouched(
  traffic: Traffic,
  place: Place,
  rounds: number,
  {
    from = 1,
    period = 1.5,
    untouched = (round: number) => round >= 3,
  }: { from?: number; period?: number; untouched?: (round: number) => boolean } = {},
): void {
  for (let round = 0; round < rounds; round++) {
    for (const [index, prober] of [client(place, 1), client(place, 2)].entries()) {
      const at = from + round * period + index * 0.4;
      const probe = traffic.connect(prober, place.server, at);
      probe.close("client", at + 0.001, { after: untouched(round) ? null : 0.0005 });
    }
  }
}

/** Incident 5: so many requests that wait for a pool of that size, and some more. */
export function dependencyStall(
  traffic: Traffic,
  place: Place,
  size: number,
  { onset = 6, more = 4, patience = [1, 1.1, 1.2] as readonly number[] } = {},
): void {
  for (let index = 0; index < size; index++) {
    traffic
      .connect(place.serverIp, place.dependency, 0.1 + index * 0.001)
      .talk(0.5 + index * 0.01, onset - 0.3, 0.7)
      .ask(onset + 0.01)
      .answer(onset + 0.011);
  }
  for (let index = 0; index < size + more; index++) {
    const at = onset + (index < size ? index * 0.001 : (index - size) * 0.4);
    const one = traffic.connect(client(place, index), place.server, at - 0.001).ask(at);
    one.close("client", at + (patience[index % patience.length] as number), { after: null });
  }
}

import { type EndIndex, peerOf } from "../tcp/conversation.ts";
import type { EndHistory, EndpointKey, FlowHistory } from "../tcp/history.ts";

/** Ports of services that listen above 1023 and are met often; everything below 1024 counts as known as well. */
const SERVICE_PORTS: ReadonlySet<number> = new Set([
  1433, 1521, 1883, 2049, 2181, 2379, 2380, 3000, 3128, 3260, 3306, 3389, 4222, 5000, 5044, 5060, 5222, 5432, 5601,
  5671, 5672, 5900, 5984, 6379, 6443, 7000, 7001, 7077, 8000, 8008, 8080, 8081, 8086, 8088, 8123, 8125, 8161, 8200,
  8300, 8443, 8500, 8888, 9000, 9042, 9090, 9092, 9093, 9100, 9200, 9300, 9418, 9999, 10250, 11211, 15672, 16379, 25565,
  26379, 27017, 50051, 61613, 61616,
]);

/** Endpoints remembered; past that, guesses rest on the ports alone. */
const ENDPOINT_COUNT_MAX = 200_000;

/** Who is client and who is server when the handshake was not captured (rule 14). */
export class RoleGuesser {
  readonly #servers = new Set<EndpointKey>();
  readonly #appearances = new Map<EndpointKey, number>();

  /** Learns from a flow whose opener is known, or (before guessing) how often an endpoint appears. */
  learn(history: FlowHistory): void {
    if (history.opener !== null) {
      if (this.#servers.size < ENDPOINT_COUNT_MAX) this.#servers.add(history.ends[peerOf(history.opener)].endpoint);
      return;
    }
    for (const end of history.ends) {
      const key = end.endpoint;
      const count = this.#appearances.get(key) ?? 0;
      if (count > 0 || this.#appearances.size < ENDPOINT_COUNT_MAX) this.#appearances.set(key, count + 1);
    }
  }

  /** The end that is taken for the client: the other is a known server, has a service's port, is met repeatedly, or has the lower port. */
  client(history: FlowHistory): EndIndex {
    const [a, b] = history.ends;
    const evidence = [
      (end: EndHistory) => this.#servers.has(end.endpoint),
      (end: EndHistory) => end.port < 1024 || SERVICE_PORTS.has(end.port),
      (end: EndHistory) => (this.#appearances.get(end.endpoint) ?? 0) > 1,
      (end: EndHistory) => end.port < (end === a ? b : a).port,
    ];
    for (const isServer of evidence) if (isServer(a) !== isServer(b)) return isServer(a) ? 1 : 0;
    return 0;
  }
}

/** Puts on record what the kernel said, and fails loudly where scenario, kernel and wire do not agree. The kernel is the judge. */
import { printed, stateOf } from "./kernel.mjs";
import { commandOf, recorderOf } from "./tap.mjs";
import { closerOf } from "./wire.mjs";

/**
 * @typedef {import("./kernel.mjs").Moment} Moment
 * @typedef {import("./world.mjs").World} World
 * @typedef {import("./wire.mjs").Wire} Wire
 *
 * @typedef {object} ConnectionTruth
 * @property {string} client `ip:port` of the end that opened it.
 * @property {string} server As the client dialled it.
 * @property {{client: string, server: string}} [serverSide] The addresses as the server sees them, where they are translated on the path.
 * @property {string} label
 * @property {{client: string, server: string}} states When the recording stopped, as `ss` prints them; `CLOSED`: no such socket.
 * @property {"client" | "server" | null} holder The end that was in CLOSE-WAIT then.
 * @property {"client" | "server" | "both" | null} [closer] Who sent the first FIN in the first capture, by tshark.
 * @property {"client" | "server" | null} [resetBy] Who sent the last RST in it, by tshark.
 *
 * @typedef {object} Truth
 * @property {string} scenario
 * @property {string} description
 * @property {number} seed
 * @property {{file: string, command: string, host: string, startedAt: number, stoppedAt: number, packets: number}[]} captures Everything from
 * `startedAt` to `stoppedAt` (epoch seconds, as all times) is in the file; a few packets from after the stop may be, too.
 * @property {ConnectionTruth[]} connections In the order in which they were opened.
 * @property {{label: string, at: number, sockets: object[], changing?: object[]}[]} moments All sockets but listening ones, as `ss` named
 * them directly before and directly after `at`; `changing` were named only once.
 * @property {number} [finTimeoutSeconds] tcp_fin_timeout, where it is not the kernel's 60 s.
 * @property {number} [oneWaySeconds] What the path delays every frame by, where it does.
 * @property {object[]} [interventions] What the relay did to single segments.
 * @property {import("./incidents/judge.mjs").IncidentTruth[]} [incidents] What programs did that an analysis must name.
 */

/**
 * @param {World} world After the taps were stopped; its last moment is the truth about the stop.
 * @param {string} description
 * @param {Wire | undefined} wire The first capture, if tshark is there to read it.
 * @returns {Truth}
 */
export function truthOf(world, description, wire) {
  const { scenario, seed } = world.plan;
  const interventions = world.interventions;
  return {
    scenario,
    description,
    seed,
    captures: world.taps.map(({ plan, startedAt, stoppedAt, packets }) => ({
      file: plan.file,
      command: [recorderOf(plan), ...commandOf(plan)].join(" "),
      host: plan.host ?? "server",
      startedAt,
      stoppedAt,
      packets,
    })),
    connections: [...connectionsOf(world, wire), ...watchedConnectionsOf(world, wire)],
    moments: world.moments.map(({ label, at, sockets, changing }) => ({
      label,
      at,
      sockets: sockets.filter(isConnection).map(socketOf),
      ...(changing.length > 0 ? { changing: changing.filter(isConnection).map(socketOf) } : {}),
    })),
    ...(world.finTimeoutSeconds === undefined ? {} : { finTimeoutSeconds: world.finTimeoutSeconds }),
    ...(world.oneWaySeconds > 0 ? { oneWaySeconds: world.oneWaySeconds } : {}),
    ...(interventions.length > 0 ? { interventions } : {}),
    ...(world.incidents.length > 0
      ? { incidents: world.incidents.map((told) => (typeof told === "function" ? told() : told)) }
      : {}),
  };
}

const isConnection = (/** @type {import("./kernel.mjs").SocketRow} */ { state }) => state !== "LISTEN";

const socketOf = (
  /** @type {import("./kernel.mjs").SocketRow} */ { host, state, local, peer, receiveQueue, timer },
) => ({
  host,
  state,
  local,
  peer,
  ...(receiveQueue > 0 ? { unread: receiveQueue } : {}),
  ...(timer === "keepalive" && (state === "CLOSE-WAIT" || state === "ESTAB") ? { timer } : {}),
});

/** @returns {ConnectionTruth[]} */
function connectionsOf(/** @type {World} */ { connections, moments }, /** @type {Wire | undefined} */ wire) {
  const stop = /** @type {Moment} */ (moments.at(-1));
  const tuples = connections.map((connection) => Object.values(connection.sockets().client).join(" > "));
  return connections.map((connection, index) => {
    const { client, server } = connection.sockets();
    const isReused = tuples.includes(tuples[index], index + 1); // the socket of that name is a later one's
    const states = isReused ? { client: "CLOSED", server: "CLOSED" } : connection.statesAt(stop);
    const incarnation = tuples.slice(0, index).filter((tuple) => tuple === tuples[index]).length;
    return {
      client: client.local,
      server: client.peer,
      ...(server.peer === client.local ? {} : { serverSide: { client: server.peer, server: server.local } }),
      label: connection.label,
      states,
      holder: holderOf(states),
      ...wireFacts(wire?.incarnationsOf(client.local, client.peer)[incarnation]),
    };
  });
}

/** Connections between programs, known from having been seen at a moment. @returns {ConnectionTruth[]} */
function watchedConnectionsOf(/** @type {World} */ { watched, moments }, /** @type {Wire | undefined} */ wire) {
  const stop = /** @type {Moment} */ (moments.at(-1));
  return watched.flatMap(({ label, service }) => {
    const server = printed(service);
    const rows = moments.flatMap(({ sockets }) => sockets);
    const clients = new Set(
      rows.flatMap(({ local, peer, state }) =>
        peer === server ? local : local === server && state !== "LISTEN" ? peer : [],
      ),
    );
    return [...clients].sort().map((client) => {
      const states = {
        client: stateOf(stop, { local: client, peer: server }),
        server: stateOf(stop, { local: server, peer: client }),
      };
      const incarnations = wire?.incarnationsOf(client, server) ?? [];
      const facts = incarnations.length === 1 ? wireFacts(incarnations[0]) : {};
      return { client, server, label, states, holder: holderOf(states), ...facts };
    });
  });
}

/** @returns {"client" | "server" | null} */
const holderOf = (/** @type {{client: string, server: string}} */ { client, server }) =>
  server === "CLOSE-WAIT" ? "server" : client === "CLOSE-WAIT" ? "client" : null;

const wireFacts = (/** @type {import("./wire.mjs").WireFacts | undefined} */ facts) =>
  facts ? { closer: closerOf(facts), resetBy: facts.resetBy } : {};

/** Throws if anything is not as the scenario meant it to be. */
export function checkIntentions(/** @type {World} */ world, /** @type {Truth} */ truth) {
  const differences = world.connections.flatMap(({ intention }, index) => {
    const { label, client, server, states, closer, resetBy } = truth.connections[index];
    /** @type {Record<string, string | null | undefined>} */
    const found = { ...states, closer, resetBy };
    return Object.entries(intention)
      .filter(([aspect, intended]) => found[aspect] !== undefined && found[aspect] !== intended)
      .map(([aspect, intended]) => `${label}, ${client} > ${server}: ${aspect} is ${found[aspect]}, not ${intended}`);
  });
  for (const { label, client, server, count } of world.expectedCounts) {
    const isMeant = (/** @type {ConnectionTruth} */ { label: its, states }) =>
      its === label && states.client === client && states.server === server;
    const found = truth.connections.filter(isMeant).length;
    if (found === count) continue;
    const others = truth.connections.filter((connection) => connection.label === label && !isMeant(connection));
    const states = others.map((other) => `${other.client} ${other.states.client} ${other.states.server}`);
    differences.push(`${label}: ${found} of ${count} are in ${client} and ${server}; not so ${states.join(", ")}`);
  }
  if (differences.length > 0) throw new Error(`not as intended:\n  ${differences.join("\n  ")}`);
}

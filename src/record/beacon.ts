import { spawn } from "node:child_process";
import dgram from "node:dgram";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { CloseWaitError } from "../errors.ts";
import { commandIn, findReason, nameOf, type Place } from "./place.ts";

/** Sends datagrams that a recording sees, so that it can be told what else it has seen. */
export interface Beacon {
  /** Its own while it is open: no other recording takes its datagrams for those of its own beacon. */
  readonly port: number;
  send(mark: string): void;
  close(): void;
}

interface Sender {
  send(mark: string): void;
  close(): void;
}

type Address = Pick<import("node:os").NetworkInterfaceInfo, "address" | "family" | "internal">;

/**
 * On the loopback interface a socket sends to itself; out of any other it sends to a group that nobody has joined (RFC 2365), and no
 * further than the link. Uses nothing but its parameters: its text also runs by itself, in a namespace where this process cannot go.
 */
function openSender(
  sockets: Pick<typeof dgram, "createSocket">,
  addresses: readonly Address[],
  onPort: (port: number) => void,
): Sender {
  const outside = addresses.find(({ family, internal }) => family === "IPv4" && !internal);
  const socket = sockets.createSocket("udp4");
  socket.on("error", () => onPort(0));
  socket.bind(0, outside?.address ?? "127.0.0.1", () => {
    if (outside) socket.setMulticastInterface(outside.address);
    if (outside) socket.setMulticastTTL(1);
    onPort(socket.address().port);
  });
  socket.unref();
  return {
    send: (mark) => socket.send(mark, socket.address().port, outside ? "239.255.67.87" : "127.0.0.1", () => undefined),
    close: () => socket.close(),
  };
}

const STANDALONE = `
const addresses = require("node:os").networkInterfaces()[process.argv[1]] ?? [];
const sender = (${openSender})(require("node:dgram"), addresses, (port) => console.log(port));
require("node:readline").createInterface({ input: process.stdin }).on("line", sender.send).on("close", () => process.exit());
`;

export async function openBeacon(place: Place): Promise<Beacon> {
  const beacon = await (place.netns === null ? openHere(place) : openThere(place));
  if (beacon.port > 0) return beacon;
  const reason = findReason(place) ?? `no datagram can be sent on ${nameOf(place)}: has it an IPv4 address?`;
  throw new CloseWaitError("cannot-record", reason);
}

async function openHere(place: Place): Promise<Beacon> {
  const addresses = networkInterfaces()[place.interface] ?? [];
  return new Promise((resolve) => {
    const sender = openSender(dgram, addresses, (port) => resolve({ ...sender, port }));
  });
}

/** Its input ends with this process, and it with its input. */
async function openThere(place: Place): Promise<Beacon> {
  const [program = "", ...parameters] = commandIn(place, [process.execPath, "-e", STANDALONE, place.interface]);
  const child = spawn(program, parameters, { stdio: ["pipe", "pipe", "ignore"] });
  const closed = once(child, "close").catch(() => undefined);
  const [text] = await Promise.race([once(child.stdout, "data"), closed.then(() => ["0"])]);
  child.unref();
  child.stdin.on("error", () => undefined);
  return {
    port: Number(text),
    send: (mark) => void child.stdin.write(`${mark}\n`),
    close: () => child.stdin.end(),
  };
}

import { once } from "node:events";
import { createServer } from "node:http";

/** A feed of events over HTTP: whoever asks for an upgrade gets a line an event. */
export async function startFeed() {
  const subscribers = new Set();
  const server = createServer((_, response) => response.writeHead(426, { Upgrade: "feed" }).end());
  server.on("upgrade", (_, socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: feed\r\n\r\nwelcome\n");
    subscribers.add(socket);
    // The leak: nobody reads from this socket, so nobody learns that the client has closed it.
    socket.on("close", () => subscribers.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    publish: (event) => subscribers.forEach((socket) => void socket.write(`${event}\n`)),
    stop() {
      for (const socket of subscribers) socket.destroy();
      server.close();
    },
  };
}

/**
 * An instance of a web service, on Node's own HTTP server.
 *
 *     web_instance.mjs IP PORT DELAY_MILLISECONDS KEEP_ALIVE_MILLISECONDS     it closes connections that were idle for so long
 *     (newer versions of Node: and a second more)
 */
import { createServer } from "node:http";

const [ip, port, delay, keepAliveTimeout] = process.argv.slice(2);
const server = createServer({ keepAliveTimeout: Number(keepAliveTimeout) }, (_, response) => {
  setTimeout(() => response.end("apples\n"), Number(delay));
});
server.listen(Number(port), ip, () => process.stdout.write("ready\n"));

/**
 * A client with Node's own http.Agent, which keeps connections and notices when a server closes one.
 *
 *     web_client.mjs IP PORT FROM ROUNDS AT_ONCE GAP_MILLISECONDS
 */
import { Agent, get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const [host, port, localAddress, rounds, atOnce, gap] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true });

const ask = () =>
  new Promise((resolve, reject) => {
    get({ host, port: Number(port), localAddress, agent }, (response) => response.resume().on("end", resolve)).on(
      "error",
      reject,
    );
  });

for (let round = 0; round < Number(rounds); round++) {
  // What the server has closed in the moment it was taken from the pool is asked again.
  await Promise.all(Array.from({ length: Number(atOnce) }, () => ask().catch(ask)));
  await sleep(Number(gap));
}
process.stdout.write("asked\n");
setInterval(() => {}, 1000);

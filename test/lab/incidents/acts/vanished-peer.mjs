/** The sibling of the idle pool: a node is gone without a word, and keep-alive asks in vain. */
import { clock } from "../../kernel.mjs";

/** @type {import("../plays.mjs").Act} */
export async function vanishedPeer(stage) {
  const { world, dice } = stage;
  const size = dice.between(3, 8);
  const port = dice.between(8000, 8999);
  const [gone, stays] = [await stage.address("server"), await stage.address("server")];
  const source = await stage.address("client");
  const instances = [gone, stays].map((ip) => stage.node("server", "web_instance.mjs", ip, port, 80, 60_000));
  await Promise.all(instances.map((instance) => instance.says(/ready/)));
  const asking = ["--from", source, "--size", size, "--rounds", 5, "--gap", 0.3, "--keep-alive"];
  const client = stage.python("client", "pooled_client.py", ...asking, `${gone}:${port}`, `${stays}:${port}`);
  await client.noted("round", 2);
  await stage.curtain();
  await client.says(/registry changed/);
  await world.sleep(1.5);
  // It hears and says nothing any more.
  const family = stage.family === 4 ? "ip" : "ip6";
  const table = `${family} vanished-${port}`.split(" ");
  const nft = (/** @type {string[]} */ ...words) => world.server.run("nft", "add", ...words);
  await nft("table", ...table);
  const since = clock();
  for (const [hook, end] of [
    ["input", "daddr"],
    ["output", "saddr"],
  ]) {
    await nft("chain", ...table, hook, `{ type filter hook ${hook} priority 0; }`);
    await nft("rule", ...table, hook, family, end, gone, "drop");
  }
  await world.sleep(5);
  stage.found({
    kind: "vanished-peer",
    holder: { ip: gone, port: null },
    peers: { [source]: size },
    count: size,
    since: since - 0.5, // keep-alive was answered every second
    numbers: { connections: size, keepAliveUnanswered: size, withFin: 0 },
  });
}

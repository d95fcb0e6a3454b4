/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "unanswered-and-refused",
  shows:
    "A SYN to a closed port is refused, a SYN that a firewall drops is repeated, TCP_DEFER_ACCEPT keeps a silent client's handshake open at the server; a leak beside them.",

  async play(world) {
    await world.server.run("nft", "add table inet lab");
    await world.server.run("nft", "add chain inet lab in { type filter hook input priority 0; }");
    await world.server.run("nft", "add rule inet lab in tcp dport 7777 drop");
    const refused = world.dial({ ip: world.server.v4, port: 7776 }, { label: "refused" });
    await refused.opened().catch(() => {});
    const unanswered = world.dial({ ip: world.server.v4, port: 7777 }, { label: "unanswered", timeoutSeconds: 60 });
    const gaveUp = world.dial({ ip: world.server.v4, port: 7777 }, { label: "gave up", timeoutSeconds: 2 });
    const deferred = await world.listen({ port: 7775, options: { deferAcceptSeconds: 30 } });
    const silent = await world.open(deferred, { label: "silent, accept deferred", accept: false });
    const service = await world.listen();
    const leak = await world.open(service, { label: "leak" });
    await leak.exchange();
    await leak.client.close();
    await gaveUp.opened().catch(() => {});
    await world.sleep(1);
    refused.expect({ client: "CLOSED", server: "CLOSED" });
    unanswered.expect({ client: "SYN-SENT", server: "CLOSED" });
    gaveUp.expect({ client: "CLOSED", server: "CLOSED" });
    silent.expect({ client: "ESTAB", server: "SYN-RECV" });
    leak.expect({ client: "FIN-WAIT-2", server: "CLOSE-WAIT" });
  },
};

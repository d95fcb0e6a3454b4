/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "self-connection",
  shows: "A socket on the loopback interface that is connected to itself, and a normal leak beside it.",
  taps: [{ file: "self-connection.pcap", interface: "lo" }],

  async play(world) {
    const here = { ip: "127.0.0.1", port: world.port() };
    const self = world.dial(here, { label: "to itself", ip: here.ip, port: here.port, on: world.server.endpoint });
    await self.opened();
    await self.client.send("hello\n");
    await self.client.receive(6);
    const service = await world.server.endpoint.listen({ ip: here.ip, port: world.port(8000, 8999) });
    const leak = await world.open(service, { label: "leak", ip: here.ip, on: world.server.endpoint });
    await leak.exchange();
    await leak.client.close();
    await world.moment("before it closed itself");
    await self.client.close();
    leak.expect({ client: "FIN-WAIT-2", server: "CLOSE-WAIT" });
  },
};

/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "vlan-monitor-port",
  published: true,
  shows: "Recorded at a monitor port that adds VLAN tags, first 802.1Q, then 802.1ad with 802.1Q inside.",
  path: "mirrored relay",
  taps: [{ file: "vlan-monitor-port.pcap", host: "mirror" }],

  async play(world) {
    for (const tags of [
      [[0x8100, world.dice.between(2, 4094)]],
      [
        [0x88a8, 100],
        [0x8100, world.dice.between(2, 4094)],
      ],
    ]) {
      await world.relay.call("tags", { tags });
      for (const ip of /** @type {const} */ ([4, 6])) {
        const service = await world.listen({ ip });
        const [leak, healthy] = await world.openMany(2, service, { label: `${tags.length} tags` });
        for (const connection of [leak, healthy]) await connection.exchange();
        await leak.client.close();
        await healthy.closeByClient();
        leak.expect({ client: "FIN-WAIT-2", server: "CLOSE-WAIT", closer: "client", resetBy: null });
        healthy.expect({ client: "TIME-WAIT", server: "CLOSED", closer: "client", resetBy: null });
        await world.sleep(0.3);
      }
    }
  },
};

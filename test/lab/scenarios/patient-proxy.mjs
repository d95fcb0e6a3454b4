/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "patient-proxy",
  published: true,
  shows:
    "A proxy between clients and a server passes each FIN on; the server closes half of its connections and forgets the others, where the proxy is stuck on both legs. Recorded at the proxy.",
  path: "router",
  taps: [{ file: "patient-proxy.pcap", host: "router", interface: "any" }],

  async play(world) {
    const proxy = world.host("router");
    const service = await world.listen();
    const entrance = await proxy.endpoint.listen({ ip: proxy.v4, port: 3128 });
    for (let number = 0; number < 6; number++) {
      const isLeak = number % 2 === 0;
      const label = isLeak ? "forgotten by the server" : "healthy";
      const leg = await world.open(entrance, { label: `${label}, client to proxy` });
      const onward = await world.open(service, {
        label: `${label}, proxy to server`,
        on: proxy.endpoint,
        ip: proxy.v4,
      });
      const question = leg.question();
      const answer = leg.answer();
      await leg.client.send(question);
      await onward.client.send(await leg.server.receive(question.length));
      await onward.server.receive(question.length);
      await onward.server.send(answer);
      await leg.server.send(await onward.client.receive(answer.length));
      await leg.client.receive(answer.length);

      await leg.client.shutdown();
      await leg.server.receiveAll();
      await onward.client.shutdown();
      for (const connection of [leg, onward]) connection.expect({ client: "FIN-WAIT-2", server: "CLOSE-WAIT" });
      if (isLeak) continue;
      await onward.server.receiveAll();
      await onward.server.close();
      await onward.client.receiveAll();
      await onward.client.close();
      await leg.server.close();
      await leg.client.receiveAll();
      await leg.client.close();
      for (const connection of [leg, onward]) connection.expect({ client: "TIME-WAIT", server: "CLOSED" });
    }
    await world.sleep(1);
  },
};

import { describe, expect, it } from "vitest";
import { markingFlows } from "../../src/analysis/extras.ts";
import { parseKnownHosts } from "../../src/analysis/known-hosts.ts";
import type { Flow } from "../../src/analysis/model.ts";
import type { Reading } from "../../src/analysis/reading.ts";
import { parseServices } from "../../src/analysis/service-names.ts";
import { AnnotationLog } from "../../src/capture/annotations.ts";
import { analyzeCaptures } from "../../src/questions.ts";
import { conversation } from "../build/conversation.ts";
import { flow } from "../report/sample-analysis.ts";
import { CLOSE_WAIT } from "../tcp/told.ts";

const json = (value: unknown) => JSON.stringify(value);

/** A list, an address (and its name in the capture), and whether the list has it. */
const LISTS: readonly (readonly [name: string, list: string, known: readonly string[], unknown: readonly string[]])[] =
  [
    [
      "addresses, one a line",
      "# web\n10.0.0.1\n\n10.0.0.2 # the second\r\n2001:DB8::1\n",
      ["10.0.0.1", "10.0.0.2", "2001:db8::1"],
      ["10.0.0.3"],
    ],
    ["networks", "10.1.0.0/16\n2001:db8::/32", ["10.1.255.1", "2001:db8:ffff::1"], ["10.2.0.1", "2001:db9::1"]],
    ["with ports", "10.0.0.1:8080\n[2001:db8::1]:8080\n", ["10.0.0.1", "2001:db8::1"], ["10.0.0.8"]],
    ["/etc/hosts", "127.0.0.1 localhost\n10.0.0.1\tweb1 web1.example\n", ["10.0.0.1"], ["10.0.0.2", "10.0.0.2 web1"]],
    ["names", "Web1.example.\ndb\n", ["10.0.0.1 web1.example", "10.0.0.9 DB"], ["10.0.0.1", "10.0.0.1 web2.example"]],
    [
      "a JSON array",
      json(["10.0.0.1", "10.0.0.2:80", "10.3.0.0/24", "web1"]),
      ["10.0.0.1", "10.0.0.2", "10.3.0.7", "10.9.9.9 web1"],
      ["10.0.0.3"],
    ],
    [
      "Consul",
      json([
        { Node: { Node: "n1", Address: "10.0.0.1" }, Service: { Address: "10.0.0.2", Port: 8080, Tags: ["v10.0"] } },
      ]),
      ["10.0.0.1", "10.0.0.2"],
      ["10.0.0.3"],
    ],
    [
      "Eureka",
      json({
        applications: {
          application: [{ instance: [{ hostName: "web1", ipAddr: "10.0.0.1", homePageUrl: "http://10.0.0.4:80/x" }] }],
        },
      }),
      ["10.0.0.1", "10.0.0.7 web1", "10.0.0.4"],
      ["10.0.0.2"],
    ],
    [
      "Kubernetes endpoints",
      json({ items: [{ subsets: [{ addresses: [{ ip: "10.244.1.5", nodeName: "n1" }], ports: [{ port: 80 }] }] }] }),
      ["10.244.1.5"],
      ["10.244.1.6", "10.0.0.1 n1"],
    ],
    ["addresses for keys", json({ "10.0.0.1": { weight: 3 } }), ["10.0.0.1"], ["10.0.0.2"]],
  ];

describe("a list of known hosts", () => {
  it.each(LISTS)("%s", (_, list, known, unknown) => {
    const hosts = parseKnownHosts(list, "list");
    const found = (text: string) => hosts.has(...(text.split(" ") as [string, string?]));
    expect(known.filter((text) => !found(text))).toEqual([]);
    expect(unknown.filter(found)).toEqual([]);
  });

  it.each([
    ["", "list names no host: expected addresses, networks or names, or JSON with them"],
    ["[1, 2]", "list names no host: expected addresses, networks or names, or JSON with them"],
    ["{", "list begins like JSON and is none"],
    ["10.0.0.1\n\n10.0.0.300 # web", "list, line 3: 10.0.0.300 is no address or network"],
    ["web1\n10.0.0.0/40", "list, line 2: 10.0.0.0/40 is no address or network"],
  ])("%j is none", (text, message) => {
    expect(() => parseKnownHosts(text, "list")).toThrow(message);
  });

  it("may be nested as deep as it likes", () => {
    const deep = `${'{"a":'.repeat(5000)}"10.0.0.1"${"}".repeat(5000)}`;
    expect(() => parseKnownHosts(deep, "list")).toThrow("list names no host");
  });
});

it("marks peers and flows", async () => {
  const capture = conversation(`${CLOSE_WAIT}\n 10m -- other traffic`).pcap();
  const { flows, holders } = await analyzeCaptures([capture], { knownHosts: parseKnownHosts("10.0.0.2", "list") });
  expect(flows.map(({ known }) => known)).toEqual([{ client: false, server: true }]);
  expect(holders.flatMap(({ peers }) => peers.map(({ ip, known }) => [ip, known]))).toEqual([["10.0.0.1", false]]);
});

it("knows a network that is added after an address was asked for", () => {
  const hosts = parseKnownHosts("10.1.0.0/16", "list");
  expect(hosts.has("10.2.0.1")).toBe(false);
  hosts.add("10.2.0.0/16");
  expect(hosts.has("10.2.0.1")).toBe(true);
});

it("marks flows by the names that the captures gave so far", () => {
  const annotations = new AnnotationLog();
  const known: Flow["known"][] = [];
  const options = { knownHosts: parseKnownHosts("web1\nweb2", "list"), onFlow: (flow: Flow) => known.push(flow.known) };
  const mark = markingFlows({ options, captures: [{ annotations }] } as unknown as Reading);
  for (const [host, name] of [
    [3, "db"],
    [1, "web1"],
    [2, "web2"],
  ] as const) {
    annotations.nameHost(Uint8Array.of(10, 0, 0, host), name);
    mark?.(flow("10.0.0.1:40000", "10.0.0.2:8080", null));
  }
  expect(known).toEqual([
    { client: false, server: false },
    { client: true, server: false },
    { client: true, server: true },
  ]);
});

describe("a services file", () => {
  it("names TCP ports; the first name counts", () => {
    const names = parseServices(
      "# x\nredis 6379/tcp # cache\nother 6379/tcp\ndomain 53/udp\nhttp\t80/tcp www\nbad 70000/tcp",
      "p",
    );
    expect([...names]).toEqual([
      [6379, "redis"],
      [80, "http"],
    ]);
  });

  it("names the services of a result", async () => {
    const capture = conversation(`${CLOSE_WAIT}\n 10m -- other traffic`).pcap();
    const { services } = await analyzeCaptures([capture], {
      services: parseServices("http 8080/tcp\neph 40000/tcp", "p"),
    });
    expect(services).toEqual({ 8080: "http" });
  });
});

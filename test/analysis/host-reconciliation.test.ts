import { describe, expect, it } from "vitest";
import type { HostCheck } from "../../src/analysis/host-check.ts";
import { parseHostSockets } from "../../src/analysis/host-sockets.ts";
import { analyzeCaptures } from "../../src/questions.ts";
import { conversation } from "../build/conversation.ts";
import { CLOSE_WAIT } from "../tcp/told.ts";

async function checked(list: string, text = `${CLOSE_WAIT}\n 10m -- other traffic`): Promise<HostCheck> {
  const hostSockets = parseHostSockets(list, "ss.txt");
  const { host } = await analyzeCaptures([conversation(text).pcap()], { hostSockets });
  if (host === undefined) throw new Error("nothing was held against the capture");
  return host;
}

/** The conversation's own socket, by its host. */
const own = (state: string, queue = 1, more = "") => `${state} ${queue} 0 10.0.0.2:8080 10.0.0.1:40000 ${more}`;
const others = (count: number, queue = 0) =>
  Array.from({ length: count }, (_, index) => `CLOSE-WAIT ${queue} 0 10.0.0.2:8080 10.9.0.1:${1000 + index}`).join(
    "\n",
  );

describe("a host's list against the capture", () => {
  it("tells which half-closes began before it", async () => {
    const { closeWait, addresses, agree, differ } = await checked(`${own("CLOSE-WAIT")}\n${others(4497)}`);
    expect(addresses).toEqual(["10.0.0.2"]);
    expect(closeWait).toMatchObject({ onHost: 4498, inCapture: 1, agreed: 1, notInCapture: 4497, gone: 0 });
    expect({ agree, differ }).toEqual({ agree: 1, differ: 0 });
  });

  it("tells where they disagree", async () => {
    const { differ, compared } = await checked(own("ESTAB"));
    expect(differ).toBe(1);
    expect(compared).toMatchObject([{ onHost: "ESTABLISHED", inCapture: "CLOSE-WAIT", agrees: false }]);
  });

  it("tells which are gone", async () => {
    const { closeWait, compared } = await checked("ESTAB 0 0 10.0.0.2:22 10.0.0.9:50000");
    expect(closeWait).toMatchObject({ onHost: 0, gone: 1 });
    expect(compared).toMatchObject([{ onHost: null, inCapture: "CLOSE-WAIT", agrees: false }]);
  });

  it("knows nothing of a list from elsewhere", async () => {
    const { closeWait, agree, differ } = await checked("CLOSE-WAIT 0 0 172.16.0.1:80 172.16.0.2:40000");
    expect({ agree, differ, ...closeWait }).toMatchObject({
      agree: 0,
      differ: 0,
      gone: 0,
      inCapture: 0,
      notInCapture: 1,
    });
  });

  it("reads the receive queues", async () => {
    const list = [own("CLOSE-WAIT", 1), others(2, 0), "CLOSE-WAIT 2367 0 10.0.0.2:8080 10.9.9.9:1"].join("\n");
    const { closeWait } = await checked(list);
    expect(closeWait.recvQueue).toEqual({ "eof-read": 2, "fin-unread": 1, "data-unread": 1, unknown: 0 });
  });

  it("names the processes of an endpoint, and sockets that several of them have", async () => {
    const { endpoints, closeWait } = await checked(
      own("CLOSE-WAIT", 1, 'users:(("java",pid=7,fd=5),("sh",pid=8,fd=5))'),
    );
    expect(closeWait.shared).toBe(1);
    expect(endpoints).toEqual([
      {
        endpoint: { ip: "10.0.0.2", port: 8080 },
        closeWait: 1,
        inCapture: 1,
        processes: [
          { name: "java", pid: 7 },
          { name: "sh", pid: 8 },
        ],
      },
    ]);
  });

  it("compares the last of several incarnations", async () => {
    const again = `${CLOSE_WAIT}
      60  s > c  [F.]
      60.1  c > s  [.]
      --- isn c 900000 s 700000
      200  c > s  [S]
      200.1  s > c  [S.]
      200.2  c > s  [.]
      600  --  other traffic`;
    expect(await checked(own("ESTAB"), again)).toMatchObject({ agree: 1, differ: 0, closeWait: { gone: 0 } });
  });
});

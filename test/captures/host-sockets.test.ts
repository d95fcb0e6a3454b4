/** What `ss` printed on both hosts of a recording, as `--ss` reads it, held against the recording. */
import { describe, expect, it } from "vitest";
import { parseHostSockets } from "../../src/analysis/host-sockets.ts";
import { analyzeCaptures } from "../../src/questions.ts";
import { pathOf, RECORDING_NAMES } from "../laws/recordings.ts";
import { momentOf, settingsOf, truthOf } from "./kernel.ts";

const HOSTS = ["client", "server"] as const;

describe.each(HOSTS)("the %s's own list agrees", (host) => {
  it.each(RECORDING_NAMES)("with %s", async (name) => {
    const truth = truthOf(name);
    const stop = truth?.moments.at(-1);
    if (truth === undefined || stop === undefined) expect.fail(`test/truth/ has nothing about captures/${name}`);
    const own = stop.sockets.filter((socket) => socket.host === host);
    const lines = own.map(({ state, local, peer }) => `${state} 0 0 ${local} ${peer}`);
    const hostSockets = parseHostSockets(lines.join("\n"), "ss");
    expect(hostSockets).toMatchObject({ unreadLines: 0, leftOut: 0 });
    const { host: told } = await analyzeCaptures([pathOf(name)], {
      ...settingsOf(truth),
      until: momentOf(stop),
      hostSockets,
    });
    const waiting = own.filter(({ state }) => state === "CLOSE-WAIT").length;
    expect(told?.closeWait.onHost).toBe(waiting);
    const differing = told?.compared.filter(({ agrees }) => agrees === false) ?? [];
    expect(differing.map(({ local, peer, onHost, inCapture }) => ({ local, peer, onHost, inCapture }))).toEqual([]);
  });
});

/** Recording where things are missing, in another network namespace, and in a process that is killed. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { record, recordSkipReason } from "../../src/index.ts";
import { countTcpdumps } from "./service.ts";

const INDEX = new URL("../../dist/index.js", import.meta.url).href;
const reason = recordSkipReason();
const isRoot = process.getuid?.() === 0;
const directory = mkdtempSync(join(tmpdir(), "closewait-record-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** A program of its own, on the built package. */
const script = (text: string) => [
  "--input-type=module",
  "-e",
  `import * as closewait from ${JSON.stringify(INDEX)};\n${text}`,
];

const NOBODY = { uid: 65_534, gid: 65_534, cwd: "/" };

/** Why nobody cannot be asked; null if so: such a user must be able to run this Node and to read the built package. */
function nobodySkipReason(): string | null {
  if (reason !== null || !isRoot) return reason ?? "this is not root";
  const { error, status } = spawnSync(process.execPath, script(""), { ...NOBODY, stdio: "ignore" });
  if (error !== undefined) return `another user may not run this Node: ${(error as NodeJS.ErrnoException).code}`;
  return status === 0 ? null : "another user may not read dist/";
}

describe("recordSkipReason", () => {
  const ask = (options: object) =>
    spawnSync(process.execPath, script("console.log(closewait.recordSkipReason())"), {
      encoding: "utf8",
      ...options,
    }).stdout.trim();

  it("is null, or names what is missing", () => {
    expect(ask({})).toBe(String(reason));
  });

  it("says that tcpdump is not installed", () => {
    expect(ask({ env: { PATH: "/nowhere" } })).toBe("tcpdump is not installed (apt-get install tcpdump)");
  });

  const unasked = nobodySkipReason();
  it.skipIf(unasked !== null)(`says which privilege is missing (${unasked ?? "asked as nobody"})`, () => {
    const refused =
      "tcpdump may not capture on lo: run as root, or once: sudo setcap cap_net_raw,cap_net_admin=eip $(command -v tcpdump)";
    expect(ask(NOBODY)).toBe(refused);
  });
});

it("record says the same", () => {
  const text = "closewait.record({ port: 9 }, () => 42).catch(({ code, message }) => console.log(code, message))";
  const { stdout } = spawnSync(process.execPath, script(text), { encoding: "utf8", env: { PATH: "/nowhere" } });
  expect(stdout).toBe("cannot-record tcpdump is not installed (apt-get install tcpdump)\n");
});

describe.skipIf(reason !== null)(`a process that ends while it records (${reason ?? "tcpdump is there"})`, () => {
  const recordForever = (port: number, rest: string) =>
    script(`const directory = ${JSON.stringify(directory)};
      await closewait.record({ port: ${port}, directory }, async () => { console.log("recording"); ${rest} });`);

  const isGone = async (port: number) => {
    for (let waited = 0; waited < 5000 && countTcpdumps(port) > 0; waited += 20) await sleep(20);
    return countTcpdumps(port) === 0;
  };

  it.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)("by %s leaves no tcpdump behind", async (signal) => {
    const port = 61_000 + (process.pid % 1000);
    const child = spawn(process.execPath, recordForever(port, "await new Promise((end) => setTimeout(end, 3e7));"));
    await once(child.stdout, "data");
    expect(countTcpdumps(port)).toBe(1);
    child.kill(signal);
    await once(child, "exit");
    expect(await isGone(port)).toBe(true);
  });

  it("by itself, with code 0, leaves no file; with another, it says where the file is", async () => {
    const run = (code: number) => {
      rmSync(directory, { recursive: true });
      execFileSync("mkdir", [directory]);
      const text = `const directory = ${JSON.stringify(directory)};
        const { path } = await closewait.record({ port: 9, directory, settleSeconds: 0 }, () => 42);
        console.log(path); process.exitCode = ${code};`;
      const { stdout, stderr } = spawnSync(process.execPath, script(text), { encoding: "utf8" });
      return { path: stdout.trim(), stderr, files: readdirSync(directory).length };
    };
    expect(run(0)).toMatchObject({ stderr: "", files: 0 });
    const failed = run(1);
    expect(failed).toMatchObject({ stderr: `closewait: kept the capture: ${failed.path}\n`, files: 1 });
  });

  it("even while the body hangs and nothing else keeps it alive", async () => {
    const child = spawn(process.execPath, recordForever(61_999, "await new Promise(() => {});"));
    const [code] = await once(child, "exit");
    expect([code, await isGone(61_999)]).toEqual([13, true]); // 13: unsettled top-level await
  });
});

const netns = `closewait-${process.pid}`;
const hasNamespaces =
  reason === null && isRoot && spawnSync("ip", ["netns", "add", netns], { stdio: "ignore" }).status === 0;

describe.skipIf(!hasNamespaces)(`in a network namespace (root and ip: ${hasNamespaces})`, () => {
  afterAll(() => void spawnSync("ip", ["netns", "delete", netns]));

  it("records what passes there, and nothing of here", async () => {
    execFileSync("ip", ["-n", netns, "link", "set", "lo", "up"]);
    const conversation = `
      const { createServer, connect } = require("node:net");
      const server = createServer({ allowHalfOpen: true }, (socket) => socket.resume().on("error", () => {}));
      server.listen(8080, "127.0.0.1", () => connect(8080, "127.0.0.1").end("hello").on("finish", () => console.log("closed")));
      setTimeout(() => {}, 3e7);`;
    let service: ReturnType<typeof spawn> | undefined;
    try {
      expect(recordSkipReason({ netns })).toBeNull();
      const { analysis } = await record({ port: 8080, netns, directory }, async () => {
        service = spawn("ip", ["netns", "exec", netns, process.execPath, "-e", conversation]);
        if (service.stdout) await once(service.stdout, "data");
      });
      expect(analysis.totals).toMatchObject({ flows: 1, stuck: 1 });
      expect(countTcpdumps(8080)).toBe(0);
    } finally {
      service?.kill("SIGKILL");
    }
  });

  it("records on an interface that leads elsewhere", async () => {
    for (const command of [
      "link add out0 type veth peer name in0",
      "link set in0 up",
      "address add 10.9.9.1/24 dev out0",
      "link set out0 up",
    ]) {
      execFileSync("ip", ["-n", netns, ...command.split(" ")]);
    }
    const knock = 'require("node:net").connect(8080, "10.9.9.2").on("error", () => {}); setTimeout(process.exit, 100);';
    const where = { netns, interface: "out0", directory };
    const { analysis } = await record({ port: 8080, settleSeconds: 0, ...where }, async () => {
      // Nobody is there to answer, not even to resolve the address: it is made known.
      const neighbour = "neighbour add 10.9.9.2 lladdr 02:00:00:00:00:02 dev out0";
      execFileSync("ip", ["-n", netns, ...neighbour.split(" ")]);
      execFileSync("ip", ["netns", "exec", netns, process.execPath, "-e", knock]);
    });
    expect(analysis.flows).toMatchObject([{ client: { ip: "10.9.9.1" }, server: { ip: "10.9.9.2", port: 8080 } }]);
  });

  it("says so when there is no such namespace", async () => {
    const message = /^Cannot open network namespace "nope"/;
    expect(recordSkipReason({ netns: "nope" })).toMatch(message);
    await expect(record({ port: 8080, netns: "nope" }, () => 42)).rejects.toMatchObject({
      code: "cannot-record",
      message: expect.stringMatching(message),
    });
  });
});

import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { Filter } from "./filter.ts";
import { type InputName, unusable } from "./unusable.ts";

const NOT_INSTALLED: readonly unknown[] = ["ENOENT", "EACCES", "ENOTDIR"];

/** Starts a program that decompresses its standard input. null: it is not installed. */
export async function startProgram(
  command: string,
  name: InputName,
  options: readonly string[] = ["-dcq", "-"],
): Promise<Filter | null> {
  const child = spawn(command, options, {
    stdio: ["pipe", "pipe", "ignore"],
    // Ctrl-C in a terminal goes to all processes of a group. The program is ours to stop, or its end would look like damage.
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  for (const emitter of [child, child.stdin, child.stdout]) emitter.on("error", () => undefined);
  const exit = new Promise<NodeJS.Signals | number | null>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? code));
  });
  const error = await started(child);
  if (error === null) return programFilter(child, exit, command, name);
  if (NOT_INSTALLED.includes(error.code)) return null;
  const message = `the program ${command} cannot be started (${error.code}); decompress first (${command} -d)`;
  throw unusable("unreadable", name, message, undefined, error);
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

function started(child: Child): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    child.once("spawn", () => resolve(null));
    child.once("error", resolve);
  });
}

function programFilter(
  child: Child,
  exit: Promise<NodeJS.Signals | number | null>,
  command: string,
  name: InputName,
): Filter {
  let isStopped = false;
  return {
    input: child.stdin,
    output: child.stdout,
    async succeeded() {
      const end = await exit;
      if (typeof end === "number" || isStopped) return end === 0;
      throw unusable(
        "unreadable",
        name,
        `the program ${command} was killed (${end}); decompress first (${command} -d)`,
      );
    },
    async stop() {
      isStopped = true;
      child.kill("SIGKILL");
      child.stdin.destroy();
      child.stdout.destroy();
      await exit;
    },
  };
}

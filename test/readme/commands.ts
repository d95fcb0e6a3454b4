/** The commands in a README, and the output it shows of them. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { globSync } from "tinyglobby";

export interface Command {
  /** Line in the README, from 1. */
  readonly line: number;
  readonly text: string;
  /** As a shell in the project's root runs it. */
  readonly script: string;
  readonly exitCode: number;
}

/** Commands, and the block of output that follows them directly. */
export interface Example {
  readonly commands: readonly Command[];
  readonly output: { readonly firstLine: number; readonly lines: readonly string[] } | null;
}

const OURS = /^(npm ci && |head -c 32 \/dev\/urandom > \S+ && )?(npx closewait|node bin\/closewait\.js)( |$)/;
const EXITS = /#.*\bexits (\d+)/;

/** Every block of commands: fenced as `sh`, or indented. */
export function examplesOf(readme: string): Example[] {
  const lines = readme.split("\n");
  const examples: Example[] = [];
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] as string;
    if (line.startsWith("```")) {
      const end = lines.indexOf("```", index + 1);
      if (end === -1) throw new Error(`line ${index + 1}: this block has no end`);
      if (line === "```sh") {
        examples.push({
          commands: commandsOf(lines.slice(index + 1, end), index + 2),
          output: outputAfter(lines, end),
        });
      }
      index = end;
    } else if (/^ {4}\S/.test(line) && isBlank(lines[index - 1])) {
      const length = lines.slice(index).findIndex((other) => !/^ {4}/.test(other));
      const end = length === -1 ? lines.length : index + length;
      const block = lines.slice(index, end).map((other) => other.slice(4));
      examples.push({ commands: commandsOf(block, index + 1), output: null });
      index = end - 1;
    }
  }
  return examples;
}

const isBlank = (line: string | undefined): boolean => line === undefined || line.trim() === "";

function commandsOf(lines: readonly string[], firstLine: number): Command[] {
  const commands: Command[] = [];
  let start = 0;
  for (const [index, line] of lines.entries()) {
    if (line.endsWith("\\")) continue;
    const text = lines
      .slice(start, index + 1)
      .map((part) => part.replace(/\\$/, "").trim())
      .join(" ")
      .replace(/^\$ /, "");
    if (/closewait/.test(text) && !text.startsWith("#")) {
      const exitCode = Number(EXITS.exec(text)?.[1] ?? 0);
      const script = text.replace(OURS, (_, before = "", __, after) => {
        // What sets up is done already.
        return `${before.startsWith("npm") ? "" : before}node bin/closewait.js${after}`;
      });
      commands.push({ line: firstLine + start, text, script, exitCode });
    }
    start = index + 1;
  }
  return commands;
}

function outputAfter(lines: readonly string[], end: number): Example["output"] {
  const next = lines.findIndex((line, index) => index > end && !isBlank(line));
  if (lines[next] !== "```text") return null;
  return { firstLine: next + 1, lines: lines.slice(next + 1, lines.indexOf("```", next + 1)) };
}

/** Why a command cannot be run here; null if it can. */
export function whyNotRun({ text }: Command, root: string): string | null {
  if (!OURS.test(text)) return "needs more than closewait";
  const [command = ""] = text.replace(OURS, "").split(/ #| \| /);
  const words = command.split(" ").map((word) => word.replace(/^(['"])(.*)\1$/, "$2"));
  if (words.includes("-") || words.includes("-i")) return "reads what is not there yet";
  const inputs = words
    .filter((_, index) => words[index - 1] !== "-o")
    .filter((word) => word.endsWith("/") || /\.(pcap|pcapng|cap)(\.\w+)?\d*$/.test(word));
  const missing = inputs.filter((path) => !exists(path, root));
  return missing.length === 0 ? null : `${missing.join(", ")} does not exist`;
}

function exists(path: string, root: string): boolean {
  return path.includes("*")
    ? globSync(path, { cwd: root }).length > 0
    : existsSync(path.startsWith("/") ? path : join(root, path));
}

/** Whether what is shown is the output; a line of `…` stands for any number of lines. */
export function shows(shown: readonly string[], output: readonly string[]): boolean {
  const [line, ...rest] = shown;
  if (line === undefined) return output.length === 0;
  if (line.trim() === "…") return output.some((_, index) => shows(rest, output.slice(index))) || rest.length === 0;
  return line === output[0] && shows(rest, output.slice(1));
}

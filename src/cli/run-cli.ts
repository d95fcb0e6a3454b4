import { EXIT_CODES } from "./exit-code.ts";
import { reportFailure } from "./failure.ts";
import type { CliIo } from "./io.ts";
import { createProgram } from "./program.ts";

/** Runs one command line and returns the exit code. Everything heavy is loaded only once a command runs. */
export async function runCli(argv: readonly string[], io: CliIo): Promise<number> {
  let code: number = EXIT_CODES.analyzed;
  const program = createProgram(io, async (invocation) => {
    const { refuseMisplacedCommand } = await import("./misplaced-command.ts");
    refuseMisplacedCommand(invocation.captures, io.fileExists);
    const { runCommand } = await import("./run-command.ts");
    code = await runCommand(invocation, io);
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    return reportFailure(error, io);
  }
}

import type { AnalyzeOptions } from "../analysis/options.ts";
import { listenForInterrupt } from "./interrupt.ts";
import type { CliIo, Output, Questions } from "./io.ts";
import { printWarnings } from "./print-warnings.ts";
import type { Settings } from "./settings.ts";

/** How a command comes to its answer, and how it tells it. */
export interface Dialogue<Answer> {
  ask(questions: Questions, options: AnalyzeOptions, output: Output): Promise<Answer>;
  tell(answer: Answer, output: Output): void;
}

/**
 * Asks a question of the captures and prints the answer. The output is opened first: a wrong path is noticed before an
 * hour of reading. On Ctrl-C the answer is what is known until then.
 */
export async function ask<Answer>(
  captures: readonly string[],
  settings: Settings,
  dialogue: Dialogue<Answer>,
  io: CliIo,
): Promise<Answer> {
  const file = settings.outputPath === null ? null : await io.openFile(settings.outputPath, captures);
  const output = file ?? io.stdout;
  try {
    const answer = await listen(settings, dialogue, output, io);
    dialogue.tell(answer, output);
    file?.close();
    return answer;
  } catch (error) {
    file?.discard();
    throw error;
  }
}

/** Asks, with progress on a terminal, until there is an answer or Ctrl-C. */
export async function listen<Answer>(
  settings: Settings,
  dialogue: Dialogue<Answer>,
  output: Output,
  io: CliIo,
): Promise<Answer> {
  const progress = settings.progress && io.openProgress !== null ? await io.openProgress() : null;
  const interrupt = listenForInterrupt(io);
  try {
    const options: AnalyzeOptions = {
      ...settings.options,
      signal: interrupt.signal,
      onRead: settings.detail === "quiet" ? undefined : (read) => printWarnings(read, io),
      onProgress: progress === null ? undefined : (state) => progress.update(state),
    };
    const answer = await dialogue.ask(await io.loadQuestions(), options, output);
    if (interrupt.signal.aborted) io.stderr.write("closewait: interrupted: this is what was known until then\n");
    return answer;
  } finally {
    progress?.stop();
    interrupt.stop();
  }
}

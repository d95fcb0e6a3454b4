import { CloseWaitError } from "../../errors.ts";

/** Parses the value of an option; what is wrong with it begins with the option's name. */
export function inOption<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof CloseWaitError)) throw error;
    throw new CloseWaitError(error.code, `${name}: ${error.message}`);
  }
}

/** The same for an option that may be given several times. */
export function eachInOption<T>(name: string, texts: readonly string[] | undefined, parse: (text: string) => T): T[] {
  return (texts ?? []).map((text) => inOption(name, () => parse(text)));
}

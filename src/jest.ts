/**
 * `import "closewait/jest"` adds the matchers to Jest's global `expect`; without a global one, `expect.extend(matchers)` does.
 *
 * @packageDocumentation
 */
import type { CloseWaitMatchers } from "./matchers/matcher-types.ts";
import { matchers } from "./matchers/matchers.ts";

export type { CloseWaitMatchers, HalfClosedOptions, NoStuckFlowsOptions } from "./matchers/matcher-types.ts";
export type { Age } from "./matchers/no-stuck-flows.ts";
export { matchers };

const { expect } = globalThis as { readonly expect?: { extend?(added: typeof matchers): void } };
expect?.extend?.(matchers);

declare global {
  namespace jest {
    // The parameters have to be named as in @types/jest.
    // biome-ignore lint/complexity/noBannedTypes: see above.
    interface Matchers<R, T = {}> extends CloseWaitMatchers<R | Promise<R>> {}
    // biome-ignore lint/suspicious/noExplicitAny: asymmetric matchers stand for any value, as Jest's own do.
    interface Expect extends CloseWaitMatchers<any> {}
  }
}

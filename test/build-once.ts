import { execFileSync } from "node:child_process";

/** Tests of the command line run what users run: `bin/closewait.js` on a fresh `dist/`. */
export function setup(): void {
  execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "--build"], {
    cwd: new URL("..", import.meta.url),
    stdio: "inherit",
  });
}

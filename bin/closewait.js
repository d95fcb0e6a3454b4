#!/usr/bin/env node
import { existsSync } from "node:fs";

const main = new URL("../dist/cli/main.js", import.meta.url);

if (existsSync(main)) {
  const cli = await import(main.href);
  await cli.main(process.argv.slice(2));
} else {
  process.stderr.write("closewait: not built yet (there is no dist/): run npm ci, or npm run build\n");
  process.exitCode = 2;
}

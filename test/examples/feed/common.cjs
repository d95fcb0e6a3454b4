// From CommonJS: by `await import`.
async function main() {
  const { analyze, assertNoStuckFlows, CloseWaitError } = await import("closewait");
  const { totals } = await analyze(process.argv[2]);
  console.log(totals.stuck, typeof assertNoStuckFlows, new CloseWaitError("usage", "").name);
}
main();

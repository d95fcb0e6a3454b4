import "../test/lab/record.mjs";

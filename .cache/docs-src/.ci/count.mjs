/** `node count.mjs REPORT STATUS`: vitest's JSON report as one plain line, `N passed, N failed`; exits 1 when anything failed. */
import { readFileSync } from 'node:fs';

const [file, status] = process.argv.slice(2);

function read() {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

const report = read();
const passed = report?.numPassedTests ?? 0;
const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
// A file that does not load has failed without a test of its own.
const unloaded = (report?.testResults ?? []).filter((each) => each.status === 'failed' && each.assertionResults.length === 0);
for (const each of unloaded) console.log(`did not load: ${each.name}`);
let failed = (report?.numFailedTests ?? 0) + unloaded.length;
if (failed === 0 && (status !== '0' || passed === 0)) {
  // A crash, an unhandled error or a time-out: no test of its own either, and yet no success.
  console.log(report === undefined ? 'the test runner left no report' : `the test runner ended with status ${status}`);
  failed = 1;
}
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed === 0 ? 0 : 1);

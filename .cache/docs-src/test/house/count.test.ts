import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(path.join(tmpdir(), 'anomalyd-count-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Exit code and last line of `.ci/count.mjs` over a report (or none) of a run that ended with `status`. */
function count(report: object | string | undefined, status: number): readonly [number | null, string | undefined] {
  const file = path.join(folder, 'report.json');
  rmSync(file, { force: true });
  if (report !== undefined) writeFileSync(file, typeof report === 'string' ? report : JSON.stringify(report));
  const script = path.resolve(import.meta.dirname, '../../.ci/count.mjs');
  const run = spawnSync(process.execPath, [script, file, String(status)], { encoding: 'utf8' });
  return [run.status, run.stdout.trimEnd().split('\n').pop()];
}

const loaded = { status: 'passed', assertionResults: [{}] };
const unloaded = { name: 'a.test.ts', status: 'failed', assertionResults: [] };

describe('the closing line of CI', () => {
  it.each([
    ['all passed', { numPassedTests: 12, numFailedTests: 0, testResults: [loaded] }, 0, 0, '12 passed, 0 failed'],
    [
      'some skipped',
      { numPassedTests: 2, numFailedTests: 0, numPendingTests: 3, numTodoTests: 1 },
      0,
      0,
      '2 passed, 0 failed, 4 skipped',
    ],
    ['some failed', { numPassedTests: 2, numFailedTests: 3 }, 1, 1, '2 passed, 3 failed'],
    [
      'a file that does not load',
      { numPassedTests: 2, numFailedTests: 0, testResults: [loaded, unloaded] },
      1,
      1,
      '2 passed, 1 failed',
    ],
    ['an unhandled error beside passing tests', { numPassedTests: 2, numFailedTests: 0 }, 1, 1, '2 passed, 1 failed'],
    ['a run without tests', { numPassedTests: 0, numFailedTests: 0 }, 0, 1, '0 passed, 1 failed'],
    ['a crash before the report', undefined, 134, 1, '0 passed, 1 failed'],
    ['a torn report', '{"numPassed', 124, 1, '0 passed, 1 failed'],
  ])('%s', (_title, report, status, code, line) => {
    expect(count(report, status)).toEqual([code, line]);
  });
});

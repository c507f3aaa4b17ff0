/** docs/benchmarks.md as it stands, on two files of SKAB. */
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { runPage } from '../docs/runner.js';
import { hasSkab, skab } from '../docs/skab.js';
import { has, real } from '../fixtures/tools.js';

const title = hasSkab
  ? 'the page about benchmarks'
  : 'the page about benchmarks [skipped: needs SKAB, its data folder in ANOMALYD_SKAB]';

describe.skipIf(!hasSkab || !has('jq'))(real(title, 'jq'), () => {
  it('evaluates part of a set', { timeout: 120_000 }, async () => {
    const run = await runPage('docs/benchmarks.md', { SKAB: skab });
    expect(run.exitCode, run.output).toBe(0);
    const { set, files, summary, perFile } = JSON.parse(readFileSync(path.join(run.dir, 'skab.json'), 'utf8'));
    expect([set, files, perFile.length]).toEqual(['skab', 2, 2]);
    expect(summary.anomalyd.f1).toBeGreaterThan(0.9);
    expect(summary.anomalyd.f1).toBeGreaterThan(summary.pca.f1);
    expect(readFileSync(path.join(run.dir, 'skab.html'), 'utf8')).toContain('other/9');
    rmSync(run.dir, { recursive: true });
  });
});

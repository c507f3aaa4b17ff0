/** Real data, the whole way: docs/skab.md as it stands, with a real broker; the alarm must begin inside the labelled anomaly and not before. */
import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runPage } from '../docs/runner.js';
import { hasSkab, readWalk, skab } from '../docs/skab.js';
import { has, real } from '../fixtures/tools.js';

const tools = ['mosquitto', 'mosquitto_pub', 'curl', 'jq'];
const title = hasSkab
  ? 'the SKAB walk-through'
  : 'the SKAB walk-through [skipped: needs SKAB, its data folder in ANOMALYD_SKAB]';

describe.skipIf(!hasSkab || !has(...tools))(real(title, ...tools), () => {
  it('raises the alarm inside the labelled anomaly, and nothing before', { timeout: 120_000 }, async () => {
    const run = await runPage('docs/skab.md', { SKAB: skab });
    expect(run.exitCode, run.output).toBe(0);
    const { alerts, label, times, severity } = readWalk(run.dir);
    const [first] = alerts;
    expect(first).toMatchObject({ asset: 'pump', type: 'machine-anomaly', event: 'raised' });
    // When it was told, not when it says that it began.
    const told = Date.parse(first?.time ?? '') / 1000;
    expect(told).toBeGreaterThanOrEqual(label.from);
    expect(told).toBeLessThan(label.from + 15);
    expect(Date.parse(first?.startsAt ?? '') / 1000).toBeGreaterThanOrEqual(label.from - 1);
    expect(first?.diagnostics[0]?.signal).toMatch(/^vibration-/);
    const before = severity.filter((_, i) => (times[i] ?? 0) < label.from);
    expect(before.length).toBeGreaterThan(550);
    expect(Math.max(...before)).toBeLessThan(1);
    rmSync(run.dir, { recursive: true });
  });
});

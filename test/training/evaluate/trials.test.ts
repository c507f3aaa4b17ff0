import { describe, expect, it } from 'vitest';
import { Random } from '../../../model/random.js';
import { normalPart, trialsOf } from '../../../training/evaluate/trials.js';
import { runsOf } from '../../../training/measures/runs.js';
import type { Series } from '../../../training/sets/series.js';

function series(later: number): Series {
  const random = new Random('trials test');
  const [rows, fitRows, C] = [900, 400, 3];
  return {
    name: 'one',
    channels: ['a', 'b', 'still'],
    periodMs: 1000,
    rows,
    fitRows,
    values: Float64Array.from({ length: rows * C }, (_, i) => {
      const noise = random.normal();
      return i % C === 2 ? 7 : i < fitRows * C ? noise : later;
    }),
    labels: Uint8Array.from({ length: rows }, (_, i) => (i >= 500 ? 1 : 0)),
    timesS: Float64Array.from({ length: rows }, (_, i) => i),
  };
}

describe('trials', () => {
  const untouched = normalPart(series(0));
  const spoiled = trialsOf(untouched);

  it('are of the normal rows alone: what comes later changes nothing', () => {
    expect(untouched).toMatchObject({ rows: 400, fitRows: 240 });
    expect(untouched.labels.includes(1)).toBe(false);
    expect(trialsOf(normalPart(series(1e6)))).toEqual(spoiled);
  });

  it('judge the last rows of a long recording, far from what was learned', () => {
    const rows = 10_000;
    const values = Float64Array.from({ length: rows }, (_, i) => i);
    const labels = new Uint8Array(rows);
    const long = normalPart({ ...series(0), channels: ['a'], rows, fitRows: rows, values, timesS: values, labels });
    expect(long).toMatchObject({ rows: 7600, fitRows: 6000 });
    expect([long.values[5999], long.values[6000], long.values[7599]]).toEqual([5999, 8400, 9999]);
  });

  it('have one labelled fault each, in rows that are judged and in signals that move', () => {
    for (const { labels, values } of spoiled) {
      const [run, ...others] = runsOf(labels);
      expect(others).toEqual([]);
      expect(run!.start).toBeGreaterThan(untouched.fitRows);
      expect(run!.end).toBeLessThan(untouched.rows - 1);
      let changed = 0;
      values.forEach((value, i) => {
        const row = Math.floor(i / 3);
        if (value === untouched.values[i]) return;
        changed++;
        expect([row >= run!.start && row <= run!.end, i % 3 === 2]).toEqual([true, false]);
      });
      expect(changed).toBeGreaterThan(0);
    }
  });

  it('are none where nothing moves', () => {
    expect(trialsOf({ ...untouched, values: untouched.values.map(() => 1) })).toEqual([]);
  });
});

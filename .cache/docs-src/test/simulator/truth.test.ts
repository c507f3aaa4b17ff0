import { expect, it } from 'vitest';
import type { Fault } from '../../simulator/scenario.js';
import { groundTruth } from '../../simulator/truth.js';

const startMs = Date.UTC(2026, 0, 5, 8);

it('says what was wrong, when it began, when it could be seen and when it ended', () => {
  const scenario: Fault[] = [
    {
      asset: 'pump-2',
      kind: 'sensor',
      fault: 'drift',
      signal: 'flow',
      startS: 120,
      growthS: 100,
      severity: 1,
      endS: 900,
    },
    { asset: 'pump-1', kind: 'machine', fault: 'imbalance', startS: 60, growthS: 300, severity: 1, endS: 400 },
    { asset: 'pump-3', kind: 'sensor', fault: 'gap', startS: 180, growthS: 0, severity: 1, endS: 200 },
  ];
  const truth = groundTruth({ assets: ['pump-1', 'pump-2', 'pump-3'], startMs, durationS: 600, scenario });
  expect(truth).toEqual({
    assets: ['pump-1', 'pump-2', 'pump-3'],
    from: '2026-01-05T08:00:00.000Z',
    to: '2026-01-05T08:10:00.000Z',
    faults: [
      {
        id: 'pump-1/imbalance/1',
        asset: 'pump-1',
        kind: 'machine',
        fault: 'imbalance',
        signals: ['vibration', 'temperature'],
        start: '2026-01-05T08:01:00.000Z',
        // ln(1 + 0.1 (e^2 - 1)) / 2 of 300 s.
        onset: '2026-01-05T08:02:14.104Z',
        end: '2026-01-05T08:06:40.000Z',
      },
      {
        id: 'pump-2/drift/2',
        asset: 'pump-2',
        kind: 'sensor',
        fault: 'drift',
        signals: ['flow'],
        start: '2026-01-05T08:02:00.000Z',
        onset: '2026-01-05T08:02:10.000Z',
        // The run ended before the repair.
        end: '2026-01-05T08:10:00.000Z',
      },
      {
        id: 'pump-3/gap/3',
        asset: 'pump-3',
        kind: 'sensor',
        fault: 'gap',
        signals: ['temperature', 'pressure', 'flow', 'current', 'vibration'],
        start: '2026-01-05T08:03:00.000Z',
        onset: '2026-01-05T08:03:00.000Z',
        end: '2026-01-05T08:03:20.000Z',
      },
    ],
  });
});

import { describe, expect, it } from 'vitest';
import { formatAlert, formatJudgement, type PrintedAlert, painter } from '../../../simulator/demo/print.js';
import { judge } from '../../../simulator/judge.js';

const plain = painter(false, {});
const alert: PrintedAlert = {
  id: 'a1',
  asset: 'pump-3',
  type: 'machine-anomaly',
  state: 'active',
  event: 'raised',
  time: '2026-01-05T12:03:20.000Z',
  startsAt: '2026-01-05T12:02:41.000Z',
  severity: 'high',
  suspect: null,
  reason: 'vibration above what was learned',
  diagnostics: [
    { signal: 'vibration', contribution: 0.71, expected: 1.318, actual: 4.213, unit: 'mm/s' },
    { signal: 'flow', contribution: 0.2, expected: 101.26, actual: null, unit: 'm3/h' },
    { signal: 'current', contribution: 0.02, expected: 20, actual: 21, unit: 'A' },
  ],
};

describe('formatAlert', () => {
  it('says which asset, what, since when, which signals, expected and actual with units', () => {
    expect(formatAlert(alert, plain)).toBe(
      [
        '12:03:20  pump-3 is not behaving like itself (high) since 12:02:41',
        '          vibration    4.21 mm/s      expected 1.32    71 %',
        '          flow         missing        expected 101.3   20 %',
        '          vibration above what was learned',
      ].join('\n'),
    );
  });

  it('says what changed after it was raised, and when it is over', () => {
    expect(formatAlert({ ...alert, event: 'escalated', severity: 'critical' }, plain)).toContain(
      '(critical, escalated)',
    );
    const over = { ...alert, event: 'cleared', state: 'normal', time: '2026-01-05T12:09:00.000Z' };
    expect(formatAlert(over, plain)).toBe('12:09:00  pump-3 is not behaving like itself: over');
  });

  it('a sensor fault has no diagnosis, only a reason', () => {
    const sensor = { ...alert, type: 'sensor-fault', severity: 'warning', diagnostics: [], reason: 'flow is stuck' };
    expect(formatAlert(sensor, plain)).toBe(
      '12:03:20  pump-3 has a sensor fault (warning) since 12:02:41\n          flow is stuck',
    );
  });

  it('colours on terminals only, and not against the will of their owner', () => {
    expect(formatAlert(alert, painter(true, {}))).toContain('\u001b[31m');
    for (const paint of [plain, painter(true, { NO_COLOR: '1' }), painter(true, { TERM: 'dumb' })]) {
      expect(formatAlert(alert, paint)).not.toContain('\u001b');
    }
    const suspect = { ...alert, suspect: { verdict: 'sensor', signals: ['vibration'] } };
    expect(formatAlert(suspect, painter(true, {}))).not.toContain('\u001b[31m');
  });
});

it('formatJudgement is a table fault by fault, with what was wrong below', () => {
  const fault = {
    id: '1',
    asset: 'pump-3',
    kind: 'machine',
    fault: 'imbalance',
    signals: ['vibration', 'temperature'],
    start: '2026-01-05T12:00:00.000Z',
    onset: '2026-01-05T12:01:00.000Z',
    end: '2026-01-05T12:10:00.000Z',
  } as const;
  const late = { ...fault, id: '2', asset: 'pump-4', kind: 'sensor', fault: 'drift', signals: ['flow'] } as const;
  const truth = { assets: [], from: fault.start, to: fault.end, faults: [fault, late] };
  const wrong: PrintedAlert = { ...alert, id: 'a2', asset: 'pump-1' };
  for (const paint of [plain, painter(true, {})]) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes start with the escape character.
    expect(formatJudgement(judge(truth, [alert, wrong]), paint).replace(/\u001b\[\d+m/g, '')).toBe(
      [
        'asset   kind     fault       from-to            result    delay        what was said',
        'pump-3  machine  imbalance   12:00:00-12:10:00  detected  after 200 s  vibration above what was learned',
        'pump-4  sensor   drift flow  12:00:00-12:10:00  missed',
        'false alarm: pump-1 at 12:03:20, vibration above what was learned',
      ].join('\n'),
    );
  }
});

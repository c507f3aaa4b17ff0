import { describe, expect, it } from 'vitest';
import { startMs } from './batches.js';
import { run, silence, watched } from './watched.js';

describe('sensor fault', () => {
  it('needs persistence: single spikes are nothing', () => {
    const { feed, changes } = watched();
    for (let k = 0; k < 20; k++)
      feed(...run(300 * k, 300 * k, { health: ['spike', 'pass', 'pass'] }), ...run(300 * k + 1, 300 * k + 299, {}));
    expect(changes).toEqual([]);
  });

  it('is told of spikes that come again and again, good values between', () => {
    const { feed, alerts } = watched();
    for (let k = 0; k < 6; k++)
      feed(...run(20 * k, 20 * k, { health: ['pass', 'spike', 'pass'] }), ...run(20 * k + 1, 20 * k + 19, {}));
    expect(alerts()).toHaveLength(1);
    expect(alerts()[0]!.message).toMatchObject({ type: 'sensor-fault', suspect: { verdict: 'sensor' } });
    expect(alerts()[0]!.message.signals).toMatchObject([{ signal: 'temperature', fault: 'spike' }]);
  });

  it('takes a new level that is believed at last for one spike', () => {
    const { feed, changes } = watched();
    feed(...run(0, 2, { health: ['spike', 'pass', 'pass'] }), ...run(3, 400, {}));
    expect(changes).toEqual([]);
  });

  it('is one alarm of the asset that lists the signals', () => {
    const { feed, alerts } = watched();
    feed(...run(0, 30, { health: ['pass', 'missing', 'flat-line'] }));
    expect(alerts()).toHaveLength(1);
    expect(alerts()[0]?.message).toMatchObject({
      type: 'sensor-fault',
      severity: 'warning',
      startsAt: '2026-03-01T14:00:00.000Z',
      reason: 'temperature gives no readings; flow is stuck',
      signals: [
        { signal: 'temperature', fault: 'missing', since: '2026-03-01T14:00:00.000Z' },
        { signal: 'flow', fault: 'flat-line', since: '2026-03-01T14:00:00.000Z' },
      ],
    });
  });

  it('that another signal joins needs another acknowledgement', () => {
    const { feed, alarms, kinds, alerts } = watched();
    feed(...run(0, 30, { health: ['pass', 'missing', 'pass'] }));
    alarms.command({ target: { asset: 'pump-1' }, action: { kind: 'ack' }, ...silence }, startMs + 31_000);
    feed(...run(32, 60, { health: ['pass', 'missing', 'out-of-range'] }));
    expect(kinds()).toEqual(
      ['pending', 'raised', 'acknowledged', 'widened'].map((kind) => `pump-1 sensor-fault ${kind}`),
    );
    expect(alerts().at(-1)?.message).toMatchObject({
      state: 'active',
      signals: [{ signal: 'temperature' }, { signal: 'flow' }],
    });
  });

  it('ends when the signals are well again', () => {
    const { feed, kinds } = watched();
    feed(...run(0, 100, { health: ['pass', 'missing', 'pass'] }), ...run(101, 200, {}));
    expect(kinds()).toEqual(['pending', 'raised', 'cleared'].map((kind) => `pump-1 sensor-fault ${kind}`));
  });

  it('is none when everything is missing, and can be switched off', () => {
    const all = watched();
    all.feed(...run(0, 100, { health: ['missing', 'missing', 'missing'], mode: 'no-data' }));
    expect(all.changes).toEqual([]);
    const off = watched({ sensorFaults: false });
    off.feed(...run(0, 100, { health: ['missing', 'pass', 'pass'] }));
    expect(off.changes).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { alarmConfigSchema } from '../../../daemon/alarm/config.js';
import { batch, channels, pumps, startMs } from './batches.js';
import { run, watched } from './watched.js';

describe('silent assets', () => {
  it('are an alarm that ends when they speak', () => {
    const { alarms, feed, changes } = watched();
    feed(...run(0, 0, {}));
    alarms.silent(0, 0, startMs, 1000, startMs + 60_000);
    expect(changes[0]?.message).toMatchObject({
      type: 'data-stale',
      state: 'active',
      startsAt: '2026-03-01T14:00:00.000Z',
      message:
        'pump-1: no data since 2026-03-01 14:00:00 UTC (usually every 1 s). Nothing is known of it until data come again.',
    });
    alarms.silent(0, 0, null, null, startMs + 90_000);
    expect(changes.map(({ transition }) => transition?.kind)).toEqual(['raised', 'cleared']);
  });
});

describe('an asset that is silent again and again', () => {
  it('is flapping: it stays until it has been heard for long, and then it ends', () => {
    const { alarms, feed, changes } = watched({ flapWindowS: 7200, flapHoldS: 3600 });
    feed(...run(0, 0, {}));
    for (const minute of [0, 20, 40]) {
      const at = startMs + minute * 60_000;
      alarms.silent(0, 0, at, 1000, at + 60_000);
      alarms.silent(0, 0, null, null, at + 90_000);
    }
    const heardMs = startMs + 41.5 * 60_000;
    alarms.tick(heardMs + 3_599_000);
    expect(changes.map(({ transition }) => transition?.kind)).toEqual(['raised', 'cleared', 'raised']);
    alarms.tick(heardMs + 3_600_000);
    expect(changes.at(-1)).toMatchObject({ retained: false, transition: { kind: 'cleared', alert: true } });
    expect(changes.at(-1)?.message.endsAt).toBe(new Date(heardMs).toISOString());
  });
});

describe('restart and reload', () => {
  it('an alarm survives a restart under its id and is not told again', () => {
    const first = watched();
    first.feed(...run(0, 5, { severity: 2.5 }));
    const second = watched();
    second.alarms.restore(JSON.parse(JSON.stringify(first.alarms.snapshot())));
    expect(second.alarms.retained()).toEqual(first.alarms.retained());
    second.feed(...run(10, 20, { severity: 2.5 }), ...run(21, 81, {}));
    expect(second.kinds()).toEqual(['pump-1 machine-anomaly refresh', 'pump-1 machine-anomaly cleared']);
    expect(second.changes[0]?.message.id).toBe(first.changes[0]?.message.id);
  });

  it('a reload takes other settings for the alarms that are open', () => {
    const { alarms, feed, kinds } = watched();
    feed(...run(0, 0, { severity: 1.5 }));
    alarms.reload(alarmConfigSchema.parse({ acknowledge: 'required', offDelayS: 20 }), 'ef'.repeat(32));
    feed(...run(1, 21, {}));
    expect(kinds()).toEqual(['pump-1 machine-anomaly raised', 'pump-1 machine-anomaly cleared']);
    expect(alarms.retained()[0]).toMatchObject({ state: 'cleared-unacknowledged', config: 'ef'.repeat(32) });
  });

  it('no quiet time counts from before a restart, as nobody watched', () => {
    const first = watched();
    first.feed(...run(0, 5, { severity: 1.5 }), ...run(6, 60, {}));
    const second = watched();
    second.alarms.restore(JSON.parse(JSON.stringify(first.alarms.snapshot())));
    second.feed(...run(3600, 3659, {}));
    expect(second.kinds()).toEqual([]);
    second.feed(...run(3660, 3660, {}));
    expect(second.kinds()).toEqual(['pump-1 machine-anomaly cleared']);
  });

  it('a sensor is as faulty after a restart as before', () => {
    const first = watched();
    first.feed(...run(0, 30, { health: ['pass', 'missing', 'pass'] }));
    const second = watched();
    second.alarms.restore(JSON.parse(JSON.stringify(first.alarms.snapshot())));
    second.feed(...run(31, 100, { health: ['pass', 'missing', 'pass'] }));
    expect(second.kinds()).toEqual([]);
    expect(second.alarms.retained()[0]?.signals).toMatchObject([{ signal: 'temperature', fault: 'missing' }]);
    second.feed(...run(101, 300, {}));
    expect(second.kinds()).toEqual(['pump-1 sensor-fault cleared']);
  });

  it('a reload that switches sensor faults off ends the one that is open', () => {
    const { alarms, feed, kinds } = watched();
    feed(...run(0, 30, { health: ['pass', 'missing', 'pass'] }));
    alarms.reload(alarmConfigSchema.parse({ sensorFaults: false }), null);
    feed(...run(31, 100, { health: ['pass', 'missing', 'pass'] }));
    expect(kinds()).toEqual(['pending', 'raised', 'cleared'].map((kind) => `pump-1 sensor-fault ${kind}`));
  });

  it('another bundle takes over with the alarms that are open', () => {
    const { alarms, feed, kinds } = watched();
    feed(...run(0, 0, { severity: 1.5 }));
    alarms.setBundle(0, pumps(['pump-1'], { version: '2', channels: channels.slice(0, 2) }));
    alarms.results(
      0,
      {
        ...batch(run(1, 1, { severity: 0 })),
        contribution: new Float32Array(2),
        expected: new Float32Array(2),
        actual: new Float32Array(2),
        health: new Uint8Array(2),
      },
      startMs,
    );
    expect(alarms.retained()).toHaveLength(1);
    expect(kinds()).toEqual(['pump-1 machine-anomaly raised']);
  });
});

it('normal frames cost next to nothing', () => {
  const assets = Array.from({ length: 1000 }, (_, k) => `pump-${k}`);
  const { alarms, changes } = watched({}, assets);
  const frames = batch(assets.map((_, slot) => ({ slot, timeMs: startMs, severity: 0.4 })));
  // Processor time: other programs may run beside the tests.
  const begin = process.cpuUsage();
  for (let k = 0; k < 200; k++) alarms.results(0, frames, startMs);
  const perSecond = 200_000 / (process.cpuUsage(begin).user / 1e6);
  expect(changes).toEqual([]);
  expect(perSecond).toBeGreaterThan(300_000);
});

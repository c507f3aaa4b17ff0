import { describe, expect, it } from 'vitest';
import { type AlarmChange, Alarms } from '../../../daemon/alarm/alarms.js';
import { alarmConfigSchema } from '../../../daemon/alarm/config.js';
import { batch, channels, type Frame, pumps, startMs } from './batches.js';

function fleet(config: object = {}, assets: string[] = ['pump-1', 'pump-2', 'pump-3']) {
  const changes: AlarmChange[] = [];
  const alarms = new Alarms({
    gateway: 'gw',
    config: alarmConfigSchema.parse(config),
    configHash: 'cd'.repeat(32),
    onChange: (change) => changes.push(change),
  });
  alarms.setBundle(0, pumps(assets));
  const feed = (...frames: Frame[]) => {
    for (const frame of frames) alarms.results(0, batch([frame]), frame.timeMs);
  };
  const alerts = () => changes.filter(({ transition }) => transition?.alert === true);
  const kinds = () =>
    changes.map(({ transition, message }) => `${message.asset} ${message.type} ${transition?.kind ?? 'refresh'}`);
  return { alarms, changes, alerts, feed, kinds };
}

/** Seconds from `from` up to and with `to`. */
const run = (from: number, to: number, frame: Omit<Frame, 'timeMs'>): Frame[] =>
  Array.from({ length: to - from + 1 }, (_, k) => ({ ...frame, timeMs: startMs + (from + k) * 1000 }));

const silence = { by: 'kim', comment: 'new bearing' };

describe('machine anomaly', () => {
  it('is told in words, with ranked evidence, from where the deviation began', () => {
    const { feed, alerts } = fleet();
    feed(...run(0, 9, { slot: 2, severity: 0.3 }));
    feed(...run(10, 12, { slot: 2, severity: 0.6, instant: 1.4 }));
    feed(...run(13, 13, { slot: 2, severity: 1.3 }));
    const [alert] = alerts();
    expect(alert?.message).toMatchObject({
      asset: 'pump-3',
      type: 'machine-anomaly',
      state: 'active',
      severity: 'warning',
      score: 1.3,
      startsAt: '2026-03-01T14:00:10.000Z',
      updatedAt: '2026-03-01T14:00:13.000Z',
      endsAt: null,
      reason: 'vibration and temperature above what was learned',
      message:
        'pump-3: vibration 4.8 mm/s, expected 2.1; temperature 71 degC, expected 64. Not behaving as learned since 14:00:10 UTC.',
      suspect: null,
      mode: 'steady',
      bundle: { name: 'pumps', version: '1', hash: 'ab'.repeat(32) },
      config: 'cd'.repeat(32),
    });
    const { diagnostics } = alert!.message;
    expect(diagnostics.map(({ signal, direction }) => [signal, direction])).toEqual([
      ['vibration', 'above'],
      ['temperature', 'above'],
      ['flow', null],
    ]);
    expect(diagnostics.reduce((sum, { contribution }) => sum + contribution, 0)).toBeCloseTo(1, 12);
    expect(alert!.window?.times).toHaveLength(14);
    expect(alert!.window?.values.vibration?.at(-1)).toBe(4.8);
  });

  describe('sensor or machine', () => {
    const suspected = { severity: 2.5, verdict: 'undecided', suspect: [0, 0, 1], explains: [0.2, 0.1, 0.97] } as const;
    const decided = { ...suspected, verdict: 'sensor' } as const;
    const machine = { ...suspected, verdict: 'machine', suspect: [0, 0, 0] } as const;
    const below = { actual: [4.8, 71, 7] };
    const told = (alerts: ReturnType<ReturnType<typeof fleet>['alerts']>) =>
      alerts.map(({ transition, message }) => [transition?.kind, message.suspect]);

    it('names what alone would explain it as long as nobody knows, first in the diagnostics, with its share of the evidence as it was', () => {
      const { feed, alerts } = fleet();
      feed(...run(0, 10, { ...suspected, ...below }));
      const { message } = alerts()[0]!;
      expect(message.suspect).toEqual({ verdict: 'undecided', signals: ['flow'] });
      expect(message.reason).toBe(
        'flow below what was learned; flow alone would explain it: sensor or machine, not clear yet',
      );
      expect(message.message).toBe(
        'pump-1: flow 7.0 L/min, expected 10.0. Not behaving as learned since 14:00:00 UTC. flow alone would explain it: a wrong sensor, or a trouble of the machine that shows nowhere else yet. It is watched on.',
      );
      expect(message.diagnostics.map(({ signal, explains }) => [signal, explains])).toEqual([
        ['flow', 0.97],
        ['vibration', 0.2],
        ['temperature', 0.1],
      ]);
      expect(message.diagnostics.map(({ contribution }) => Number(contribution.toFixed(3)))).toEqual([0.25, 0.5, 0.25]);
    });

    it('tells once when it is confirmed', () => {
      const { feed, alerts } = fleet();
      feed(...run(0, 10, { ...suspected, ...below }), ...run(11, 90, { ...decided, ...below }));
      const sensor = { verdict: 'sensor', signals: ['flow'] };
      expect(told(alerts())).toEqual([
        ['raised', { verdict: 'undecided', signals: ['flow'] }],
        ['diagnosed', sensor],
      ]);
      expect(alerts()[1]!.message.reason).toBe(
        'flow below what was learned; its error does not follow the machine: check the flow sensor first',
      );
    });

    it('tells once when it is withdrawn', () => {
      const { feed, alerts } = fleet();
      feed(...run(0, 10, suspected), ...run(11, 90, machine));
      expect(told(alerts())).toEqual([
        ['raised', { verdict: 'undecided', signals: ['flow'] }],
        ['diagnosed', null],
      ]);
      expect(alerts()[1]!.message.message).toContain('No single sensor explains it: it is the machine.');
    });

    it('the kind of fault changes the state when it is known or changes, and tells nobody; none is said of a sensor', () => {
      const { feed, alarms, alerts } = fleet({ refreshS: 0 });
      alarms.setBundle(0, pumps(['pump-1', 'pump-2', 'pump-3'], { classes: ['leak', 'imbalance'] }));
      const open = () => alarms.retained().find(({ type }) => type === 'machine-anomaly')!;
      feed(...run(0, 10, { severity: 2.5 }));
      expect(open().cause).toBeNull();
      feed(...run(11, 20, { severity: 2.5, cause: 2, certainty: 0.876 }));
      expect(open().cause).toEqual({ class: 'leak', probability: 0.876 });
      expect(open().message).toContain('It looks like leak (88 %).');
      feed(...run(21, 30, { severity: 2.5, cause: 1, certainty: 0.4 }));
      expect(open().cause).toEqual({ class: 'unknown', probability: 0.4 });
      expect(open().message).not.toContain('looks like');
      expect(alerts()).toHaveLength(1);
      feed(...run(31, 200, { ...suspected, verdict: 'sensor', cause: 3, certainty: 0.9 }));
      expect(open()).toMatchObject({ suspect: { verdict: 'sensor' }, cause: null });
    });

    it('keeps its last word while nobody looks, and changes the state but tells nobody when suspects change', () => {
      const { feed, alarms, alerts } = fleet({ refreshS: 0 });
      const open = () => alarms.retained().find(({ type }) => type === 'machine-anomaly')!;
      feed(...run(0, 10, suspected), ...run(11, 20, { severity: 2.5 }));
      expect(open().suspect).toEqual({ verdict: 'undecided', signals: ['flow'] });
      feed(...run(21, 30, { ...suspected, suspect: [1, 0, 1], explains: [0.98, 0.1, 0.97] }));
      expect(open().suspect).toEqual({ verdict: 'undecided', signals: ['vibration', 'flow'] });
      expect(alerts()).toHaveLength(1);
    });
  });

  it('begins a run anew after a pause longer than the look-back', () => {
    const { feed, alerts } = fleet();
    feed(...run(0, 0, { severity: 0.2, instant: 1.5 }), ...run(1, 20, {}), ...run(21, 22, { severity: 1.5 }));
    expect(alerts()[0]?.message.startsAt).toBe('2026-03-01T14:00:21.000Z');
  });

  it('keeps its evidence when it ends, and its topic is emptied', () => {
    const { feed, changes } = fleet();
    feed(...run(0, 5, { severity: 1.5 }), ...run(6, 66, { actual: [2.1, 64, 10], contribution: [0, 0, 0] }));
    const last = changes.at(-1)!;
    expect(last).toMatchObject({ retained: false, transition: { kind: 'cleared', alert: true } });
    expect(last.message).toMatchObject({ state: 'normal', endsAt: '2026-03-01T14:00:06.000Z' });
    expect(last.message.diagnostics[0]?.actual).toBe(4.8);
  });

  it('does not end while nothing is known', () => {
    const { feed, kinds } = fleet();
    feed(...run(0, 0, { severity: 1.5 }));
    feed(
      ...run(1, 300, { mode: 'warm-up' }),
      ...run(301, 600, { mode: 'no-data', health: ['missing', 'missing', 'missing'] }),
    );
    expect(kinds()).toEqual(['pump-1 machine-anomaly raised']);
    feed(...run(601, 661, {}));
    expect(kinds().at(-1)).toBe('pump-1 machine-anomaly cleared');
  });

  it('gets fresh evidence once a minute without an alert', () => {
    const { feed, changes, alerts } = fleet();
    feed(...run(0, 180, { severity: 1.5 }));
    expect(changes.filter(({ transition }) => transition === null)).toHaveLength(3);
    expect(alerts()).toHaveLength(1);
  });

  it('with an infinite severity is still JSON', () => {
    const { feed, alerts } = fleet();
    feed(...run(0, 0, { severity: Number.POSITIVE_INFINITY, actual: [Number.NaN, 71, 10] }));
    const message = JSON.parse(JSON.stringify(alerts()[0]!.message));
    expect(message).toMatchObject({ score: 1e6, severity: 'critical' });
    expect(message.diagnostics[0]).toMatchObject({ signal: 'vibration', actual: null, direction: null });
  });
});

describe('sensor fault', () => {
  it('needs persistence: single spikes are nothing', () => {
    const { feed, changes } = fleet();
    for (let k = 0; k < 20; k++)
      feed(...run(300 * k, 300 * k, { health: ['spike', 'pass', 'pass'] }), ...run(300 * k + 1, 300 * k + 299, {}));
    expect(changes).toEqual([]);
  });

  it('is told of spikes that come again and again, good values between', () => {
    const { feed, alerts } = fleet();
    for (let k = 0; k < 6; k++)
      feed(...run(20 * k, 20 * k, { health: ['pass', 'spike', 'pass'] }), ...run(20 * k + 1, 20 * k + 19, {}));
    expect(alerts()).toHaveLength(1);
    expect(alerts()[0]!.message).toMatchObject({ type: 'sensor-fault', suspect: { verdict: 'sensor' } });
    expect(alerts()[0]!.message.signals).toMatchObject([{ signal: 'temperature', fault: 'spike' }]);
  });

  it('takes a new level that is believed at last for one spike', () => {
    const { feed, changes } = fleet();
    feed(...run(0, 2, { health: ['spike', 'pass', 'pass'] }), ...run(3, 400, {}));
    expect(changes).toEqual([]);
  });

  it('is one alarm of the asset that lists the signals', () => {
    const { feed, alerts } = fleet();
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
    const { feed, alarms, kinds, alerts } = fleet();
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
    const { feed, kinds } = fleet();
    feed(...run(0, 100, { health: ['pass', 'missing', 'pass'] }), ...run(101, 200, {}));
    expect(kinds()).toEqual(['pending', 'raised', 'cleared'].map((kind) => `pump-1 sensor-fault ${kind}`));
  });

  it('is none when everything is missing, and can be switched off', () => {
    const all = fleet();
    all.feed(...run(0, 100, { health: ['missing', 'missing', 'missing'], mode: 'no-data' }));
    expect(all.changes).toEqual([]);
    const off = fleet({ sensorFaults: false });
    off.feed(...run(0, 100, { health: ['missing', 'pass', 'pass'] }));
    expect(off.changes).toEqual([]);
  });
});

describe('a verdict on the machine with a faulty sensor', () => {
  const sick = { severity: 1.5, contribution: [0.5, 0.5, 0] };

  it('says from the start which sensor it was reached without', () => {
    const { feed, alerts } = fleet();
    feed(
      ...run(0, 30, { health: ['pass', 'pass', 'missing'] }),
      ...run(31, 31, { ...sick, health: ['pass', 'pass', 'missing'] }),
    );
    const raised = alerts().find(({ message }) => message.type === 'machine-anomaly')!.message;
    expect(raised).toMatchObject({
      suspect: { verdict: 'sensor', signals: ['flow'] },
      reason:
        'vibration and temperature above what was learned; judged without flow, which gives no readings (check the sensor)',
      signals: [{ signal: 'flow', fault: 'missing', masked: true }],
    });
    expect(raised.message).toContain(
      ' Judged without flow, which gives no readings since 14:00:00 UTC (check the sensor).',
    );
    expect(raised.diagnostics.reduce((sum, { contribution }) => sum + contribution, 0)).toBeCloseTo(1, 12);
  });

  it('says so as soon as the sensor fails, and no longer when it is well, without an alert', () => {
    const { feed, alarms, alerts } = fleet({ refreshS: 0 });
    const open = () => alarms.retained().find(({ type }) => type === 'machine-anomaly')!;
    feed(...run(0, 1, sick));
    expect(open()).toMatchObject({ suspect: null, signals: [] });
    feed(...run(2, 40, { ...sick, health: ['pass', 'missing', 'missing'] }));
    expect(open()).toMatchObject({
      suspect: { verdict: 'sensor', signals: ['temperature', 'flow'] },
      signals: [{ signal: 'temperature' }, { signal: 'flow' }],
    });
    expect(open().reason).toContain(
      'judged without temperature, which gives no readings, and flow, which gives no readings (check the sensors)',
    );
    feed(...run(41, 300, sick));
    expect(open()).toMatchObject({ suspect: null, signals: [] });
    expect(open().reason).toBe('vibration and temperature above what was learned');
    const machine = alerts().filter(({ message }) => message.type === 'machine-anomaly');
    expect(machine.map(({ transition }) => transition?.kind)).toEqual(['raised']);
  });

  it('names a signal that stands still far from normal, but judges by it: the machine may stand', () => {
    const { feed, alerts } = fleet();
    const still = { actual: [4.8, 71, 10], health: ['pass', 'pass', 'flat-line'] as const };
    feed(...run(0, 20, still), ...run(21, 21, { ...sick, ...still }));
    const [sensor, machine] = ['sensor-fault', 'machine-anomaly'].map(
      (wanted) => alerts().find(({ message }) => message.type === wanted)!.message,
    );
    expect(sensor!.message).toBe('pump-1: flow is stuck since 14:00:00 UTC.');
    expect(machine).toMatchObject({
      suspect: { verdict: 'sensor', signals: ['flow'] },
      signals: [{ signal: 'flow', masked: false }],
    });
    expect(machine!.reason).toMatch(/; flow is stuck \(check the sensor\)$/);
  });

  it('says so too where sensor alarms are switched off', () => {
    const { feed, alerts } = fleet({ sensorFaults: false });
    feed(
      ...run(0, 30, { health: ['pass', 'pass', 'spike'] }),
      ...run(31, 31, { ...sick, health: ['pass', 'pass', 'spike'] }),
    );
    expect(alerts().map(({ message }) => [message.type, message.suspect?.verdict])).toEqual([
      ['machine-anomaly', 'sensor'],
    ]);
  });
});

describe('groups, silence, commands', () => {
  it('alarms of one asset share a group while the first is open', () => {
    const { feed, changes } = fleet();
    feed(...run(0, 0, { severity: 1.5 }), ...run(1, 30, { severity: 1.5, health: ['pass', 'missing', 'pass'] }));
    const raised = changes.filter(({ transition }) => transition?.kind === 'raised').map(({ message }) => message);
    expect(raised.map(({ type }) => type)).toEqual(['machine-anomaly', 'sensor-fault']);
    expect(raised.map(({ group }) => group)).toEqual([raised[0]!.id, raised[0]!.id]);
  });

  it('maintenance windows go by event time', () => {
    const maintenance = [{ assets: 'pump-*', from: '2026-03-01T14:01:00Z', to: '2026-03-01T14:02:00Z' }];
    const { feed, alerts, changes } = fleet({ maintenance });
    feed(...run(0, 59, {}), ...run(60, 100, { severity: 3 }));
    expect(alerts()).toEqual([]);
    expect(changes.at(-1)?.message.state).toBe('suppressed');
    feed(...run(101, 120, { severity: 3 }));
    expect(alerts().map(({ transition, message }) => [transition!.kind, message.state, message.startsAt])).toEqual([
      ['unsuppressed', 'active', '2026-03-01T14:01:00.000Z'],
    ]);
  });

  it('weekly windows begin on their days', () => {
    // 1 March 2026 is a Sunday.
    const maintenance = [{ days: ['sun'], start: '14:01', end: '14:02' }];
    const { feed, alarms } = fleet({ maintenance });
    feed(...run(0, 61, {}));
    expect(alarms.retained().map(({ state }) => state)).toEqual(['suppressed', 'suppressed', 'suppressed']);
    feed(...run(120, 120, {}));
    expect(alarms.retained()).toEqual([]);
    feed(...run(86_400 + 61, 86_400 + 62, { severity: 1.5 }));
    expect(alarms.retained().map(({ state }) => state)).toEqual(['active']);
  });

  it('overrides hold for the assets that they name', () => {
    const { feed, alarms } = fleet({
      overrides: [
        { assets: '*-2', onDelayS: 60, bundle: 'pumps' },
        { bundle: 'fans', onDelayS: 60 },
      ],
    });
    feed(...run(0, 10, { slot: 0, severity: 1.5 }), ...run(0, 10, { slot: 1, severity: 1.5 }));
    expect(alarms.retained().map(({ asset }) => asset)).toEqual(['pump-1']);
  });

  it('commands are refused with the reason, and change nothing', () => {
    const { alarms, feed, changes } = fleet();
    feed(...run(0, 0, { severity: 1.5 }));
    const before = JSON.stringify(alarms.snapshot());
    const told = changes.length;
    const refused = [
      alarms.command({ target: { id: 'nonsense' }, action: { kind: 'ack' }, ...silence }, startMs),
      alarms.command({ target: { asset: 'pump-9' }, action: { kind: 'ack' }, ...silence }, startMs),
      alarms.command(
        { target: { asset: 'pump-1', type: 'sensor-fault' }, action: { kind: 'ack' }, ...silence },
        startMs,
      ),
      alarms.command(
        { target: { asset: 'pump-1' }, action: { kind: 'shelve', untilMs: startMs }, ...silence },
        startMs,
      ),
      alarms.command(
        { target: { asset: 'pump-1' }, action: { kind: 'shelve', untilMs: startMs + 1e12 }, ...silence },
        startMs,
      ),
    ];
    expect(refused.map((result) => ('error' in result ? result.error : 'done'))).toEqual([
      'unknown alarm "nonsense"',
      'unknown asset "pump-9"',
      'pump-1 has no open alarm',
      'the shelving would be over already',
      'at most 604800 s may be shelved (alarms.maxShelveS)',
    ]);
    expect(JSON.stringify(alarms.snapshot())).toBe(before);
    expect(changes).toHaveLength(told);
  });

  it('an acknowledgement by id says who it was; an alarm that has ended needs none', () => {
    const { alarms, feed, changes } = fleet();
    feed(...run(0, 0, { severity: 1.5 }));
    const id = changes[0]!.message.id!;
    const ack = { target: { id }, action: { kind: 'ack' } as const, ...silence };
    expect(alarms.command(ack, startMs + 5000)).toEqual({
      data: [{ asset: 'pump-1', type: 'machine-anomaly', id, state: 'acknowledged' }],
    });
    expect(changes.at(-1)?.message).toMatchObject({
      ackedAt: '2026-03-01T14:00:05.000Z',
      by: 'kim',
      comment: 'new bearing',
    });
    feed(...run(1, 80, {}));
    expect(alarms.command(ack, startMs + 90_000)).toMatchObject({ data: [{ state: 'normal' }] });
    feed(...run(50_000, 50_000, { severity: 1.5 }), ...run(50_001, 50_100, {}));
    const second = changes.at(-1)!.message.id!;
    expect(second).not.toBe(id);
    expect(alarms.command({ ...ack, target: { id: second } }, startMs)).toEqual({
      error: 'the alarm has ended and needs no acknowledgement',
    });
  });

  it('a shelved alarm comes back by itself', () => {
    const { alarms, feed, alerts } = fleet();
    feed(...run(0, 0, { severity: 1.5 }));
    alarms.command(
      { target: { asset: 'pump-1' }, action: { kind: 'shelve', untilMs: startMs + 60_000 }, ...silence },
      startMs + 1000,
    );
    feed(...run(1, 50, { severity: 5 }));
    expect(alarms.retained().map(({ state, shelvedUntil }) => [state, shelvedUntil])).toEqual(
      Array(3).fill(['shelved', '2026-03-01T14:01:00.000Z']),
    );
    alarms.tick(startMs + 59_999);
    expect(alarms.retained()).toHaveLength(3);
    alarms.tick(startMs + 60_000);
    expect(alarms.retained().map(({ type, state, severity }) => [type, state, severity])).toEqual([
      ['machine-anomaly', 'active', 'critical'],
    ]);
    expect(alerts().map(({ transition }) => transition!.kind)).toEqual(['raised', 'shelved', 'unshelved']);
  });
});

describe('silent assets', () => {
  it('are an alarm that ends when they speak', () => {
    const { alarms, feed, changes } = fleet();
    feed(...run(0, 0, {}));
    alarms.silent(0, 0, startMs, 1000, startMs + 60_000);
    expect(changes[0]?.message).toMatchObject({
      type: 'data-stale',
      state: 'active',
      startsAt: '2026-03-01T14:00:00.000Z',
      message: 'pump-1: no data since 14:00:00 UTC (usually every 1 s). Nothing is known of it until data come again.',
    });
    alarms.silent(0, 0, null, null, startMs + 90_000);
    expect(changes.map(({ transition }) => transition?.kind)).toEqual(['raised', 'cleared']);
  });
});

describe('an asset that is silent again and again', () => {
  it('is flapping: it stays until it has been heard for long, and then it ends', () => {
    const { alarms, feed, changes } = fleet({ flapWindowS: 7200, flapHoldS: 3600 });
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
    const first = fleet();
    first.feed(...run(0, 5, { severity: 2.5 }));
    const second = fleet();
    second.alarms.restore(JSON.parse(JSON.stringify(first.alarms.snapshot())));
    expect(second.alarms.retained()).toEqual(first.alarms.retained());
    second.feed(...run(10, 20, { severity: 2.5 }), ...run(21, 81, {}));
    expect(second.kinds()).toEqual(['pump-1 machine-anomaly refresh', 'pump-1 machine-anomaly cleared']);
    expect(second.changes[0]?.message.id).toBe(first.changes[0]?.message.id);
  });

  it('a reload takes other settings for the alarms that are open', () => {
    const { alarms, feed, kinds } = fleet();
    feed(...run(0, 0, { severity: 1.5 }));
    alarms.reload(alarmConfigSchema.parse({ acknowledge: 'required', offDelayS: 20 }), 'ef'.repeat(32));
    feed(...run(1, 21, {}));
    expect(kinds()).toEqual(['pump-1 machine-anomaly raised', 'pump-1 machine-anomaly cleared']);
    expect(alarms.retained()[0]).toMatchObject({ state: 'cleared-unacknowledged', config: 'ef'.repeat(32) });
  });

  it('no quiet time counts from before a restart, as nobody watched', () => {
    const first = fleet();
    first.feed(...run(0, 5, { severity: 1.5 }), ...run(6, 60, {}));
    const second = fleet();
    second.alarms.restore(JSON.parse(JSON.stringify(first.alarms.snapshot())));
    second.feed(...run(3600, 3659, {}));
    expect(second.kinds()).toEqual([]);
    second.feed(...run(3660, 3660, {}));
    expect(second.kinds()).toEqual(['pump-1 machine-anomaly cleared']);
  });

  it('a sensor is as faulty after a restart as before', () => {
    const first = fleet();
    first.feed(...run(0, 30, { health: ['pass', 'missing', 'pass'] }));
    const second = fleet();
    second.alarms.restore(JSON.parse(JSON.stringify(first.alarms.snapshot())));
    second.feed(...run(31, 100, { health: ['pass', 'missing', 'pass'] }));
    expect(second.kinds()).toEqual([]);
    expect(second.alarms.retained()[0]?.signals).toMatchObject([{ signal: 'temperature', fault: 'missing' }]);
    second.feed(...run(101, 300, {}));
    expect(second.kinds()).toEqual(['pump-1 sensor-fault cleared']);
  });

  it('a reload that switches sensor faults off ends the one that is open', () => {
    const { alarms, feed, kinds } = fleet();
    feed(...run(0, 30, { health: ['pass', 'missing', 'pass'] }));
    alarms.reload(alarmConfigSchema.parse({ sensorFaults: false }), null);
    feed(...run(31, 100, { health: ['pass', 'missing', 'pass'] }));
    expect(kinds()).toEqual(['pending', 'raised', 'cleared'].map((kind) => `pump-1 sensor-fault ${kind}`));
  });

  it('another bundle takes over with the alarms that are open', () => {
    const { alarms, feed, kinds } = fleet();
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
  const { alarms, changes } = fleet({}, assets);
  const frames = batch(assets.map((_, slot) => ({ slot, timeMs: startMs, severity: 0.4 })));
  // Processor time: other programs may run beside the tests.
  const begin = process.cpuUsage();
  for (let k = 0; k < 200; k++) alarms.results(0, frames, startMs);
  const perSecond = 200_000 / (process.cpuUsage(begin).user / 1e6);
  expect(changes).toEqual([]);
  expect(perSecond).toBeGreaterThan(300_000);
});

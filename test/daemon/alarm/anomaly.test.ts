import { describe, expect, it } from 'vitest';
import { pumps } from './batches.js';
import { run, watched } from './watched.js';

describe('machine anomaly', () => {
  it('is told in words, with ranked evidence, from where the deviation began', () => {
    const { feed, alerts } = watched();
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
        'pump-3: vibration 4.80 mm/s, expected 2.10; temperature 71.0 degC, expected 64.0. Not behaving as learned since 2026-03-01 14:00:10 UTC.',
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
    const told = (alerts: ReturnType<ReturnType<typeof watched>['alerts']>) =>
      alerts.map(({ transition, message }) => [transition?.kind, message.suspect]);

    it('names what alone would explain it as long as nobody knows, first in the diagnostics, with its share of the evidence as it was', () => {
      const { feed, alerts } = watched();
      feed(...run(0, 10, { ...suspected, ...below }));
      const { message } = alerts()[0]!;
      expect(message.suspect).toEqual({ verdict: 'undecided', signals: ['flow'] });
      expect(message.reason).toBe(
        'flow below what was learned; flow alone would explain it: sensor or machine, not clear yet',
      );
      expect(message.message).toBe(
        'pump-1: flow 7.0 L/min, expected 10.0. Not behaving as learned since 2026-03-01 14:00:00 UTC. flow alone would explain it: a wrong sensor, or a trouble of the machine that shows nowhere else yet. It is watched on.',
      );
      expect(message.diagnostics.map(({ signal, explains }) => [signal, explains])).toEqual([
        ['flow', 0.97],
        ['vibration', 0.2],
        ['temperature', 0.1],
      ]);
      expect(message.diagnostics.map(({ contribution }) => Number(contribution.toFixed(3)))).toEqual([0.25, 0.5, 0.25]);
    });

    it('tells once when it is confirmed', () => {
      const { feed, alerts } = watched();
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
      const { feed, alerts } = watched();
      feed(...run(0, 10, suspected), ...run(11, 90, machine));
      expect(told(alerts())).toEqual([
        ['raised', { verdict: 'undecided', signals: ['flow'] }],
        ['diagnosed', null],
      ]);
      expect(alerts()[1]!.message.message).toContain('No single sensor explains it: it is the machine.');
    });

    it('the kind of fault changes the state when it is known or changes, and tells nobody; none is said of a sensor', () => {
      const { feed, alarms, alerts } = watched({ refreshS: 0 });
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

    it('stands over a restart until the diagnosis has looked again, and is then told as if nothing had been', () => {
      const before = watched({ refreshS: 60 });
      before.feed(...run(0, 20, suspected));
      const after = watched({ refreshS: 60 });
      after.alarms.restore(JSON.parse(JSON.stringify(before.alarms.snapshot())));
      const open = () => after.alarms.retained()[0]!.suspect;
      after.feed(...run(21, 200, { severity: 2.5 }));
      expect(after.kinds()).toContain('pump-1 machine-anomaly refresh');
      expect(open()).toEqual({ verdict: 'undecided', signals: ['flow'] });
      after.feed(...run(201, 210, machine));
      expect(open()).toBe(null);
      expect(after.kinds().filter((kind) => kind.endsWith('diagnosed'))).toEqual(['pump-1 machine-anomaly diagnosed']);
    });

    it('keeps its last word while nobody looks, and changes the state but tells nobody when suspects change', () => {
      const { feed, alarms, alerts } = watched({ refreshS: 0 });
      const open = () => alarms.retained().find(({ type }) => type === 'machine-anomaly')!;
      feed(...run(0, 10, suspected), ...run(11, 20, { severity: 2.5 }));
      expect(open().suspect).toEqual({ verdict: 'undecided', signals: ['flow'] });
      feed(...run(21, 30, { ...suspected, suspect: [1, 0, 1], explains: [0.98, 0.1, 0.97] }));
      expect(open().suspect).toEqual({ verdict: 'undecided', signals: ['vibration', 'flow'] });
      expect(alerts()).toHaveLength(1);
    });
  });

  it('begins a run anew after a pause longer than the look-back', () => {
    const { feed, alerts } = watched();
    feed(...run(0, 0, { severity: 0.2, instant: 1.5 }), ...run(1, 20, {}), ...run(21, 22, { severity: 1.5 }));
    expect(alerts()[0]?.message.startsAt).toBe('2026-03-01T14:00:21.000Z');
  });

  it('keeps its evidence when it ends, and its topic is emptied', () => {
    const { feed, changes } = watched();
    feed(...run(0, 5, { severity: 1.5 }), ...run(6, 66, { actual: [2.1, 64, 10], contribution: [0, 0, 0] }));
    const last = changes.at(-1)!;
    expect(last).toMatchObject({ retained: false, transition: { kind: 'cleared', alert: true } });
    expect(last.message).toMatchObject({ state: 'normal', endsAt: '2026-03-01T14:00:06.000Z' });
    expect(last.message.diagnostics[0]?.actual).toBe(4.8);
  });

  it('does not end while nothing is known', () => {
    const { feed, kinds } = watched();
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
    const { feed, changes, alerts } = watched();
    feed(...run(0, 180, { severity: 1.5 }));
    expect(changes.filter(({ transition }) => transition === null)).toHaveLength(3);
    expect(alerts()).toHaveLength(1);
  });

  it('with an infinite severity is still JSON', () => {
    const { feed, alerts } = watched();
    feed(...run(0, 0, { severity: Number.POSITIVE_INFINITY, actual: [Number.NaN, 71, 10] }));
    const message = JSON.parse(JSON.stringify(alerts()[0]!.message));
    expect(message).toMatchObject({ score: 1e6, severity: 'critical' });
    expect(message.diagnostics[0]).toMatchObject({ signal: 'vibration', actual: null, direction: null });
  });
});

describe('a verdict on the machine with a faulty sensor', () => {
  const sick = { severity: 1.5, contribution: [0.5, 0.5, 0] };

  it('says from the start which sensor it was reached without', () => {
    const { feed, alerts } = watched();
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
      ' Judged without flow, which gives no readings since 2026-03-01 14:00:00 UTC (check the sensor).',
    );
    expect(raised.diagnostics.reduce((sum, { contribution }) => sum + contribution, 0)).toBeCloseTo(1, 12);
  });

  it('says so as soon as the sensor fails, and no longer when it is well, without an alert', () => {
    const { feed, alarms, alerts } = watched({ refreshS: 0 });
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
    const { feed, alerts } = watched();
    const still = { actual: [4.8, 71, 10], health: ['pass', 'pass', 'flat-line'] as const };
    feed(...run(0, 20, still), ...run(21, 21, { ...sick, ...still }));
    const [sensor, machine] = ['sensor-fault', 'machine-anomaly'].map(
      (wanted) => alerts().find(({ message }) => message.type === wanted)!.message,
    );
    expect(sensor!.message).toBe('pump-1: flow is stuck since 2026-03-01 14:00:00 UTC.');
    expect(machine).toMatchObject({
      suspect: { verdict: 'sensor', signals: ['flow'] },
      signals: [{ signal: 'flow', masked: false }],
    });
    expect(machine!.reason).toMatch(/; flow is stuck \(check the sensor\)$/);
  });

  it('says so too where sensor alarms are switched off', () => {
    const { feed, alerts } = watched({ sensorFaults: false });
    feed(
      ...run(0, 30, { health: ['pass', 'pass', 'spike'] }),
      ...run(31, 31, { ...sick, health: ['pass', 'pass', 'spike'] }),
    );
    expect(alerts().map(({ message }) => [message.type, message.suspect?.verdict])).toEqual([
      ['machine-anomaly', 'sensor'],
    ]);
  });
});

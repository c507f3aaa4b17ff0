import { describe, expect, it } from 'vitest';
import { startMs } from './batches.js';
import { run, silence, watched } from './watched.js';

describe('groups, silence, commands', () => {
  it('alarms of one asset share a group while the first is open', () => {
    const { feed, changes } = watched();
    feed(...run(0, 0, { severity: 1.5 }), ...run(1, 30, { severity: 1.5, health: ['pass', 'missing', 'pass'] }));
    const raised = changes.filter(({ transition }) => transition?.kind === 'raised').map(({ message }) => message);
    expect(raised.map(({ type }) => type)).toEqual(['machine-anomaly', 'sensor-fault']);
    expect(raised.map(({ group }) => group)).toEqual([raised[0]!.id, raised[0]!.id]);
  });

  it('maintenance windows go by event time', () => {
    const maintenance = [{ assets: 'pump-*', from: '2026-03-01T14:01:00Z', to: '2026-03-01T14:02:00Z' }];
    const { feed, alerts, changes } = watched({ maintenance });
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
    const { feed, alarms } = watched({ maintenance });
    feed(...run(0, 61, {}));
    expect(alarms.retained().map(({ state }) => state)).toEqual(['suppressed', 'suppressed', 'suppressed']);
    feed(...run(120, 120, {}));
    expect(alarms.retained()).toEqual([]);
    feed(...run(86_400 + 61, 86_400 + 62, { severity: 1.5 }));
    expect(alarms.retained().map(({ state }) => state)).toEqual(['active']);
  });

  it('overrides hold for the assets that they name', () => {
    const { feed, alarms } = watched({
      overrides: [
        { assets: '*-2', onDelayS: 60, bundle: 'pumps' },
        { bundle: 'fans', onDelayS: 60 },
      ],
    });
    feed(...run(0, 10, { slot: 0, severity: 1.5 }), ...run(0, 10, { slot: 1, severity: 1.5 }));
    expect(alarms.retained().map(({ asset }) => asset)).toEqual(['pump-1']);
  });

  it('commands are refused with the reason, and change nothing', () => {
    const { alarms, feed, changes } = watched();
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
    const { alarms, feed, changes } = watched();
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
    const { alarms, feed, alerts } = watched();
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

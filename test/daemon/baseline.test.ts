import { describe, expect, it } from 'vitest';
import { type AlarmChange, Alarms } from '../../daemon/alarm/alarms.js';
import { alarmConfigSchema } from '../../daemon/alarm/config.js';
import { type BaselineBundle, Baselines, leastBlocks, levelBounds } from '../../daemon/baseline.js';
import { Random } from '../../model/random.js';
import { batch, pumps, startMs } from './alarm/batches.js';

const periodMs = 6000;
const minute = 60_000 / periodMs;
/** -ln p at severity 1. */
const level = 12;

/** An asset whose surprises are exponential, as those of a calibrated one are, times `strange`. */
function asset(memos = new Map<string, unknown>(), bundle: Partial<BaselineBundle> = {}) {
  const changes: AlarmChange[] = [];
  const random = new Random(1);
  let frame = 0;
  const now = () => startMs + frame * periodMs;
  const alarms = new Alarms({
    gateway: 'gw',
    config: alarmConfigSchema.parse({ offDelayS: 60, flapWindowS: 0 }),
    configHash: null,
    onChange: (change) => {
      changes.push(change);
      if (change.stored.type === 'machine-anomaly') baselines.changed(change.stored.asset, change.stored.state);
    },
  });
  const baselines: Baselines = new Baselines({
    memos,
    keep: (key, value) => (value === undefined ? memos.delete(key) : memos.set(key, value)),
    alarms: (name) => alarms.standing(name),
  });
  alarms.setBundle(0, pumps(['pump-1'], { periodMs }));
  const facts = { name: 'pumps', hash: 'ab', periodMs, budget: 1, level, levelDrift: 1, assets: ['pump-1'] };
  baselines.setBundle(0, { ...facts, ...bundle });
  const scored: number[] = [];
  const run = (frames: number, severity: (k: number) => number) => {
    for (let k = 0; k < frames; k++, frame++) {
      const one = batch([{ timeMs: now(), severity: severity(k) }]);
      baselines.results(0, one);
      scored.push(one.severity[0] ?? 0);
      alarms.results(0, one, now());
    }
  };
  const normal =
    (strange = 1) =>
    () =>
      (-Math.log(random.uniform()) * strange) / level;
  const command = (action: Parameters<Alarms['command']>[0]['action']) =>
    alarms.command({ target: { asset: 'pump-1' }, action, by: null, comment: null }, now());
  const rebaseline = (undo = false) => baselines.rebaseline('pump-1', undo);
  const after = () => {
    const answer = rebaseline();
    if ('error' in answer) throw new Error(answer.error);
    return answer.data.levels[0]!;
  };
  return { alarms, baselines, changes, run, normal, command, rebaseline, after, scored, memos, now };
}

const errorOf = (answer: object) => ('error' in answer ? String(answer.error) : 'done');

describe('a level calibrated anew', () => {
  it('stays about where it was for an asset that is as it was', () => {
    const { run, normal, after } = asset();
    run(8 * 60 * minute, normal());
    const { before, after: now, limited, minutes } = after();
    expect(before).toBe(1);
    expect(now).toBeGreaterThan(0.85);
    expect(now).toBeLessThan(1.5);
    expect([limited, minutes]).toEqual([false, 479]);
  });

  it('rises with the severities of an asset that has become another, so that it no longer cries', () => {
    const { run, normal, after, changes, scored, baselines } = asset();
    run(480 * minute, normal(0.5));
    const { after: now } = after();
    expect(now).toBeLessThan(1);
    // The same machine after its repair: twice as strange, short of an alarm.
    const other = asset();
    other.run(120 * minute, () => Math.min(0.95, other.normal(2)()));
    const raised = other.after();
    expect(raised.after).toBeGreaterThan(1.1);
    expect(other.baselines.level(0, 0)).toBe(raised.after);
    const before = other.scored.length;
    other.run(1, () => 1.05);
    expect(other.scored[before]).toBeCloseTo(1.05 / raised.after, 5);
    expect(other.changes).toEqual([]);
    expect(changes).toEqual([]);
    expect(scored.length).toBe(480 * minute);
    expect(baselines.level(0, 0)).toBe(now);
  });

  it('in an acknowledged alarm takes what the machine does now for normal, within bounds', () => {
    const { run, after, command, rebaseline, alarms, changes, normal } = asset();
    run(60 * minute, () => 0.3);
    run(90 * minute, () => 1.7 + normal(0.5)());
    expect(errorOf(rebaseline())).toMatch(/^pump-1 is in alarm \([0-9a-f-]{36}\); acknowledge the alarm first/);
    command({ kind: 'ack' });
    const { after: now, limited } = after();
    expect(now).toBeGreaterThan(2);
    expect([now < levelBounds.most, limited]).toEqual([true, false]);
    run(30 * minute, () => 1.7 + normal(0.5)());
    expect(alarms.retained()).toEqual([]);
    expect(changes.at(-1)?.transition?.kind).toBe('cleared');
    const wild = asset();
    wild.run(90 * minute, () => 50);
    wild.command({ kind: 'ack' });
    expect(wild.after()).toMatchObject({ after: levelBounds.most, limited: true });
    wild.run(1, () => 50);
    expect(wild.alarms.retained()).toHaveLength(1);
    const calm = asset();
    calm.run(480 * minute, () => 0.01);
    expect(calm.after()).toMatchObject({ after: levelBounds.least, limited: true });
  });

  it('is taken back step by step', () => {
    const { run, after, rebaseline, baselines, normal } = asset();
    run(120 * minute, normal(0.7));
    expect(errorOf(rebaseline(true))).toMatch(/nothing to take back/);
    const first = after().after;
    run(480 * minute, normal(0.4));
    const second = after();
    expect(second.before).toBe(first);
    expect(second.after).not.toBe(first);
    expect(rebaseline(true)).toEqual({
      data: {
        asset: 'pump-1',
        levels: [{ bundle: 'pumps', before: second.after, after: first, limited: false, minutes: 0 }],
      },
    });
    rebaseline(true);
    expect(baselines.level(0, 0)).toBe(1);
    expect(errorOf(rebaseline(true))).toMatch(/nothing to take back/);
  });

  it('asked for twice is the same, and one step', () => {
    const { run, after, rebaseline, baselines, normal } = asset();
    run(120 * minute, normal(0.6));
    const first = after().after;
    expect(after()).toMatchObject({ before: first, after: first });
    rebaseline(true);
    expect(baselines.level(0, 0)).toBe(1);
  });

  it('is kept over a restart, but not for another bundle', () => {
    const { run, after, memos, normal } = asset();
    run(120 * minute, normal(0.6));
    const { after: now } = after();
    const stored = new Map(JSON.parse(JSON.stringify([...memos])) as [string, unknown][]);
    const again = asset(new Map(stored));
    again.run(1, () => 0.5);
    expect(again.scored[0]).toBeCloseTo(0.5 / now, 5);
    expect(errorOf(again.rebaseline())).toMatch(/has run only 0 of 60 minutes/);
    expect(errorOf(again.rebaseline(true))).toBe('done');
    expect(again.memos.size).toBe(0);
    const other = asset(new Map(stored), { hash: 'cd' });
    other.run(1, () => 0.5);
    expect(other.scored[0]).toBe(0.5);
    const damaged = asset(new Map([['level/pumps/pump-1', { hash: 'ab', levels: [0] }]]));
    damaged.run(1, () => 0.5);
    expect(damaged.scored[0]).toBe(0.5);
  });
});

describe('refused, and nothing changed,', () => {
  it('for an asset that nobody knows', () => {
    expect(errorOf(asset().baselines.rebaseline('pump-9', false))).toBe('unknown asset "pump-9"');
    expect(errorOf(asset().baselines.rebaseline('bridge', true))).toBe('unknown asset "bridge"');
  });

  it('until it has run for an hour since we started, since an alarm, and since a silence', () => {
    const { run, rebaseline, command, after } = asset();
    run((leastBlocks - 1) * minute, () => 0.3);
    expect(errorOf(rebaseline())).toMatch(/has run only 58 of 60 minutes/);
    run(2 * minute, () => 0.3);
    expect(errorOf(rebaseline())).toBe('done');
    rebaseline(true);
    run(1, () => 5);
    run(30 * minute, () => 0.3);
    expect(errorOf(rebaseline())).toMatch(/has run only \d+ of 60 minutes since its last alarm, silence or our start/);
    run(60 * minute, () => 0.3);
    expect(after().minutes).toBeGreaterThan(60);
    command({ kind: 'out-of-service' });
    run(90 * minute, () => 0.3);
    expect(errorOf(rebaseline())).toMatch(/is shelved, out of service or in maintenance/);
    command({ kind: 'in-service' });
    expect(errorOf(rebaseline())).toMatch(/has run only 0 of 60 minutes/);
  });

  it('while a sensor is faulty', () => {
    const { run, rebaseline, alarms, now } = asset();
    run(90 * minute, () => 0.3);
    for (let k = 0; k < 30; k++)
      alarms.results(
        0,
        batch([{ timeMs: now() + k * periodMs, severity: 0.3, health: ['pass', 'missing', 'pass'] }]),
        now() + k * periodMs,
      );
    expect(errorOf(rebaseline())).toBe('a sensor of pump-1 is faulty; repair it first');
  });
});

describe('a level that follows what is normal', () => {
  const drifting = { levelDrift: 1.5, periodMs: 60_000 };
  const driftOf = (memos: Map<string, unknown>) =>
    (memos.get('level/pumps/pump-1') as { drift: { ratio: number; largest: number[] } }).drift;
  /** Hours with the same peaks as an asset whose surprises are half as large; frames of a minute. */
  const calm = (random: Random) => () => (-Math.log(random.uniform()) * 0.5) / level;

  it('sinks for a calm asset, divides its severities, and is there again after a restart', () => {
    const { memos, baselines } = asset(new Map(), drifting);
    const severity = calm(new Random(3));
    const feed = (to: Baselines, from: number, minutes: number) => {
      let last = 0;
      for (let i = from; i < from + minutes; i++) {
        const one = batch([{ timeMs: startMs + i * 60_000, severity: severity() }]);
        const raw = one.severity[0] ?? 0;
        to.results(0, one);
        last = (one.severity[0] ?? 0) / raw;
      }
      return last;
    };
    const minutes = 11 * 24 * 60;
    const factor = feed(baselines, 0, minutes);
    const ratio = baselines.level(0, 0);
    expect(ratio).toBeLessThan(0.95);
    expect(factor * ratio).toBeCloseTo(1, 5);
    expect(driftOf(memos).ratio).toBe(ratio);
    const again = asset(memos, drifting);
    expect(feed(again.baselines, minutes, 1) * ratio).toBeCloseTo(1, 5);
    expect(asset(memos, { ...drifting, hash: 'cd' }).baselines.level(0, 0)).toBe(1);
  });

  it('learns nothing while a sensor is faulty', () => {
    const { memos, baselines } = asset(new Map(), drifting);
    const severity = calm(new Random(4));
    let minute = 0;
    const hours = (count: number) => {
      for (const end = minute + count * 60; minute < end; minute++)
        baselines.results(0, batch([{ timeMs: startMs + minute * 60_000, severity: severity() }]));
    };
    hours(50);
    const known = driftOf(memos).largest.length;
    expect(known).toBe(49);
    baselines.sensorFault('pump-1', true);
    hours(50);
    expect(driftOf(memos).largest.length).toBe(known);
    baselines.sensorFault('pump-1', false);
    hours(3);
    // A day was taken back, two hours are new.
    expect(driftOf(memos).largest.length).toBe(known - 24 + 2);
  });
});

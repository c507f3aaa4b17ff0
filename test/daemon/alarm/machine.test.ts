import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alarmId } from '../../../daemon/alarm/id.js';
import { step } from '../../../daemon/alarm/machine.js';
import { initialState, isSilenced, phaseOf } from '../../../daemon/alarm/state.js';
import type { AlarmInput } from '../../../daemon/alarm/transition.js';
import { formatRun, parseInputs, run, settingsFrom } from './cases.js';

const folder = join(import.meta.dirname, 'testdata');

describe('alarm cases: input -> expected transitions', () => {
  for (const name of readdirSync(folder)) {
    it(name, () => {
      const at = (file: string) => join(folder, name, file);
      const settings = settingsFrom(JSON.parse(readFileSync(at('settings.json'), 'utf8')));
      const actual = formatRun(run(parseInputs(readFileSync(at('input.txt'), 'utf8')), settings));
      if (process.env.UPDATE_CASES === '1') writeFileSync(at('expected.txt'), actual);
      expect(actual).toBe(readFileSync(at('expected.txt'), 'utf8'));
    });
  }
});

const author = fc.record({ by: fc.constantFrom('kim', 'lee', null), comment: fc.constant(null) });
const command = fc.oneof(
  author.map((who) => ({ kind: 'ack' as const, ...who })),
  fc
    .tuple(author, fc.integer({ min: 1, max: 500 }))
    .map(([who, s]) => ({ kind: 'shelve' as const, untilS: s, ...who })),
  author.map((who) => ({ kind: 'unshelve' as const, ...who })),
  author.map((who) => ({ kind: 'out-of-service' as const, ...who })),
  author.map((who) => ({ kind: 'in-service' as const, ...who })),
);
const happening = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .constantFrom(0, 0.5, 0.79, 0.8, 0.99, 1, 1.5, 2, 3, 4, 100, Number.POSITIVE_INFINITY)
      .map((severity) => ({ kind: 'level' as const, severity })),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'widen' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'diagnose' as const }) },
  { weight: 1, arbitrary: fc.boolean().map((on) => ({ kind: 'maintenance' as const, on })) },
  { weight: 1, arbitrary: fc.constant({ kind: 'tick' as const }) },
  { weight: 3, arbitrary: command },
);

/** Any history, with steps of 0 to 120 s. */
const history = fc.array(fc.tuple(fc.integer({ min: 0, max: 120 }), happening), { maxLength: 120 }).map((steps) => {
  let nowMs = 1_700_000_000_000;
  return steps.map(([seconds, what]): AlarmInput => {
    nowMs += seconds * 1000;
    if (what.kind === 'level') return { ...what, timeMs: nowMs, nowMs, startsAt: nowMs };
    if (what.kind === 'diagnose') return { ...what, timeMs: nowMs };
    if (what.kind === 'widen' || what.kind === 'maintenance') return { ...what, timeMs: nowMs, nowMs };
    if (what.kind === 'shelve')
      return { kind: 'shelve', by: what.by, comment: null, nowMs, untilMs: nowMs + what.untilS * 1000 };
    return { ...what, nowMs };
  });
});
const config = fc.record({
  onDelayS: fc.constantFrom(0, 60),
  offDelayS: fc.constantFrom(0, 60),
  latch: fc.boolean(),
  acknowledge: fc.constantFrom('auto', 'required'),
  reAlarmS: fc.constantFrom(0, 100),
  flapWindowS: fc.constantFrom(0, 1000),
  flapHoldS: fc.constantFrom(0, 300),
  deescalateS: fc.constantFrom(0, 100),
});

describe('properties of any history', () => {
  it('each transition begins where the one before ended, and the last one ends in the state that is kept', () => {
    fc.assert(
      fc.property(history, config, (inputs, set) => {
        const { state, transitions } = run(inputs, settingsFrom(set));
        let phase = phaseOf(initialState('x'));
        for (const transition of transitions) {
          expect(transition.from).toBe(phase);
          phase = transition.to;
        }
        expect(phaseOf(state)).toBe(phase);
      }),
    );
  });

  it('no phase changes without a transition', () => {
    fc.assert(
      fc.property(history, config, (inputs, set) => {
        let state = initialState('x');
        for (const input of inputs) {
          const next = step(state, input, settingsFrom(set));
          if (next.transitions.length === 0) expect(phaseOf(next.state)).toBe(phaseOf(state));
          state = next.state;
        }
      }),
    );
  });

  it('an id belongs to one occurrence', () => {
    fc.assert(
      fc.property(history, config, (inputs, set) => {
        const { transitions } = run(inputs, settingsFrom(set));
        const ids = transitions.filter(({ kind }) => kind === 'raised').map(({ after }) => after.id);
        expect(new Set(ids).size).toBe(ids.length);
        for (const { after } of transitions) if (after.occurrence > 0) expect(ids).toContain(after.id);
      }),
    );
  });

  it('nothing is told in silence but its beginning and end', () => {
    fc.assert(
      fc.property(history, config, (inputs, set) => {
        let state = initialState('x');
        for (const input of inputs) {
          const next = step(state, input, settingsFrom(set));
          if (isSilenced(state) && isSilenced(next.state))
            expect(next.transitions.filter(({ alert }) => alert)).toEqual([]);
          state = next.state;
        }
      }),
    );
  });

  it('a command given twice does what it did once, and what is not for it to change stays', () => {
    fc.assert(
      fc.property(history, config, command, (inputs, set, what) => {
        const settings = settingsFrom(set);
        const { state } = run(inputs, settings);
        const nowMs = 1_800_000_000_000;
        const one: AlarmInput = what.kind === 'shelve' ? { ...what, nowMs, untilMs: nowMs + 1 } : { ...what, nowMs };
        const once = step(state, one, settings);
        const twice = step(once.state, one, settings);
        expect(twice).toEqual({ state: once.state, transitions: [] });
        expect(once.state.id).toBe(state.id);
        expect(once.state.startsAt).toBe(state.startsAt);
      }),
    );
  });

  it('the state is plain JSON: it goes on after a restart as if nothing had been', () => {
    fc.assert(
      fc.property(history, config, fc.nat(119), (inputs, set, cut) => {
        const settings = settingsFrom(set);
        const first = run(inputs.slice(0, cut), settings);
        const revived = JSON.parse(JSON.stringify(first.state));
        const second = run(inputs.slice(cut), settings, revived);
        const whole = run(inputs, settings);
        expect(second.state).toEqual(whole.state);
        expect([...first.transitions, ...second.transitions]).toEqual(whole.transitions);
      }),
    );
  });

  it('the argument is never changed', () => {
    fc.assert(
      fc.property(history, config, (inputs, set) => {
        let state = Object.freeze(initialState('x'));
        for (const input of inputs) state = Object.freeze(step(state, Object.freeze(input), settingsFrom(set)).state);
        expect(Object.isFrozen(state)).toBe(true);
      }),
    );
  });
});

describe('what an operator may count on', () => {
  it('an alarm that comes and goes for a day within one fault costs at most six alerts, reminders included', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0, 1200, 7200, 36_000),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 3600 }), fc.constantFrom(0.1, 0.9, 1.2, 2.5, 5)), {
          maxLength: 300,
        }),
        (reAlarmS, steps) => {
          const inputs: AlarmInput[] = [];
          let second = 0;
          for (const [length, severity] of steps) {
            for (let k = 0; k < length; k += 10) {
              const timeMs = (second + k) * 1000;
              if (timeMs < 86_400_000)
                inputs.push(
                  { kind: 'level', timeMs, nowMs: timeMs, severity, startsAt: timeMs },
                  { kind: 'tick', nowMs: timeMs },
                );
            }
            second += length;
          }
          const alerts = run(inputs, settingsFrom({ reAlarmS }, 1000)).transitions.filter(({ alert }) => alert);
          expect(alerts.length).toBeLessThanOrEqual(6);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('besides beginnings and ends, an occurrence with those that it returns from sends two alerts at most, one more if they are reminders, and critical is always told', () => {
    fc.assert(
      fc.property(history, config, (inputs, set) => {
        const { transitions } = run(inputs, settingsFrom(set));
        let news = 0;
        let reminders = 0;
        let told = -1;
        for (const { kind, alert, after } of transitions) {
          const begins = kind === 'raised' || (kind === 'returned' && after.raisedAt === after.updatedAt);
          if (begins && after.returns === 0) {
            news = 0;
            reminders = 0;
            told = -1;
          }
          if (alert && (kind === 'escalated' || kind === 'diagnosed')) news++;
          if (kind === 're-alarmed') reminders++;
          expect(news).toBeLessThanOrEqual(2);
          expect(news + reminders).toBeLessThanOrEqual(3);
          if (kind === 'escalated' && after.band === 2 && told < 2 && !isSilenced(after)) expect(alert).toBe(true);
          told = Math.max(told, after.told);
        }
      }),
    );
  });

  it('a change of settings neither loses nor repeats an alarm', () => {
    const before = run(parseInputs('0 4.5\n5 ack kim'), settingsFrom({}));
    const after = run(
      parseInputs('6..9 4.5\n10..400 1.2'),
      settingsFrom({ criticalAt: 8, deescalateS: 100, latch: true }),
      before.state,
    );
    expect(after.transitions.map(({ kind, alert }) => [kind, alert])).toEqual([
      ['de-escalated', false],
      ['de-escalated', false],
    ]);
    expect(after.state.id).toBe(before.state.id);
  });
});

it('ids are UUIDs, the same for the same occurrence only', () => {
  const id = alarmId('gw/pump-1/machine-anomaly', 1, 1_700_000_000_000);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(alarmId('gw/pump-1/machine-anomaly', 1, 1_700_000_000_000)).toBe(id);
  expect(alarmId('gw/pump-1/machine-anomaly', 2, 1_700_000_000_000)).not.toBe(id);
  expect(alarmId('gw/pump-2/machine-anomaly', 1, 1_700_000_000_000)).not.toBe(id);
});

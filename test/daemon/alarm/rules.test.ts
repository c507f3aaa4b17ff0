/** The alarm machine against the rules of docs/alarm-rules.md, which `test/bench/alarms/life.ts` tells a second time, by any history. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { step } from '../../../daemon/alarm/machine.js';
import { initialState, resumed } from '../../../daemon/alarm/state.js';
import type { AlarmInput, Transition } from '../../../daemon/alarm/transition.js';
import { type Happening, Life, type Rules } from '../../bench/alarms/life.js';
import { settingsFrom } from './cases.js';

const wish = fc.constantFrom('ack', 'shelve', 'unshelve', 'out-of-service', 'in-service');
const severities = [0, 0.5, 0.79, 0.8, 0.99, 1, 1.5, 2, 3, 4, 100];
const happening = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...severities).map((severity) => ({ what: 'verdict', severity }) as const) },
  // A long quiet, so that alarms end.
  { weight: 4, arbitrary: fc.constant({ what: 'verdict', severity: 0 } as const) },
  { weight: 1, arbitrary: fc.constant({ what: 'joined' } as const) },
  { weight: 1, arbitrary: fc.boolean().map((on) => ({ what: 'window', on }) as const) },
  { weight: 2, arbitrary: fc.constant({ what: 'clock' } as const) },
  { weight: 1, arbitrary: fc.constant({ what: 'restart' } as const) },
  {
    weight: 3,
    arbitrary: fc.tuple(wish, fc.nat(300)).map(([asked, s]) => ({ what: 'asked', for: asked, s }) as const),
  },
);
const history = fc.array(fc.tuple(fc.nat(90), happening), { maxLength: 150 }).map((steps) => {
  let now = 1_700_000_000_000;
  return steps.map(([seconds, one]): Happening => {
    now += seconds * 1000;
    const time = now - 2000;
    if (one.what === 'restart') return one;
    if (one.what === 'clock') return { ...one, now };
    if (one.what === 'asked') return { what: 'asked', now, for: one.for, until: now + (one.s + 1) * 1000 };
    return { ...one, time, now };
  });
});

const config = fc.record({
  onDelayS: fc.constantFrom(0, 60),
  offDelayS: fc.constantFrom(0, 60),
  latch: fc.boolean(),
  acknowledge: fc.constantFrom('auto' as const, 'required' as const),
  reAlarmS: fc.constantFrom(0, 100),
  flapWindowS: fc.constantFrom(0, 1000),
  flapHoldS: fc.constantFrom(0, 100, 300),
  deescalateS: fc.constantFrom(0, 100),
});

function inputOf(one: Exclude<Happening, { what: 'restart' }>): AlarmInput {
  switch (one.what) {
    case 'verdict':
      return { kind: 'level', timeMs: one.time, nowMs: one.now, severity: one.severity, startsAt: one.time };
    case 'joined':
      return { kind: 'widen', timeMs: one.time, nowMs: one.now };
    case 'window':
      return { kind: 'maintenance', timeMs: one.time, nowMs: one.now, on: one.on };
    case 'clock':
      return { kind: 'tick', nowMs: one.now };
    case 'asked': {
      const who = { by: 'kim', comment: null, nowMs: one.now };
      return one.for === 'shelve' ? { kind: 'shelve', untilMs: one.until ?? 0, ...who } : { kind: one.for, ...who };
    }
  }
}

it('every transition is one that the rules ask for, and none is missing', () => {
  fc.assert(
    fc.property(history, config, (happenings, set) => {
      const settings = settingsFrom(set);
      const rules: Rules = {
        onDelay: set.onDelayS,
        offDelay: set.offDelayS,
        clearAt: 0.8,
        bands: [1, 2, 4],
        deescalate: set.deescalateS,
        reAlarm: set.reAlarmS,
        flapWindow: set.flapWindowS,
        flapHold: set.flapHoldS,
        latch: set.latch,
        mustAck: set.acknowledge === 'required',
      };
      const life = new Life(rules);
      let state = initialState('gw/pump-1/machine-anomaly');
      const told: Transition[] = [];
      for (const one of happenings) {
        life.happen(one);
        if (one.what === 'restart') {
          state = resumed(JSON.parse(JSON.stringify(state)));
          continue;
        }
        const next = step(state, inputOf(one), settings);
        state = next.state;
        told.push(...next.transitions);
      }
      expect(told.map(({ kind, timeMs, alert, to }) => ({ kind, time: timeMs, alert, to }))).toEqual(life.expected);
    }),
    { numRuns: 1500 },
  );
});

/** The alarm state machine: a pure step from state and input to the next state and the transitions that led there (ISA-18.2, OPC UA Part 9). */
import { mayRemind } from './news.js';
import { clear, diagnose, level, widen } from './process.js';
import type { AlarmSettings } from './settings.js';
import { expire, maintenance, putInService, shelve, takeOutOfService, unshelve } from './silence.js';
import { type AlarmState, isSilenced } from './state.js';
import { type AlarmInput, alone, type Company, changed, type InputOf, type Step, unchanged } from './transition.js';

type Steps = {
  readonly [K in AlarmInput['kind']]: (
    state: AlarmState,
    input: InputOf<K>,
    settings: AlarmSettings,
    company: Company,
  ) => Step;
};

const steps: Steps = {
  level,
  widen,
  diagnose,
  tick,
  ack: acknowledge,
  maintenance,
  shelve,
  unshelve,
  'out-of-service': takeOutOfService,
  'in-service': putInService,
};

/** The next state. Without a transition the state may still differ (timers, update times); the argument is never changed. */
export function step<K extends AlarmInput['kind']>(
  state: AlarmState,
  input: InputOf<K>,
  settings: AlarmSettings,
  company: Company = alone,
): Step {
  return (steps[input.kind as K] as Steps[K])(state, input, settings, company);
}

function tick(state: AlarmState, { nowMs }: InputOf<'tick'>, { reAlarmMs }: AlarmSettings, company: Company): Step {
  if (state.shelf !== null && state.shelf.untilMs <= nowMs) return expire(state, nowMs, company);
  // Each reminder waits twice as long as the one before.
  const due =
    state.announcedAt !== null && reAlarmMs > 0 && nowMs - state.announcedAt >= reAlarmMs * 2 ** state.reAlarms;
  // Nobody is reminded of what is quiet and only held open, in case it comes back.
  const isQuiet = state.quietSince !== null && !state.latched;
  if (!due || state.condition !== 'active' || isQuiet || isSilenced(state) || !mayRemind(state, company))
    return unchanged(state);
  const next: AlarmState = {
    ...state,
    acknowledged: false,
    ackedAt: null,
    ackedBy: null,
    announcedAt: nowMs,
    reAlarms: state.reAlarms + 1,
    news: state.news + 1,
  };
  return changed('re-alarmed', state, next, nowMs, true);
}

function acknowledge(
  state: AlarmState,
  { nowMs, by, comment }: InputOf<'ack'>,
  _: AlarmSettings,
  company: Company,
): Step {
  if (!state.open || state.acknowledged) return unchanged(state);
  const silent = isSilenced(state);
  const done = state.condition !== 'active';
  const next: AlarmState = {
    ...state,
    acknowledged: true,
    ackedAt: nowMs,
    ackedBy: { by, comment },
    open: !done,
    announced: !done || silent ? state.announced : false,
  };
  const acknowledged = changed('acknowledged', state, next, nowMs, !silent, { by, comment });
  if (!state.latched) return acknowledged;
  const cleared = clear(next, nowMs, false, company);
  return { state: cleared.state, transitions: [...acknowledged.transitions, ...cleared.transitions] };
}

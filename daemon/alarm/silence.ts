/** Steps of an alarm by what silences it: maintenance windows, shelving, out of service; and what is told when the last silence ends. */
import { type AlarmState, type Author, isSilenced } from './state.js';
import { changed, type InputOf, nobody, type Step, type TransitionKind, unchanged } from './transition.js';

export function maintenance(state: AlarmState, { on, timeMs, nowMs }: InputOf<'maintenance'>): Step {
  if (state.maintenance === on) return unchanged(state);
  const kind = on ? 'suppressed' : 'unsuppressed';
  return silence(state, { ...state, maintenance: on }, kind, { timeMs, nowMs, ...nobody });
}

export function shelve(state: AlarmState, { untilMs, nowMs, by, comment }: InputOf<'shelve'>): Step {
  if (state.shelf?.untilMs === untilMs) return unchanged(state);
  return silence(state, { ...state, shelf: { untilMs, by, comment } }, 'shelved', {
    timeMs: nowMs,
    nowMs,
    by,
    comment,
  });
}

export function unshelve(state: AlarmState, { nowMs, by, comment }: Omit<InputOf<'unshelve'>, 'kind'>): Step {
  if (state.shelf === null) return unchanged(state);
  return silence(state, { ...state, shelf: null }, 'unshelved', { timeMs: nowMs, nowMs, by, comment });
}

export function takeOutOfService(state: AlarmState, { nowMs, by, comment }: InputOf<'out-of-service'>): Step {
  if (state.outOfService !== null) return unchanged(state);
  const next = { ...state, outOfService: { by, comment } };
  return silence(state, next, 'out-of-service', { timeMs: nowMs, nowMs, by, comment });
}

export function putInService(state: AlarmState, { nowMs, by, comment }: InputOf<'in-service'>): Step {
  if (state.outOfService === null) return unchanged(state);
  return silence(state, { ...state, outOfService: null }, 'in-service', { timeMs: nowMs, nowMs, by, comment });
}

function silence(
  state: AlarmState,
  after: AlarmState,
  kind: TransitionKind,
  { timeMs, nowMs, ...author }: Author & { readonly timeMs: number; readonly nowMs: number },
): Step {
  const speaks = !isSilenced(after);
  let next = after;
  if (speaks && after.condition === 'active')
    next = { ...after, announced: true, announcedAt: nowMs, told: Math.max(after.told, after.band) };
  else if (speaks && !after.open) next = { ...after, announced: false };
  return changed(kind, state, next, timeMs, isTold(state, after, kind), author);
}

/**
 * Who was told that an alarm is there learns who silenced it, but not that a window began that the plan has: that would be an alert for each open alarm at
 * each of its beginnings. When the last silence ends, all learn what is there still, and that it is over if it ended meanwhile. Silence over what is
 * normal is no news: who asked for it gets an answer.
 */
function isTold(state: AlarmState, after: AlarmState, kind: TransitionKind): boolean {
  if (!isSilenced(state)) return state.open && kind !== 'suppressed';
  return !isSilenced(after) && (after.open || after.announced);
}

/** Steps of an alarm by what silences it: maintenance windows, shelving, out of service; and what is told when the last silence ends. */
import type { AlarmSettings } from './settings.js';
import { type AlarmState, type Author, isSilenced } from './state.js';
import {
  type Company,
  changed,
  type InputOf,
  nobody,
  type Step,
  type TransitionKind,
  unchanged,
} from './transition.js';

interface Change extends Author {
  readonly kind: TransitionKind;
  readonly timeMs: number;
  readonly nowMs: number;
  /** Someone wants it now, and gets an answer. */
  readonly asked: boolean;
}

export function maintenance(
  state: AlarmState,
  { on, timeMs, nowMs }: InputOf<'maintenance'>,
  _: AlarmSettings,
  company: Company,
): Step {
  if (state.maintenance === on) return unchanged(state);
  const kind = on ? 'suppressed' : 'unsuppressed';
  return silence(state, { ...state, maintenance: on }, company, { kind, timeMs, nowMs, asked: false, ...nobody });
}

export function shelve(
  state: AlarmState,
  { untilMs, nowMs, by, comment }: InputOf<'shelve'>,
  _: AlarmSettings,
  company: Company,
): Step {
  if (state.shelf?.untilMs === untilMs) return unchanged(state);
  return silence(
    state,
    { ...state, shelf: { untilMs, by, comment } },
    company,
    byRequest('shelved', nowMs, by, comment),
  );
}

export function unshelve(
  state: AlarmState,
  { nowMs, by, comment }: InputOf<'unshelve'>,
  _: AlarmSettings,
  company: Company,
): Step {
  if (state.shelf === null) return unchanged(state);
  return silence(state, { ...state, shelf: null }, company, byRequest('unshelved', nowMs, by, comment));
}

/** The time of a shelf is up. */
export function expire(state: AlarmState, nowMs: number, company: Company): Step {
  const change: Change = { ...byRequest('unshelved', nowMs, null, 'expired'), asked: false };
  return silence(state, { ...state, shelf: null }, company, change);
}

export function takeOutOfService(
  state: AlarmState,
  { nowMs, by, comment }: InputOf<'out-of-service'>,
  _: AlarmSettings,
  company: Company,
): Step {
  if (state.outOfService !== null) return unchanged(state);
  const next = { ...state, outOfService: { by, comment } };
  return silence(state, next, company, byRequest('out-of-service', nowMs, by, comment));
}

export function putInService(
  state: AlarmState,
  { nowMs, by, comment }: InputOf<'in-service'>,
  _: AlarmSettings,
  company: Company,
): Step {
  if (state.outOfService === null) return unchanged(state);
  return silence(state, { ...state, outOfService: null }, company, byRequest('in-service', nowMs, by, comment));
}

function byRequest(kind: TransitionKind, nowMs: number, by: string | null, comment: string | null): Change {
  return { kind, timeMs: nowMs, nowMs, asked: true, by, comment };
}

function silence(state: AlarmState, after: AlarmState, company: Company, change: Change): Step {
  const alert = isTold(state, after, company, change);
  let next = after;
  if (alert && !isSilenced(after))
    next =
      after.condition === 'active'
        ? { ...after, announced: true, announcedAt: change.nowMs, told: Math.max(after.told, after.band) }
        : { ...after, announced: after.open };
  return changed(change.kind, state, next, change.timeMs, alert, change);
}

/**
 * Who was told that an alarm is there learns who silenced it, but not that a window began that the plan has: that would be an alert for each open alarm at
 * each of its beginnings. When the last silence ends, all learn what is new: an alarm that is there, or worse, and nobody was told; one that is over, unless
 * the alarm beside it is still there. One that people know of, or that waits for its acknowledgement, is told again when the time of the silence was up,
 * but not to who just asked for it, nor where the alarm beside it was told. Silence over what is normal is no news: who asked for it gets an answer.
 */
function isTold(state: AlarmState, after: AlarmState, company: Company, { kind, asked }: Change): boolean {
  if (!isSilenced(state)) return state.open && kind !== 'suppressed';
  if (isSilenced(after)) return false;
  if (after.condition !== 'active') return after.open ? !asked : after.announced && !company.known;
  const isKnown = after.announced && after.band <= after.told;
  return !isKnown || !(asked || company.known);
}

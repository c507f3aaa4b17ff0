/** Steps of an alarm by what the process does: verdicts raise, escalate, de-escalate and end it. */
import { alarmId } from './id.js';
import { isNews, isSpent } from './news.js';
import type { AlarmSettings } from './settings.js';
import { type AlarmState, isSilenced } from './state.js';
import { type Company, changed, type InputOf, type Step, unchanged } from './transition.js';

type Level = InputOf<'level'>;

/** Each return makes a flapping alarm stay this many times longer. */
const holdGrowth = 6;

export function level(state: AlarmState, input: Level, settings: AlarmSettings, company: Company): Step {
  return state.condition === 'active' ? stay(state, input, settings, company) : begin(state, input, settings, company);
}

/**
 * Quiet time after which the alarm may end. One that follows the other alarm of its asset stays like one that
 * returned, and so does one whose return would tell too much. */
function quietMs(state: AlarmState, settings: AlarmSettings, company: Company): number {
  const { returns, raisedAt } = state;
  const { offDelayMs, flapWindowMs, flapHoldMs } = settings;
  const sinceOther = (raisedAt ?? 0) - (company.endsAt ?? Number.NEGATIVE_INFINITY);
  const follows = sinceOther >= 0 && sinceOther < flapWindowMs;
  if (returns === 0 && !follows && !isSpent(state, company)) return offDelayMs;
  return Math.max(offDelayMs, Math.min(flapWindowMs, flapHoldMs * holdGrowth ** Math.max(0, returns - 1)));
}

function bandOf(severity: number, { levels }: AlarmSettings): number {
  return severity >= levels[2] ? 2 : severity >= levels[1] ? 1 : 0;
}

/** A verdict on an alarm that is not active: the on-delay. */
function begin(state: AlarmState, input: Level, settings: AlarmSettings, company: Company): Step {
  const { severity, timeMs } = input;
  const pending = state.condition === 'pending';
  if (severity >= 1) {
    const since = state.pendingSince ?? timeMs;
    if (timeMs - since >= settings.onDelayMs)
      return raise(state, { ...input, startsAt: Math.min(input.startsAt, since) }, settings, company);
    if (pending) return unchanged(state);
    return changed('pending', state, { ...state, condition: 'pending', pendingSince: since }, timeMs, false);
  }
  if (!pending || severity >= settings.clearAt) return unchanged(state);
  return changed('dropped', state, { ...state, condition: 'normal', pendingSince: null }, timeMs, false);
}

function raise(state: AlarmState, input: Level, settings: AlarmSettings, company: Company): Step {
  const { severity, timeMs, nowMs } = input;
  const returning = state.endsAt !== null && timeMs - state.endsAt < settings.flapWindowMs;
  const band = bandOf(severity, settings);
  const silent = isSilenced(state);
  const toldBefore = returning ? state.told : -1;
  const newsBefore = returning ? state.news : 0;
  // Its end was kept back: for all that people know it is there still.
  const isThought = company.known && state.announced;
  const isWorse = band > toldBefore && isNews({ news: newsBefore, told: toldBefore }, band, company);
  const alert = !silent && (!isThought || isWorse);
  // An occurrence that nobody has acknowledged yet goes on; it keeps its id and its beginning.
  const goesOn = state.open;
  const occurrence = goesOn ? state.occurrence : state.occurrence + 1;
  const startsAt = goesOn ? (state.startsAt ?? input.startsAt) : Math.min(input.startsAt, timeMs);
  const next: AlarmState = {
    ...state,
    occurrence,
    id: goesOn ? state.id : alarmId(state.source, occurrence, startsAt),
    condition: 'active',
    open: true,
    acknowledged: false,
    latched: false,
    latchTold: false,
    pendingSince: null,
    startsAt,
    raisedAt: timeMs,
    endsAt: null,
    updatedAt: timeMs,
    ackedAt: null,
    ackedBy: null,
    quietSince: null,
    band,
    lowerSince: null,
    told: alert ? Math.max(band, toldBefore) : toldBefore,
    news: newsBefore + (alert && company.known ? 1 : 0),
    // Who was told of one that ended in silence still thinks that it is there.
    announced: state.announced || alert,
    returns: returning ? state.returns + 1 : 0,
    announcedAt: silent ? null : alert ? nowMs : state.announcedAt,
    reAlarms: 0,
  };
  return changed(goesOn ? 'returned' : 'raised', state, next, timeMs, alert);
}

/** A verdict on an alarm that is active. */
function stay(state: AlarmState, input: Level, settings: AlarmSettings, company: Company): Step {
  const { severity, timeMs } = input;
  if (severity < settings.clearAt || (state.latched && severity < 1)) return quiet(state, timeMs, settings, company);
  if (state.latched)
    return changed('returned', state, { ...state, latched: false, quietSince: null, updatedAt: timeMs }, timeMs, false);
  const loud: AlarmState = state.quietSince === null ? state : { ...state, quietSince: null };
  const band = bandOf(severity, settings);
  return band > state.band ? escalate(loud, band, input, company) : deescalate(loud, input, settings);
}

/** Below `clearAt`: the off-delay. */
function quiet(state: AlarmState, timeMs: number, settings: AlarmSettings, company: Company): Step {
  if (state.latched) return unchanged(state);
  const since = state.quietSince ?? timeMs;
  const next: AlarmState = state.quietSince === since ? state : { ...state, quietSince: since };
  if (timeMs - since < quietMs(state, settings, company)) return unchanged(next);
  if (!settings.latch || state.acknowledged || !state.announced)
    return clear(next, timeMs, settings.requireAck, company);
  const alert = !state.latchTold && !isSilenced(next);
  const latched: AlarmState = { ...next, latched: true, latchTold: state.latchTold || alert, updatedAt: timeMs };
  return changed('latched', next, latched, timeMs, alert);
}

function escalate(state: AlarmState, band: number, { timeMs, nowMs }: Level, company: Company): Step {
  const alert = !isSilenced(state) && band > state.told && isNews(state, band, company);
  const next: AlarmState = {
    ...state,
    band,
    lowerSince: null,
    updatedAt: timeMs,
    told: alert ? band : state.told,
    news: state.news + (alert ? 1 : 0),
    announced: state.announced || alert,
    announcedAt: alert ? nowMs : state.announcedAt,
  };
  return changed('escalated', state, next, timeMs, alert);
}

function deescalate(state: AlarmState, { severity, timeMs }: Level, settings: AlarmSettings): Step {
  if (state.band === 0 || severity >= (settings.levels[state.band] ?? 1) * settings.clearAt)
    return unchanged(state.lowerSince === null ? state : { ...state, lowerSince: null });
  const lowerSince = state.lowerSince ?? timeMs;
  if (timeMs - lowerSince < settings.deescalateMs)
    return unchanged(state.lowerSince === lowerSince ? state : { ...state, lowerSince });
  const next: AlarmState = { ...state, band: state.band - 1, lowerSince: timeMs, updatedAt: timeMs };
  // Better is told by the retained state alone; alerts are for what needs someone.
  return changed('de-escalated', state, next, timeMs, false);
}

/** Normal again since `quietSince`. */
export function clear(state: AlarmState, timeMs: number, requireAck: boolean, company: Company): Step {
  // The asset is not well yet: whoever knows of both alarms is told when the last one ends.
  const alert = state.announced && !isSilenced(state) && !company.known;
  // What nobody was told of needs nobody's acknowledgement.
  const waits = requireAck && !state.acknowledged && state.announced;
  const next: AlarmState = {
    ...state,
    condition: 'normal',
    open: waits,
    announced: waits || (state.announced && !alert),
    latched: false,
    endsAt: state.quietSince ?? timeMs,
    updatedAt: timeMs,
    quietSince: null,
    lowerSince: null,
  };
  return changed('cleared', state, next, timeMs, alert);
}

/** What joins an open alarm is no alert of its own while nobody has acknowledged it: whoever was told is on the way already. */
export function widen(state: AlarmState, { timeMs, nowMs }: InputOf<'widen'>): Step {
  if (state.condition !== 'active') return unchanged(state);
  const alert = state.acknowledged && !isSilenced(state);
  const next: AlarmState = {
    ...state,
    acknowledged: false,
    ackedAt: null,
    ackedBy: null,
    updatedAt: timeMs,
    announcedAt: alert ? nowMs : state.announcedAt,
  };
  return changed('widened', state, next, timeMs, alert);
}

/** Whoever was told of the alarm is told what became of the suspicion; nothing else changes. */
export function diagnose(state: AlarmState, { timeMs }: InputOf<'diagnose'>, _: AlarmSettings, company: Company): Step {
  if (state.condition !== 'active') return unchanged(state);
  const alert = state.announced && !isSilenced(state) && isNews(state, state.told, company);
  const next: AlarmState = { ...state, updatedAt: timeMs, news: state.news + (alert ? 1 : 0) };
  return changed('diagnosed', state, next, timeMs, alert);
}

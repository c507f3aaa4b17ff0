/** Steps of an alarm by what the process does: verdicts raise, escalate, de-escalate and end it. */
import { alarmId } from './id.js';
import type { AlarmSettings } from './settings.js';
import { type AlarmState, bands, isSilenced } from './state.js';
import { changed, type InputOf, type Step, unchanged } from './transition.js';

type Level = InputOf<'level'>;

/** Between its beginnings and its ends an alarm sends at most so many alerts, */
const mostNews = 2;
/** of which one is kept for the highest band until that was told. */
const highest = bands.length - 1;

/** Each return makes a flapping alarm stay this many times longer. */
const holdGrowth = 6;

export function level(state: AlarmState, input: Level, settings: AlarmSettings): Step {
  return state.condition === 'active' ? stay(state, input, settings) : begin(state, input, settings);
}

/** Quiet time after which the alarm may end. */
export function offDelayMs({ returns }: AlarmState, { offDelayMs, flapWindowMs, flapHoldMs }: AlarmSettings): number {
  return returns === 0
    ? offDelayMs
    : Math.max(offDelayMs, Math.min(flapWindowMs, flapHoldMs * holdGrowth ** (returns - 1)));
}

function bandOf(severity: number, { levels }: AlarmSettings): number {
  return severity >= levels[2] ? 2 : severity >= levels[1] ? 1 : 0;
}

/** Whether there is an alert left for news of an alarm that is at, or reaches, `band`. */
function isNews({ news, told }: AlarmState, band: number): boolean {
  const kept = Math.max(told, band) < highest ? 1 : 0;
  return news + kept < mostNews;
}

/** A verdict on an alarm that is not active: the on-delay. */
function begin(state: AlarmState, input: Level, settings: AlarmSettings): Step {
  const { severity, timeMs } = input;
  const pending = state.condition === 'pending';
  if (severity >= 1) {
    const since = state.pendingSince ?? timeMs;
    if (timeMs - since >= settings.onDelayMs)
      return raise(state, { ...input, startsAt: Math.min(input.startsAt, since) }, settings);
    if (pending) return unchanged(state);
    return changed('pending', state, { ...state, condition: 'pending', pendingSince: since }, timeMs, false);
  }
  if (!pending || severity >= settings.clearAt) return unchanged(state);
  return changed('dropped', state, { ...state, condition: 'normal', pendingSince: null }, timeMs, false);
}

function raise(state: AlarmState, input: Level, settings: AlarmSettings): Step {
  const { severity, timeMs, nowMs } = input;
  const returning = state.endsAt !== null && timeMs - state.endsAt < settings.flapWindowMs;
  const band = bandOf(severity, settings);
  const silent = isSilenced(state);
  const toldBefore = returning ? state.told : -1;
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
    told: silent ? toldBefore : Math.max(band, toldBefore),
    news: returning ? state.news : 0,
    // Who was told of one that ended in silence still thinks that it is there.
    announced: state.announced || !silent,
    returns: returning ? state.returns + 1 : 0,
    announcedAt: silent ? null : nowMs,
    reAlarms: 0,
  };
  return changed(goesOn ? 'returned' : 'raised', state, next, timeMs, !silent);
}

/** A verdict on an alarm that is active. */
function stay(state: AlarmState, input: Level, settings: AlarmSettings): Step {
  const { severity, timeMs } = input;
  if (severity < settings.clearAt || (state.latched && severity < 1)) return quiet(state, timeMs, settings);
  if (state.latched)
    return changed('returned', state, { ...state, latched: false, quietSince: null, updatedAt: timeMs }, timeMs, false);
  const loud: AlarmState = state.quietSince === null ? state : { ...state, quietSince: null };
  const band = bandOf(severity, settings);
  return band > state.band ? escalate(loud, band, input) : deescalate(loud, input, settings);
}

/** Below `clearAt`: the off-delay. */
function quiet(state: AlarmState, timeMs: number, settings: AlarmSettings): Step {
  if (state.latched) return unchanged(state);
  const since = state.quietSince ?? timeMs;
  const next: AlarmState = state.quietSince === since ? state : { ...state, quietSince: since };
  if (timeMs - since < offDelayMs(state, settings)) return unchanged(next);
  if (settings.latch && !state.acknowledged && state.announced)
    return changed('latched', next, { ...next, latched: true, updatedAt: timeMs }, timeMs, !isSilenced(next));
  return clear(next, timeMs, settings.requireAck);
}

function escalate(state: AlarmState, band: number, { timeMs, nowMs }: Level): Step {
  const alert = !isSilenced(state) && band > state.told && isNews(state, band);
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
export function clear(state: AlarmState, timeMs: number, requireAck: boolean): Step {
  const silent = isSilenced(state);
  // What nobody was told of needs nobody's acknowledgement.
  const waits = requireAck && !state.acknowledged && state.announced;
  const next: AlarmState = {
    ...state,
    condition: 'normal',
    open: waits,
    announced: waits || (state.announced && silent),
    latched: false,
    endsAt: state.quietSince ?? timeMs,
    updatedAt: timeMs,
    quietSince: null,
    lowerSince: null,
  };
  return changed('cleared', state, next, timeMs, state.announced && !silent);
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
export function diagnose(state: AlarmState, { timeMs }: InputOf<'diagnose'>): Step {
  if (state.condition !== 'active') return unchanged(state);
  const alert = state.announced && !isSilenced(state) && isNews(state, state.told);
  const next: AlarmState = { ...state, updatedAt: timeMs, news: state.news + (alert ? 1 : 0) };
  return changed('diagnosed', state, next, timeMs, alert);
}

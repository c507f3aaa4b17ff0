/** The alarm state machine: a pure step from state and input to the next state and the transitions that led there (ISA-18.2, OPC UA Part 9). */
import { alarmId } from './id.js';
import { isSilenced, phaseOf } from './state.js';
export const transitionKinds = [
    'pending',
    'dropped',
    'raised',
    'escalated',
    'de-escalated',
    'latched',
    'returned',
    'widened',
    're-alarmed',
    'acknowledged',
    'cleared',
    'shelved',
    'unshelved',
    'suppressed',
    'unsuppressed',
    'out-of-service',
    'in-service',
];
/** Each return makes a flapping alarm stay this many times longer. */
const holdGrowth = 6;
const nobody = { by: null, comment: null };
/** The next state. Without a transition the state may still differ (timers, update times); the argument is never changed. */
export function step(state, input, settings) {
    switch (input.kind) {
        case 'level':
            return level(state, input, settings);
        case 'widen':
            return widen(state, input);
        case 'maintenance':
            if (state.maintenance === input.on)
                return { state, transitions: [] };
            return silence(state, { ...state, maintenance: input.on }, input.on ? 'suppressed' : 'unsuppressed', input.timeMs, input.nowMs, nobody);
        case 'tick':
            return tick(state, input.nowMs, settings);
        case 'ack':
            return acknowledge(state, input);
        case 'shelve':
            if (state.shelf?.untilMs === input.untilMs)
                return { state, transitions: [] };
            return silence(state, { ...state, shelf: { untilMs: input.untilMs, by: input.by, comment: input.comment } }, 'shelved', input.nowMs, input.nowMs, input);
        case 'unshelve':
            if (state.shelf === null)
                return { state, transitions: [] };
            return silence(state, { ...state, shelf: null }, 'unshelved', input.nowMs, input.nowMs, input);
        case 'out-of-service':
            if (state.outOfService !== null)
                return { state, transitions: [] };
            return silence(state, { ...state, outOfService: { by: input.by, comment: input.comment } }, 'out-of-service', input.nowMs, input.nowMs, input);
        case 'in-service':
            if (state.outOfService === null)
                return { state, transitions: [] };
            return silence(state, { ...state, outOfService: null }, 'in-service', input.nowMs, input.nowMs, input);
    }
}
/** Quiet time after which the alarm may end. */
export function offDelayMs(state, settings) {
    return state.returns === 0 ? settings.offDelayMs : Math.max(settings.offDelayMs, holdMs(state.returns, settings));
}
function holdMs(returns, settings) {
    return Math.min(settings.flapWindowMs, settings.flapHoldMs * holdGrowth ** (returns - 1));
}
function bandOf(severity, settings) {
    return severity >= settings.levels[2] ? 2 : severity >= settings.levels[1] ? 1 : 0;
}
function level(state, input, settings) {
    const { severity, timeMs } = input;
    if (state.condition === 'active')
        return stay(state, input, settings);
    if (severity >= 1) {
        const since = state.pendingSince ?? timeMs;
        if (timeMs - since >= settings.onDelayMs)
            return raise(state, { ...input, startsAt: Math.min(input.startsAt, since) }, settings);
        if (state.condition === 'pending')
            return { state, transitions: [] };
        const next = { ...state, condition: 'pending', pendingSince: since };
        return { state: next, transitions: [transition('pending', state, next, timeMs, false)] };
    }
    if (state.condition === 'pending' && severity < settings.clearAt) {
        const next = { ...state, condition: 'normal', pendingSince: null };
        return { state: next, transitions: [transition('dropped', state, next, timeMs, false)] };
    }
    return { state, transitions: [] };
}
function raise(state, input, settings) {
    const { severity, timeMs, nowMs } = input;
    const returning = state.endsAt !== null && timeMs - state.endsAt < settings.flapWindowMs;
    const band = bandOf(severity, settings);
    const silent = isSilenced(state);
    // An occurrence that nobody has acknowledged yet goes on; it keeps its id and its beginning.
    const goesOn = state.open;
    const occurrence = goesOn ? state.occurrence : state.occurrence + 1;
    const startsAt = goesOn ? (state.startsAt ?? input.startsAt) : Math.min(input.startsAt, timeMs);
    const next = {
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
        told: silent ? (returning ? state.told : -1) : Math.max(band, returning ? state.told : -1),
        announced: (goesOn && state.announced) || !silent,
        returns: returning ? state.returns + 1 : 0,
        announcedAt: silent ? null : nowMs,
        reAlarms: 0,
    };
    return { state: next, transitions: [transition(goesOn ? 'returned' : 'raised', state, next, timeMs, !silent)] };
}
/** A verdict on an alarm that is active. */
function stay(state, input, settings) {
    const { severity, timeMs, nowMs } = input;
    const silent = isSilenced(state);
    if (severity < settings.clearAt) {
        if (state.latched)
            return { state, transitions: [] };
        const quietSince = state.quietSince ?? timeMs;
        if (timeMs - quietSince < offDelayMs(state, settings))
            return { state: state.quietSince === quietSince ? state : { ...state, quietSince }, transitions: [] };
        return settings.latch && !state.acknowledged && state.announced
            ? latch({ ...state, quietSince }, timeMs)
            : clear({ ...state, quietSince }, timeMs, settings.requireAck);
    }
    if (state.latched && severity >= 1) {
        const next = { ...state, latched: false, quietSince: null, updatedAt: timeMs };
        return { state: next, transitions: [transition('returned', state, next, timeMs, false)] };
    }
    const loud = state.quietSince === null ? state : { ...state, quietSince: null };
    const band = bandOf(severity, settings);
    if (band > state.band) {
        const alert = !silent && band > state.told;
        const next = {
            ...loud,
            band,
            lowerSince: null,
            updatedAt: timeMs,
            told: alert ? band : state.told,
            announced: state.announced || alert,
            announcedAt: alert ? nowMs : state.announcedAt,
        };
        return { state: next, transitions: [transition('escalated', state, next, timeMs, alert)] };
    }
    return deescalate(loud, input, settings);
}
function deescalate(state, { severity, timeMs }, settings) {
    if (state.band === 0 || severity >= (settings.levels[state.band] ?? 1) * settings.clearAt)
        return { state: state.lowerSince === null ? state : { ...state, lowerSince: null }, transitions: [] };
    const lowerSince = state.lowerSince ?? timeMs;
    if (timeMs - lowerSince < settings.deescalateMs)
        return { state: state.lowerSince === lowerSince ? state : { ...state, lowerSince }, transitions: [] };
    const next = { ...state, band: state.band - 1, lowerSince: timeMs, updatedAt: timeMs };
    // Better is told by the retained state alone; alerts are for what needs someone.
    return { state: next, transitions: [transition('de-escalated', state, next, timeMs, false)] };
}
function latch(state, timeMs) {
    const next = { ...state, latched: true, updatedAt: timeMs };
    return { state: next, transitions: [transition('latched', state, next, timeMs, !isSilenced(state))] };
}
function clear(state, timeMs, requireAck) {
    // What nobody was told of needs nobody's acknowledgement.
    const waits = requireAck && !state.acknowledged && state.announced;
    const next = {
        ...state,
        condition: 'normal',
        open: waits,
        announced: waits || (state.announced && isSilenced(state)),
        latched: false,
        endsAt: state.quietSince ?? timeMs,
        updatedAt: timeMs,
        quietSince: null,
        lowerSince: null,
    };
    return {
        state: next,
        transitions: [transition('cleared', state, next, timeMs, state.announced && !isSilenced(state))],
    };
}
function widen(state, { timeMs, nowMs }) {
    if (state.condition !== 'active')
        return { state, transitions: [] };
    // Whoever has not acknowledged it yet is on the way already.
    const alert = state.acknowledged && !isSilenced(state);
    const next = {
        ...state,
        acknowledged: false,
        ackedAt: null,
        ackedBy: null,
        updatedAt: timeMs,
        announcedAt: alert ? nowMs : state.announcedAt,
    };
    return { state: next, transitions: [transition('widened', state, next, timeMs, alert)] };
}
function tick(state, nowMs, settings) {
    if (state.shelf !== null && state.shelf.untilMs <= nowMs)
        return silence(state, { ...state, shelf: null }, 'unshelved', nowMs, nowMs, { by: null, comment: 'expired' });
    const due = state.announcedAt !== null && settings.reAlarmMs > 0 && nowMs - state.announcedAt >= settings.reAlarmMs;
    if (!due || state.condition !== 'active' || isSilenced(state))
        return { state, transitions: [] };
    const next = {
        ...state,
        acknowledged: false,
        ackedAt: null,
        ackedBy: null,
        announcedAt: nowMs,
        reAlarms: state.reAlarms + 1,
    };
    return { state: next, transitions: [transition('re-alarmed', state, next, nowMs, true)] };
}
function acknowledge(state, { nowMs, by, comment }) {
    if (!state.open || state.acknowledged)
        return { state, transitions: [] };
    const done = state.condition !== 'active';
    const next = {
        ...state,
        acknowledged: true,
        ackedAt: nowMs,
        ackedBy: { by, comment },
        open: !done,
        announced: !done || isSilenced(state) ? state.announced : false,
    };
    const acknowledged = transition('acknowledged', state, next, nowMs, !isSilenced(state), { by, comment });
    if (!state.latched)
        return { state: next, transitions: [acknowledged] };
    const cleared = clear(next, nowMs, false);
    return { state: cleared.state, transitions: [acknowledged, ...cleared.transitions] };
}
/** People or a window begin or end a silence. When the last silence ends, whoever was not told learns how things stand. */
function silence(state, changed, kind, timeMs, nowMs, author) {
    const speaks = !isSilenced(changed);
    const active = changed.condition === 'active';
    const next = speaks && active
        ? { ...changed, announced: true, announcedAt: nowMs, told: Math.max(changed.told, changed.band) }
        : speaks && !changed.open
            ? { ...changed, announced: false }
            : changed;
    // Silence over an alarm that is normal is no news: whoever asked for it gets an answer, and the retained state shows it.
    // But who was told that an alarm began must be told that it ended, if it did so in the silence.
    const alert = isSilenced(state) ? speaks && (changed.open || changed.announced) : state.open;
    return { state: next, transitions: [transition(kind, state, next, timeMs, alert, author)] };
}
function transition(kind, from, to, timeMs, alert, { by, comment } = nobody) {
    return { kind, from: phaseOf(from), to: phaseOf(to), timeMs, alert, by, comment };
}
//# sourceMappingURL=machine.js.map
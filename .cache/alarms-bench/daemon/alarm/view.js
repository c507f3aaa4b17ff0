import { bands, phaseOf } from './state.js';
/** Larger scores say nothing more, and JSON has no infinity. */
const largestScore = 1e6;
export function boundedScore(severity) {
    return Number(Math.min(Math.max(severity, 0), largestScore).toPrecision(6));
}
/** `group` is the id of the asset's oldest open alarm. */
export function viewAlarm(alarm, group, config) {
    const { asset, type, state } = alarm;
    // A silence without an occurrence has nothing to show of the last one.
    const shown = state.open || phaseOf(state) === 'normal';
    const evidence = shown ? alarm.evidence : null;
    const updatedAt = Math.max(state.updatedAt, evidence?.timeMs ?? 0);
    const author = state.outOfService ?? state.shelf ?? state.ackedBy;
    return {
        id: shown && state.id !== '' ? state.id : null,
        asset,
        type,
        state: phaseOf(state),
        severity: shown && state.id !== '' ? (bands[state.band] ?? 'warning') : null,
        score: evidence?.score ?? null,
        startsAt: shown ? iso(state.startsAt) : null,
        updatedAt: updatedAt === 0 ? null : iso(updatedAt),
        endsAt: shown ? iso(state.endsAt) : null,
        ackedAt: shown ? iso(state.ackedAt) : null,
        reason: evidence?.reason ?? '',
        message: `${evidence?.message ?? `${asset}: ${type} is not active.`}${remark(state)}`,
        suspect: evidence?.suspect ?? null,
        mode: evidence?.mode ?? null,
        diagnostics: [...(evidence?.diagnostics ?? [])],
        signals: [...(evidence?.signals ?? [])],
        bundle: evidence?.bundle ?? null,
        config,
        group: state.open ? group : null,
        occurrence: state.occurrence,
        flapping: state.open && state.returns > 0,
        latched: state.latched,
        reAlarms: state.reAlarms,
        shelvedUntil: iso(state.shelf?.untilMs ?? null),
        by: author?.by ?? null,
        comment: author?.comment ?? null,
    };
}
/** What the state adds to the sentence about the evidence. */
function remark(state) {
    if (state.outOfService !== null)
        return ' Out of service.';
    if (state.maintenance)
        return ' In maintenance.';
    if (state.shelf !== null)
        return ` Shelved until ${iso(state.shelf.untilMs)}.`;
    if (state.latched)
        return ' Normal again; waits to be acknowledged.';
    if (state.id !== '' && state.condition !== 'active')
        return state.endsAt === null ? '' : ` Normal again since ${iso(state.endsAt)}.`;
    if (state.returns > 0)
        return ` It comes and goes (${state.returns + 1} times).`;
    return '';
}
function iso(timeMs) {
    return timeMs === null ? null : new Date(timeMs).toISOString();
}

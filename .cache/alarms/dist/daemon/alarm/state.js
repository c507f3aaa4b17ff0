/** The state of one alarm as plain JSON, and the phase of ISA-18.2 that follows from it. */
/** What an alarm is about. */
export const alarmTypes = ['machine-anomaly', 'sensor-fault', 'data-stale'];
/** Severity bands in rising order; `AlarmState.band` is an index into it. */
export const bands = ['warning', 'high', 'critical'];
/**
 * ISA-18.2 states in the words of OPC UA Part 9. `pending` is the on-delay. `suppressed` is a maintenance window (suppressed by design).
 * `active` is active and unacknowledged, `acknowledged` active and acknowledged.
 */
export const phases = [
    'normal',
    'pending',
    'active',
    'acknowledged',
    'cleared-unacknowledged',
    'shelved',
    'suppressed',
    'out-of-service',
];
export function initialState(source) {
    return {
        source,
        occurrence: 0,
        id: '',
        condition: 'normal',
        open: false,
        acknowledged: false,
        latched: false,
        pendingSince: null,
        startsAt: null,
        raisedAt: null,
        endsAt: null,
        updatedAt: 0,
        ackedAt: null,
        ackedBy: null,
        quietSince: null,
        band: 0,
        lowerSince: null,
        told: -1,
        announced: false,
        returns: 0,
        announcedAt: null,
        reAlarms: 0,
        shelf: null,
        outOfService: null,
        maintenance: false,
    };
}
/** No alerts go out: someone or a maintenance window wants silence. */
export function isSilenced(state) {
    return state.outOfService !== null || state.maintenance || state.shelf !== null;
}
/** Out of service goes before maintenance, that before shelved, and all three before what the process does. */
export function phaseOf(state) {
    if (state.outOfService !== null)
        return 'out-of-service';
    if (state.maintenance)
        return 'suppressed';
    if (state.shelf !== null)
        return 'shelved';
    if (state.condition === 'active')
        return state.acknowledged ? 'acknowledged' : 'active';
    if (state.open)
        return 'cleared-unacknowledged';
    return state.condition;
}
/** True where the alarm has a retained state on the broker; otherwise its topic is empty. */
export function isRetained(phase) {
    return phase !== 'normal' && phase !== 'pending';
}
//# sourceMappingURL=state.js.map
/** Alarm ids: owned by the gateway, the same after a restart and in every copy of a message. */
import { createHash } from 'node:crypto';
/**
 * A UUID (version 8, RFC 9562: own making) from where the alarm comes from, which occurrence it is and when it began.
 * The same three give the same id, so a replay and a resent message speak of the same alarm.
 */
export function alarmId(source, occurrence, startsAtMs) {
    const hex = createHash('sha256').update(`${source}\0${occurrence}\0${startsAtMs}`).digest('hex');
    const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 3) | 8).toString(16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

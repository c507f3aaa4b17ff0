/** Requests over MQTT: checks them strictly, routes them, records them and answers; a request is done once or not at all. */
import { createHash } from 'node:crypto';
import { requestSchemas } from './message/request.js';
/** Larger payloads are not even read. */
const maxBytes = 16_384;
/** A sender's clock may be this much ahead of ours. */
const aheadMs = 60_000;
/** A request that says when it was made is refused when it is older: someone recorded it, or a broker kept it. */
const oldestMs = 300_000;
const handlers = {
    'alarm/ack': (request, nowMs, to) => onAlarm(request, { kind: 'ack' }, nowMs, to),
    'alarm/shelve': (request, nowMs, to) => {
        const untilMs = request.until === undefined ? nowMs + (request.duration ?? 0) * 1000 : Date.parse(request.until);
        return onAlarm(request, { kind: 'shelve', untilMs }, nowMs, to);
    },
    'alarm/unshelve': (request, nowMs, to) => onAlarm(request, { kind: 'unshelve' }, nowMs, to),
    'alarm/out-of-service': (request, nowMs, to) => onAlarm(request, { kind: 'out-of-service' }, nowMs, to),
    'alarm/in-service': (request, nowMs, to) => onAlarm(request, { kind: 'in-service' }, nowMs, to),
    'asset/rebaseline': (request, nowMs, to) => to.rebaseline?.(request, nowMs) ?? { error: 'not supported: this version can not calibrate anew while it runs' },
};
export class Requests {
    options;
    constructor(options) {
        this.options = options;
    }
    /**
     * Answers one request. `retained` marks a message that the broker kept: its age is unknown, so it is refused. The answer repeats the transaction where one
     * could be read. A transaction that comes twice within minutes (QoS 1 may do that) gets its first answer again; later it is a replay and refused.
     * Whatever is answered with `error` has changed nothing.
     */
    handle(command, payload, retained, nowMs) {
        if (payload.length > maxBytes)
            return refuse(`the request has ${payload.length} bytes; at most ${maxBytes} are read`);
        const raw = parse(payload);
        const transaction = transactionOf(raw);
        if (retained)
            return refuse('the request was published retained: send it without the retain flag', transaction);
        const digest = createHash('sha256').update(command).update('\0').update(payload).digest('hex');
        const known = transaction === undefined ? undefined : this.options.audit.find(transaction);
        if (known !== undefined) {
            if (known.digest !== digest)
                return refuse('the transaction was used before, for another request', transaction);
            if (nowMs - Date.parse(known.time) <= oldestMs)
                return known.response;
            return refuse(`replayed: the transaction was carried out at ${known.time}`, transaction);
        }
        const outcome = this.#outcome(command, raw, nowMs);
        const response = 'error' in outcome
            ? refuse(outcome.error, transaction)
            : { status: 'ok', data: outcome.data, ...(transaction !== undefined && { transaction }) };
        const by = typeof raw === 'object' && raw !== null && 'by' in raw && typeof raw.by === 'string' ? raw.by : null;
        const time = new Date(nowMs).toISOString();
        this.options.audit.write({ time, command: command.slice(0, 128), digest, by, request: raw ?? null, response });
        return response;
    }
    #outcome(command, raw, nowMs) {
        if (!isCommand(command))
            return { error: `unknown command ${JSON.stringify(command.slice(0, 128))}; there are: ${commands.join(', ')}` };
        if (raw === undefined)
            return { error: 'the request is no JSON' };
        return carryOut(command, raw, nowMs, this.options.handlers);
    }
}
const commands = Object.keys(requestSchemas);
function isCommand(command) {
    return Object.hasOwn(requestSchemas, command);
}
function carryOut(command, raw, nowMs, to) {
    const schema = requestSchemas[command];
    const parsed = schema.safeParse(raw);
    if (!parsed.success)
        return { error: parsed.error.issues.map(describe).join('; ').slice(0, 1024) };
    const { time } = parsed.data;
    const askedMs = time === undefined ? nowMs : Date.parse(time);
    if (askedMs > nowMs + aheadMs)
        return { error: `the request is from the future (${time}); compare the clocks` };
    if (askedMs < nowMs - oldestMs)
        return { error: `replayed or late: the request is from ${time}` };
    return handlers[command](parsed.data, nowMs, to);
}
function onAlarm(request, action, nowMs, to) {
    const { id, asset = '', type, by = null, comment = null } = request;
    const target = id === undefined ? { asset, type } : { id };
    const result = to.alarm({ target, action, by, comment }, nowMs);
    return 'error' in result ? result : { data: { alarms: result.data } };
}
function describe({ path, message }) {
    return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}
function refuse(error, transaction) {
    return { status: 'error', data: {}, error, ...(transaction !== undefined && { transaction }) };
}
function parse(payload) {
    try {
        return JSON.parse(payload.toString('utf8'));
    }
    catch {
        return undefined;
    }
}
function transactionOf(raw) {
    const transaction = typeof raw === 'object' && raw !== null && 'transaction' in raw ? raw.transaction : undefined;
    return typeof transaction === 'string' && transaction.length > 0 && transaction.length <= 128
        ? transaction
        : undefined;
}

/** Live messages -> inputs that would read them: what a newcomer would otherwise work out by hand. */
import { parseJson } from './decode.js';
import { decodeTime } from './time.js';
const timeNames = /^(@?time(stamp)?(_?ms)?|ts|t|date_?time|date|when)$/i;
const valueFolders = ['values', 'fields', 'metrics', 'data', 'readings', 'measurements'];
/** Inputs for the messages that hold numbers, those with most messages first. */
export function proposeInputs(messages) {
    const groups = new Map();
    for (const message of messages) {
        const shape = message.topic.startsWith('$') ? undefined : shapeOf(message.payload);
        if (shape === undefined)
            continue;
        const levels = message.topic.split('/');
        // What ends alike is of one kind: `.../telemetry` beside `.../status`. Where the topic names the signal, only the depth tells.
        const tail = shape.signals === 'in-topic' || levels.length < 3 ? '' : levels.at(-1);
        const id = JSON.stringify([
            levels[0],
            levels.length,
            tail,
            shape.time,
            shape.rows,
            shape.values,
            shape.signals === 'in-topic',
        ]);
        const group = groups.get(id) ?? { shape, messages: [], signals: new Set() };
        groups.set(id, group);
        group.messages.push(message);
        if (shape.signals !== 'in-topic')
            for (const signal of shape.signals)
                group.signals.add(signal);
    }
    return [...groups.values()]
        .flatMap(({ shape, messages, signals }) => {
        const template = templateOf([...new Set(messages.map(({ topic }) => topic))], shape.signals === 'in-topic');
        if (template === undefined)
            return [];
        const { time, rows, values } = shape;
        return [
            {
                ...template,
                ...(time !== undefined && { time }),
                ...(rows !== undefined && { rows }),
                ...(values !== undefined && { values }),
                messages: messages.length,
                signals: shape.signals === 'in-topic' ? template.signals : [...signals],
            },
        ];
    })
        .sort((a, b) => b.messages - a.messages);
}
/** Where time and values stand in a payload; undefined where it holds no number. */
function shapeOf(payload) {
    const text = payload.toString().trim();
    const root = parseJson(text);
    if (typeof root === 'number' || (text !== '' && Number.isFinite(Number(text))))
        return { signals: 'in-topic' };
    if (Array.isArray(root))
        return rowShape(root[0]);
    if (!isObject(root))
        return undefined;
    const direct = rowShape(root);
    if (direct !== undefined)
        return direct;
    for (const [key, value] of Object.entries(root)) {
        const inner = Array.isArray(value) ? rowShape(value[0]) : undefined;
        if (inner === undefined)
            continue;
        const time = inner.time ?? timeOf(root);
        return { ...inner, rows: `$${step(key)}`, ...(time !== undefined && { time }) };
    }
    return undefined;
}
function rowShape(row) {
    if (!isObject(row))
        return undefined;
    const time = timeOf(row);
    const timed = time === undefined ? {} : { time };
    const own = numbersOf(row).filter((key) => `$${step(key)}` !== time);
    if (own.length === 1 && own[0] === 'value')
        return { ...timed, signals: 'in-topic' };
    for (const folder of valueFolders) {
        const inner = row[folder];
        if (isObject(inner) && numbersOf(inner).length > 0)
            // `values` is where the decoder looks by itself.
            return { ...timed, ...(folder !== 'values' && { values: `$${step(folder)}` }), signals: numbersOf(inner) };
    }
    return own.length === 0 ? undefined : { ...timed, signals: own };
}
function timeOf(row) {
    const key = Object.keys(row).find((key) => timeNames.test(key) && !Number.isNaN(decodeTime(row[key], 'auto')));
    return key === undefined ? undefined : `$${step(key)}`;
}
/** Levels that differ become placeholders: the last of them the asset (or asset and signal), those before it areas. */
function templateOf(topics, signalInTopic) {
    const split = topics.map((topic) => topic.split('/'));
    const depth = split[0]?.length ?? 0;
    const varying = Array.from({ length: depth }, (_, i) => i).filter((i) => new Set(split.map((levels) => levels[i])).size > 1);
    const signalAt = signalInTopic ? depth - 1 : -1;
    const before = varying.filter((i) => i !== signalAt);
    // With one asset nothing tells which level is its name: take the one before the signal or the last word.
    const assetAt = before.at(-1) ?? (signalInTopic ? depth - 2 : Math.max(0, depth - 2));
    if (assetAt < 0)
        return undefined;
    const areas = before.filter((i) => i !== assetAt);
    const name = (level, i) => i === signalAt
        ? '{signal}'
        : i === assetAt
            ? '{asset}'
            : areas.includes(i)
                ? `{area${areas.length > 1 ? areas.indexOf(i) + 1 : ''}}`
                : level;
    const at = (i) => [...new Set(split.map((levels) => levels[i] ?? ''))].sort();
    const assets = at(assetAt);
    const full = new Set(split.map((levels) => [...areas, assetAt].map((i) => levels[i]).join('/')));
    const names = areas.map((_, i) => `{area${areas.length > 1 ? i + 1 : ''}}`);
    return {
        topic: (split[0] ?? []).map(name).join('/'),
        // The same name in two areas is two assets.
        ...(full.size > assets.length && { asset: [...names, '{asset}'].join('-') }),
        topics: topics.length,
        assets,
        signals: signalAt < 0 ? [] : at(signalAt),
    };
}
function numbersOf(row) {
    return Object.keys(row).filter((key) => typeof row[key] === 'number' && !timeNames.test(key));
}
function step(key) {
    return /^[A-Za-z_][\w-]*$/.test(key) ? `.${key}` : `["${key}"]`;
}
function isObject(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}

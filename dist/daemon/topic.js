/** Topic templates such as `plant/{area}/{asset}/telemetry`: the MQTT filter to subscribe, and a matcher that reads the names out of a topic. */
const maxTopicBytes = 65_535;
/** The template, or a text saying what is wrong. A placeholder takes a whole level; a shared subscription (`$share/group/...`) may precede. */
export function parseTopicTemplate(text) {
    if (text === '')
        return 'must not be empty';
    if (text.includes('\0'))
        return 'must not hold the NUL character';
    if (Buffer.byteLength(text) > maxTopicBytes)
        return `must not be longer than ${maxTopicBytes} bytes`;
    const share = /^\$share\/[^/+#{}]+\//.exec(text)?.[0] ?? '';
    if (text.startsWith('$share/') && share === '')
        return 'must look like `$share/<group>/<topic>`';
    const names = [];
    const levels = [];
    const parts = text.slice(share.length).split('/');
    const open = parts.at(-1) === '#';
    if (open)
        parts.pop();
    for (const part of parts) {
        const name = /^\{([A-Za-z][A-Za-z0-9_]*)\}$/.exec(part)?.[1];
        if (name !== undefined) {
            if (names.includes(name))
                return `names {${name}} twice`;
            levels.push(names.length);
            names.push(name);
        }
        else if (part === '+') {
            levels.push(-1);
        }
        else if (part.includes('#')) {
            return '`#` may only stand alone at the end';
        }
        else if (/[+{}]/.test(part)) {
            return `\`${part}\`: a placeholder or \`+\` takes a whole level between slashes`;
        }
        else {
            levels.push(part);
        }
    }
    const pattern = levels.map((level) => (typeof level === 'string' ? level : '+'));
    if (open)
        pattern.push('#');
    return { text, filter: share + pattern.join('/'), names, levels, open };
}
/** The texts of `template.names` in order, or undefined when the topic does not match. */
export function matchTopic(template, topic) {
    const { levels, open } = template;
    // MQTT 5, 4.7.2: wildcards at the first level never match topics that begin with $.
    if (topic.startsWith('$') && typeof levels[0] !== 'string')
        return undefined;
    const found = [];
    let start = 0;
    for (let i = 0; i < levels.length; i++) {
        if (start > topic.length)
            return undefined;
        const slash = topic.indexOf('/', start);
        const end = slash < 0 ? topic.length : slash;
        const level = levels[i];
        if (typeof level === 'string') {
            if (end - start !== level.length || !topic.startsWith(level, start))
                return undefined;
        }
        else if (level !== undefined && level >= 0) {
            found[level] = topic.slice(start, end);
        }
        start = end + 1;
    }
    // `a/#` matches `a` too (4.7.1.2), so nothing need be left for it.
    return open || start > topic.length ? found : undefined;
}
/** True when every topic of filter `b` is a topic of filter `a` as well. */
export function covers(a, b) {
    const as = a.split('/');
    const bs = b.split('/');
    if ((as[0] === '$share' || bs[0] === '$share') && a !== b)
        return false;
    if (bs[0]?.startsWith('$') && !as[0]?.startsWith('$'))
        return false;
    for (let i = 0; i < as.length; i++) {
        if (as[i] === '#')
            return true;
        if (i >= bs.length || bs[i] === '#')
            return false;
        if (as[i] !== '+' && as[i] !== bs[i])
            return false;
    }
    return as.length === bs.length;
}
/**
 * Filters without those that another one covers, each with the highest quality of service asked for: brokers may deliver a message once for every
 * filter that matches (MQTT 5, 3.3.4).
 */
export function leastFilters(wanted) {
    const least = new Map();
    for (const { filter } of wanted) {
        if (wanted.some((other) => other.filter !== filter && covers(other.filter, filter)))
            continue;
        const asked = wanted.filter((other) => covers(filter, other.filter)).map((other) => other.qos);
        least.set(filter, asked.includes(2) ? 2 : asked.includes(1) ? 1 : 0);
    }
    return least;
}
//# sourceMappingURL=topic.js.map
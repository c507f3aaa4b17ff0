/** Paths into JSON messages, compiled once: `$.a.b[0]`, `$["odd key"]`, or plainly `a.b`. A small part of RFC 9535: names and indices only. */
const step = /\.?([^.[\]"'\s]+)|\[(\d+)\]|\[(?:"([^"]*)"|'([^']*)')\]/y;
/** The steps from the root, or a text saying what is wrong. */
export function parseJsonPath(text) {
    if (text === '')
        return 'must not be empty; `$` is the whole message';
    const rooted = text.startsWith('$') && !/^\$[^.[]/.test(text);
    const steps = [];
    step.lastIndex = rooted ? 1 : 0;
    while (step.lastIndex < text.length) {
        const at = step.lastIndex;
        const match = step.exec(text);
        const needsDot = at > 0 && match?.[1] !== undefined && text[at] !== '.';
        const strayDot = at === 0 && text[at] === '.';
        if (match === null || needsDot || strayDot)
            return `is no path at character ${at + 1}; a path looks like \`$.a.b[0]\` or \`$["odd key"]\``;
        const [, name, index, double, single] = match;
        steps.push(index !== undefined ? Number(index) : (name ?? double ?? single ?? ''));
    }
    return steps;
}
/** Follows `path` from `root`; undefined where it leads nowhere. Own properties only: `__proto__` finds nothing. */
export function follow(root, path) {
    let at = root;
    for (let i = 0; i < path.length; i++) {
        const key = path[i];
        if (typeof at !== 'object' || at === null || key === undefined || !Object.hasOwn(at, key))
            return undefined;
        at = at[key];
    }
    return at;
}

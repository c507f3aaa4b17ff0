/** Issues that zod finds, in plain words: what is wrong with which key, and what was probably meant. */
import { z } from 'zod';
import { closestWord } from './spelling.js';
const typeNames = {
    string: 'a text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    object: 'a map of keys',
    record: 'a map of keys',
    array: 'a list',
    null: 'empty',
};
function typeName(value) {
    const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
    return type === 'boolean' ? 'a boolean' : (typeNames[type] ?? type);
}
/** Puts an issue of zod into plain words, with the key that was probably meant. */
export function fromIssue(issue, base, content, schema) {
    const path = [...base, ...issue.path];
    const value = valueAt(content, issue.path);
    switch (issue.code) {
        case 'unrecognized_keys': {
            const known = knownKeys(schemaAt(schema, issue.path, content));
            return issue.keys.map((key) => ({ path: [...path, key], ...unknownKey(key, known) }));
        }
        case 'invalid_type': {
            const expected = typeNames[issue.expected] ?? issue.expected;
            if (value === undefined)
                return [{ path, problem: 'is missing;', remedy: `it must be ${expected}.` }];
            if (issue.expected === 'int' && typeof value === 'number')
                return [{ path, problem: 'must be a whole number.', remedy: '' }];
            return [{ path, problem: `must be ${expected}, but is ${typeName(value)}.`, remedy: '' }];
        }
        case 'invalid_union':
            if ('options' in issue && issue.options !== undefined)
                return [{ path, ...notAmong(value ?? valueAt(content, issue.path.slice(0, -1)), issue.options) }];
            return fromUnion(issue, path, value, optionsOf(schemaAt(schema, issue.path, content)));
        case 'invalid_value':
            return [{ path, ...notAmong(value, issue.values) }];
        case 'too_small':
            return [
                {
                    path,
                    problem: outOfBounds(issue.origin, issue.inclusive !== false ? 'at least' : 'more than', issue.minimum),
                    remedy: '',
                },
            ];
        case 'too_big':
            return [
                {
                    path,
                    problem: outOfBounds(issue.origin, issue.inclusive !== false ? 'at most' : 'less than', issue.maximum),
                    remedy: '',
                },
            ];
        default:
            return [{ path, problem: sentence(issue.message), remedy: '' }];
    }
}
function notAmong(value, choices) {
    const allowed = choices.map(String);
    const near = typeof value === 'string' ? closestWord(value, allowed) : undefined;
    return {
        problem: `must be ${allowed.length === 1 ? '' : 'one of: '}${allowed.join(', ')}.`,
        remedy: near === undefined ? '' : `Did you mean ${near}?`,
    };
}
/** What is counted in things that have a size. */
const sizes = { string: 'characters', array: 'entries', set: 'entries', map: 'entries' };
function outOfBounds(origin, relation, bound) {
    const size = sizes[origin];
    if (size === undefined)
        return `must be ${relation} ${bound}.`;
    return relation === 'at least' && bound === 1 ? 'must not be empty.' : `must have ${relation} ${bound} ${size}.`;
}
function unknownKey(key, known) {
    const near = closestWord(key, known);
    if (near !== undefined)
        return { problem: 'unknown key.', remedy: `Did you mean ${near}?` };
    return { problem: 'unknown key.', remedy: known.length === 0 ? '' : `Known here: ${known.join(', ')}.` };
}
/** The problems of the alternative that was meant: the only one that takes a value of this type, or the nearest. */
function fromUnion(issue, path, value, options) {
    if (value === undefined)
        return [{ path, problem: 'is missing.', remedy: '' }];
    const [meant] = issue.errors
        .map((issues, i) => ({ issues, option: options[i] }))
        .filter(({ issues }) => !issues.some((one) => one.code === 'invalid_type' && one.path.length === 0))
        .sort((a, b) => a.issues.length - b.issues.length);
    const { option } = meant ?? {};
    if (option !== undefined)
        return (meant?.issues ?? []).flatMap((one) => fromIssue(one, path, value, option));
    const expected = issue.errors
        .flat()
        .flatMap((one) => (one.code === 'invalid_type' && one.path.length === 0 ? [one.expected] : []))
        .map((type) => typeNames[type] ?? type);
    if (expected.length === 0)
        return [{ path, problem: sentence(issue.message), remedy: '' }];
    return [{ path, problem: `must be ${[...new Set(expected)].join(' or ')}, but is ${typeName(value)}.`, remedy: '' }];
}
/** Follows `path` into a value. */
function valueAt(content, path) {
    return path.reduce((value, part) => (typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined), content);
}
/** Follows `path` into a schema, through optionals, defaults and transforms; of unions, into the alternative that the value names, or the first with such a place. */
function schemaAt(schema, path, value) {
    const inner = alternativeOf(unwrap(schema), value);
    const [part, ...rest] = path;
    if (part === undefined)
        return inner;
    if (inner instanceof z.ZodUnion)
        return inner.options.map((option) => schemaAt(option, path, value)).find((found) => found !== undefined);
    const next = childOf(inner, part);
    return next === undefined ? undefined : schemaAt(next, rest, valueAt(value, [part]));
}
/** Of a discriminated union the alternative that `value` names. */
function alternativeOf(schema, value) {
    if (!(schema instanceof z.ZodDiscriminatedUnion))
        return schema;
    const named = valueAt(value, [schema.def.discriminator]);
    const alternatives = schema.options.map((option) => unwrap(option));
    const chosen = alternatives.find((option) => {
        const literal = childOf(option, schema.def.discriminator);
        return literal instanceof z.ZodLiteral && literal.values.has(named);
    });
    return chosen ?? schema;
}
function childOf(schema, part) {
    if (schema instanceof z.ZodObject)
        return schema.shape[String(part)];
    if (schema instanceof z.ZodArray)
        return schema.element;
    if (schema instanceof z.ZodRecord)
        return schema.valueType;
    if (schema instanceof z.ZodTuple && typeof part === 'number')
        return schema.def.items[part];
    return undefined;
}
function unwrap(schema) {
    // `preprocess` has its schema behind, a transform before.
    if (schema instanceof z.ZodPipe)
        return unwrap(schema.in instanceof z.ZodTransform ? schema.out : schema.in);
    if (schema instanceof z.ZodLazy)
        return unwrap(schema.unwrap());
    if (schema instanceof z.ZodOptional ||
        schema instanceof z.ZodNullable ||
        schema instanceof z.ZodDefault ||
        schema instanceof z.ZodPrefault ||
        schema instanceof z.ZodReadonly ||
        schema instanceof z.ZodCatch)
        return unwrap(schema.unwrap());
    return schema;
}
function optionsOf(schema) {
    return schema instanceof z.ZodUnion ? schema.options : [];
}
function knownKeys(schema) {
    if (schema instanceof z.ZodUnion)
        return schema.options.flatMap((option) => knownKeys(unwrap(option)));
    return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}
/** Ends with a full stop. */
function sentence(text) {
    return /[.!?]$/.test(text) ? text : `${text}.`;
}

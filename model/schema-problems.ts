/** Issues that zod finds, in plain words: what is wrong with which key, and what was probably meant. */
import { z } from 'zod';
import { closestWord } from './spelling.js';

/** Keys and list positions from the document's root. */
export type Path = readonly PropertyKey[];

/** What one issue of a schema means to a person. */
export interface Found {
  readonly path: Path;
  readonly problem: string;
  readonly remedy: string;
}

const typeNames: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map of keys',
  record: 'a map of keys',
  array: 'a list',
  null: 'empty',
};

function typeName(value: unknown): string {
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  return type === 'boolean' ? 'a boolean' : (typeNames[type] ?? type);
}

/** Puts an issue of zod into plain words, with the key that was probably meant. */
export function fromIssue(issue: z.core.$ZodIssue, base: Path, content: unknown, schema: z.core.$ZodType): Found[] {
  const path = [...base, ...issue.path];
  const value = valueAt(content, issue.path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = knownKeys(schemaAt(schema, issue.path, content));
      return issue.keys.map((key) => ({ path: [...path, key], ...unknownKey(key, known) }));
    }
    case 'invalid_type': {
      const expected = typeNames[issue.expected] ?? issue.expected;
      if (value === undefined) return [{ path, problem: 'is missing;', remedy: `it must be ${expected}.` }];
      if (issue.expected === 'int' && typeof value === 'number')
        return [{ path, problem: 'must be a whole number.', remedy: '' }];
      return [{ path, ...wrongType([issue.expected], value) }];
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

function notAmong(value: unknown, choices: readonly unknown[]): { problem: string; remedy: string } {
  const allowed = choices.map(String);
  const near = typeof value === 'string' ? closestWord(value, allowed) : undefined;
  return {
    problem: `must be ${allowed.length === 1 ? '' : 'one of: '}${allowed.join(', ')}.`,
    remedy: near === undefined ? '' : `Did you mean ${near}?`,
  };
}

/** What is counted in things that have a size. */
const sizes: Record<string, string> = { string: 'characters', array: 'entries', set: 'entries', map: 'entries' };

function outOfBounds(origin: string, relation: string, bound: number | bigint): string {
  const size = sizes[origin];
  if (size === undefined) return `must be ${relation} ${bound}.`;
  return relation === 'at least' && bound === 1 ? 'must not be empty.' : `must have ${relation} ${bound} ${size}.`;
}

function unknownKey(key: string, known: readonly string[]): { problem: string; remedy: string } {
  const near = closestWord(key, known);
  if (near !== undefined) return { problem: 'unknown key.', remedy: `Did you mean ${near}?` };
  return { problem: 'unknown key.', remedy: known.length === 0 ? '' : `Known here: ${known.join(', ')}.` };
}

/** The problems of the alternative that was meant: the only one that takes a value of this type, or the nearest. */
function fromUnion(
  issue: z.core.$ZodIssueInvalidUnion,
  path: Path,
  value: unknown,
  options: readonly z.core.$ZodType[],
): Found[] {
  if (value === undefined) return [{ path, problem: 'is missing.', remedy: '' }];
  const [meant] = issue.errors
    .map((issues, i) => ({ issues, option: options[i] }))
    .filter(({ issues }) => !issues.some((one) => one.code === 'invalid_type' && one.path.length === 0))
    .sort((a, b) => a.issues.length - b.issues.length);
  const { option } = meant ?? {};
  if (option !== undefined) return (meant?.issues ?? []).flatMap((one) => fromIssue(one, path, value, option));
  const expected = issue.errors
    .flat()
    .flatMap((one) => (one.code === 'invalid_type' && one.path.length === 0 ? [one.expected] : []));
  if (expected.length === 0) return [{ path, problem: sentence(issue.message), remedy: '' }];
  return [{ path, ...wrongType(expected, value) }];
}

/** In YAML a text that looks like a number, or like true and false, is none without quotes: a password of digits. */
function wrongType(expected: readonly string[], value: unknown): { problem: string; remedy: string } {
  const names = [...new Set(expected.map((type) => typeNames[type] ?? type))];
  const bare = expected.includes('string') && (typeof value === 'number' || typeof value === 'boolean');
  return {
    problem: `must be ${names.join(' or ')}, but is ${typeName(value)}.`,
    remedy: bare ? 'Put it in quotes.' : '',
  };
}

/** Follows `path` into a value. */
function valueAt(content: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) => (typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined),
    content,
  );
}

/** Follows `path` into a schema, through optionals, defaults and transforms; of unions, into the alternative that the value names, or the first with such a place. */
function schemaAt(schema: z.core.$ZodType, path: Path, value: unknown): z.core.$ZodType | undefined {
  const inner = alternativeOf(unwrap(schema), value);
  const [part, ...rest] = path;
  if (part === undefined) return inner;
  if (inner instanceof z.ZodUnion)
    return inner.options.map((option) => schemaAt(option, path, value)).find((found) => found !== undefined);
  const next = childOf(inner, part);
  return next === undefined ? undefined : schemaAt(next, rest, valueAt(value, [part]));
}

/** Of a discriminated union the alternative that `value` names. */
function alternativeOf(schema: z.core.$ZodType, value: unknown): z.core.$ZodType {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema;
  const named = valueAt(value, [schema.def.discriminator]);
  const alternatives = schema.options.map((option) => unwrap(option));
  const chosen = alternatives.find((option) => {
    const literal = childOf(option, schema.def.discriminator);
    return literal instanceof z.ZodLiteral && literal.values.has(named as string);
  });
  return chosen ?? schema;
}

function childOf(schema: z.core.$ZodType, part: PropertyKey): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) return schema.shape[String(part)];
  if (schema instanceof z.ZodArray) return schema.element;
  if (schema instanceof z.ZodRecord) return schema.valueType;
  if (schema instanceof z.ZodTuple && typeof part === 'number') return schema.def.items[part];
  return undefined;
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  // `preprocess` has its schema behind, a transform before.
  if (schema instanceof z.ZodPipe) return unwrap(schema.in instanceof z.ZodTransform ? schema.out : schema.in);
  if (schema instanceof z.ZodLazy) return unwrap(schema.unwrap());
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodCatch
  )
    return unwrap(schema.unwrap());
  return schema;
}

function optionsOf(schema: z.core.$ZodType | undefined): readonly z.core.$ZodType[] {
  return schema instanceof z.ZodUnion ? schema.options : [];
}

function knownKeys(schema: z.core.$ZodType | undefined): string[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => knownKeys(unwrap(option)));
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** Ends with a full stop. */
function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

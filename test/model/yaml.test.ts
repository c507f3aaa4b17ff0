import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { UserError } from '../../model/errors.js';
import { configProblems, formatKey, parseYamlConfig } from '../../model/yaml.js';

const schema = z.strictObject({
  broker: z.strictObject({ url: z.string(), port: z.int().min(1).default(1883) }),
  inputs: z
    .array(z.strictObject({ topic: z.string(), decode: z.enum(['json', 'number']).default('json') }))
    .default([]),
  password: z.union([z.string(), z.strictObject({ file: z.string() })]).optional(),
  period: z
    .string()
    .refine((text) => text.endsWith('s'), 'must end with s')
    .transform((text) => Number(text.slice(0, -1)))
    .prefault('1s'),
});

const parse = (text: string) => parseYamlConfig(text, 'config.yaml', schema);

function errorOf(text: string): string {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error('no error');
}

describe('parseYamlConfig', () => {
  it('gives the value with its defaults and transforms', () => {
    expect(parse('broker: {url: mqtt://x}\nperiod: 5s\n')).toEqual({
      broker: { url: 'mqtt://x', port: 1883 },
      inputs: [],
      period: 5,
    });
  });

  const cases: readonly [name: string, text: string, message: string][] = [
    [
      'an unknown key, with the one that was meant',
      'broker:\n  url: x\n  prot: 1\n',
      'config.yaml:3 (broker.prot): unknown key. Did you mean port?',
    ],
    [
      'an unknown key like no other, with those that are known',
      'broker: {url: x}\ninputs:\n  - topic: a\n    qqqqqq: 1\n',
      'config.yaml:4 (inputs[0].qqqqqq): unknown key. Known here: topic, decode.',
    ],
    [
      'a wrong type',
      'broker:\n  url: 5\n',
      'config.yaml:2 (broker.url): must be a text, but is a number. Put it in quotes.',
    ],
    [
      'a missing key, at its parent',
      '\nbroker:\n  port: 5\n',
      'config.yaml:2 (broker.url): is missing; it must be a text.',
    ],
    ['an empty file', '', 'config.yaml:1 (broker): is missing; it must be a map of keys.'],
    ['a list for a map', 'broker: [1]\n', 'config.yaml:1 (broker): must be a map of keys, but is a list.'],
    [
      'a wrong choice',
      'broker: {url: x}\ninputs:\n  - {topic: a}\n  - {topic: b, decode: jsn}\n',
      'config.yaml:4 (inputs[1].decode): must be one of: json, number. Did you mean json?',
    ],
    ['a refinement', 'broker: {url: x}\nperiod: 5m\n', 'config.yaml:2 (period): must end with s.'],
    [
      'the alternative of a union that was meant',
      'broker: {url: x}\npassword:\n  flie: a\n',
      'config.yaml:3 (password.flie): unknown key. Did you mean file?',
    ],
    [
      'no alternative of a union',
      'broker: {url: x}\npassword: [a]\n',
      'config.yaml:2 (password): must be a text or a map of keys, but is a list.',
    ],
    ['bad YAML', 'broker: {url: x\ninputs: 1\n', 'config.yaml:2: not valid YAML: '],
    [
      'a key given twice',
      'broker: {url: x}\nbroker: {url: y}\n',
      'config.yaml:2: not valid YAML: Map keys must be unique',
    ],
    ['an alias of nothing', 'broker: *nothing\n', 'config.yaml: not valid YAML: Unresolved alias'],
  ];
  it.each(cases)('tells of %s', (_, text, message) => {
    expect(errorOf(text)).toContain(message);
  });

  it('lists all problems in the order of their lines', () => {
    expect(errorOf('inputs:\n  - topic: 1\nbroker:\n  port: 0\n').split('\n')).toEqual([
      'config.yaml: 3 problems:',
      '  config.yaml:2 (inputs[0].topic): must be a text, but is a number. Put it in quotes.',
      '  config.yaml:3 (broker.url): is missing; it must be a text.',
      '  config.yaml:4 (broker.port): must be at least 1.',
    ]);
  });

  it('never repeats a value, which might be a secret', () => {
    const text = 'broker: {url: x, port: hunter2}\npassword: {file: 1, hunter2: 2}\nperiod: hunter2\n';
    const { problems } = configProblems(text, 'c', schema);
    expect(problems.map(({ problem, remedy }) => problem + remedy).join()).not.toContain('hunter2');
  });

  it('formats keys', () => {
    expect(formatKey(['a', 0, 'b', 'c'])).toBe('a[0].b.c');
  });
});

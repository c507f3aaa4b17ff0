import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Breach, breaches, importsOf, type Sources } from './rules.js';

const doc = '/** A file. */\n';

/** The breaches of a small tree; every file gets a doc comment in front unless it brings its own. */
function of(files: Readonly<Record<string, string>>): Breach[] {
  return breaches(
    new Map(Object.entries(files).map(([file, text]) => [file, /^(\/\/|#!)/.test(text) ? text : doc + text])),
  );
}

describe('the rules notice', () => {
  it.each([
    ['daemon', 'training'],
    ['daemon', 'simulator'],
    ['training', 'daemon'],
    ['training', 'simulator'],
    ['simulator', 'daemon'],
    ['simulator', 'training'],
    ['model', 'daemon'],
    ['model', 'training'],
    ['model', 'simulator'],
    ['model', 'test'],
  ])('%s importing %s', (from, to) => {
    for (const statement of [
      `import { a } from '../${to}/a.js';`,
      `import type { A } from '../${to}/a.js';`,
      `export * from '../${to}/a.js';`,
      `const a = await import('../${to}/a.js');`,
      `type A = import('../${to}/a.js').A;`,
    ]) {
      const files = { [`${from}/b.ts`]: statement, [`${to}/a.ts`]: 'export const a = 1;' };
      expect(of(files)).toEqual([{ at: `${from}/b.ts:2`, rule: 'arrow', what: `${from} imports ${to}/a.ts` }]);
    }
  });

  it('cycles, also through types, with the way they go', () => {
    const files = {
      'model/a.ts': `import { b } from './b.js';`,
      'model/b.ts': `import type { C } from './c.js';`,
      'model/c.ts': `export { a } from './a.js';`,
      'model/d.ts': `import './a.js';`,
    };
    expect(of(files)).toEqual([
      { at: 'model/a.ts:1', rule: 'cycle', what: 'model/a.ts -> model/b.ts -> model/c.ts -> model/a.ts' },
    ]);
    expect(of({ 'model/a.ts': `import './a.js';` }).map((breach) => breach.what)).toEqual(['model/a.ts -> model/a.ts']);
  });

  it.each([
    'const t = Date.now();',
    'const t = new Date();',
    'const t = new Date;',
    'const t = Date();',
    'const t = performance.now();',
    'const t = globalThis.performance.now();',
    `const t = Date['now']();`,
    'const now = Date.now;',
    'const { now } = Date;',
    'const t = process.hrtime.bigint();',
    'const t = process.hrtime();',
    'const t = process.uptime();',
    `import { performance } from 'node:perf_hooks';`,
    `import { hrtime } from 'node:process';`,
    `import * as hooks from 'node:perf_hooks';`,
  ])('a clock read: %s', (statement) => {
    for (const file of ['model/a.ts', 'daemon/a.ts', 'training/a.ts', 'simulator/a.ts', 'deploy/debian/a.ts']) {
      expect(of({ [file]: statement }).map(({ at, rule }) => `${at} ${rule}`)).toEqual([`${file}:2 clock`]);
    }
    expect(of({ 'model/clock.ts': statement })).toEqual([]);
    expect(of({ 'test/a.ts': statement })).toEqual([]);
  });

  it.each([
    ['@tensorflow/tfjs', 'daemon/a.ts'],
    ['@tensorflow/tfjs-node', 'model/a.ts'],
    ['onnxruntime-node', 'daemon/a.ts'],
    ['onnxruntime-node', 'training/a.ts'],
    ['node:net', 'model/a.ts'],
    ['mqtt', 'training/a.ts'],
  ])('%s in %s', (specifier, file) => {
    expect(of({ [file]: `import * as x from '${specifier}';` }).map(({ rule }) => rule)).toEqual(['package']);
    expect(of({ [file]: `const x = await import('${specifier}');` }).map(({ rule }) => rule)).toEqual(['package']);
  });

  it('a type import of TensorFlow outside training', () => {
    expect(of({ 'model/a.ts': `import type * as tf from '@tensorflow/tfjs';` })).toHaveLength(1);
  });

  it.each(['// no doc comment\n', '//\n/** too late */\n'])('a file that does not open with a doc comment', (text) => {
    expect(of({ 'daemon/a.ts': text }).map(({ rule }) => rule)).toEqual(['doc comment']);
  });

  it.each([
    'model/utils.ts',
    'daemon/common/a.ts',
    'daemon/alarm-manager.ts',
    'training/testHelpers.ts',
    'test/helper.ts',
  ])('the empty name %s', (file) => {
    expect(of({ [file]: 'export const a = 1;' }).map(({ rule }) => rule)).toEqual(['name']);
  });

  it('an import that leads nowhere, and a file that does not parse', () => {
    expect(of({ 'model/a.ts': `import './b.js';` }).map(({ rule }) => rule)).toEqual(['import']);
    expect(of({ 'model/a.ts': 'const = ;' }).map(({ rule }) => rule)).toContain('syntax');
  });
});

describe('the rules allow', () => {
  it.each([
    [
      'daemon and training to import model, and all to import themselves',
      {
        'daemon/a.ts': `import '../model/m.js'; import './b.js';`,
        'daemon/b.ts': '',
        'training/a.ts': `import '../model/m.js';`,
        'simulator/a.ts': `import '../model/m.js';`,
        'model/m.ts': '',
      },
    ],
    [
      'deploy, examples and test to import anything',
      {
        'deploy/a.ts': `import '../daemon/a.js';`,
        'examples/a.ts': `import '../training/a.js';`,
        'test/a.ts': `import '../daemon/a.js'; import '../training/a.js';`,
        'daemon/a.ts': '',
        'training/a.ts': '',
      },
    ],
    [
      'times that were given',
      {
        'model/a.ts':
          'const t = new Date(0); const u = Date.parse("x"); const v = Date.UTC(2024, 1); const now = (x: { now(): number }) => x.now();',
      },
    ],
    ['the event loop monitor', { 'daemon/a.ts': `import { monitorEventLoopDelay } from 'node:perf_hooks';` }],
    ['words about the clock in comments and strings', { 'model/a.ts': 'const a = "new Date()"; // not Date.now()' }],
    [
      'types of onnxruntime anywhere',
      {
        'daemon/a.ts': `import type { Tensor } from 'onnxruntime-node'; import { type InferenceSession } from 'onnxruntime-node';`,
      },
    ],
    ['onnxruntime in the session', { 'model/session.ts': `import { InferenceSession } from 'onnxruntime-node';` }],
    ['TensorFlow in training', { 'training/a.ts': `import * as tf from '@tensorflow/tfjs';` }],
    ['a hash-bang before the doc comment', { 'daemon/cli.ts': `#!/usr/bin/env node\n${doc}` }],
  ] as const)('%s', (_title, files) => {
    expect(of(files)).toEqual([]);
  });
});

describe('this house', () => {
  const root = path.resolve(import.meta.dirname, '../..');
  const sources: Sources = new Map(
    ['model', 'daemon', 'training', 'simulator', 'deploy', 'examples', 'test']
      .filter((room) => existsSync(path.join(root, room)))
      .flatMap((room) =>
        readdirSync(path.join(root, room), { recursive: true, encoding: 'utf8' }).map((file) => `${room}/${file}`),
      )
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !file.includes('node_modules/'))
      .map((file) => [file, readFileSync(path.join(root, file), 'utf8')]),
  );

  it('is seen', () => {
    expect([...sources.keys()]).toEqual(expect.arrayContaining(['model/clock.ts', 'test/house/arrows.test.ts']));
  });

  it('keeps its rules', () => {
    expect(breaches(sources).map(({ at, rule, what }) => `${at} ${rule}: ${what}`)).toEqual([]);
  });

  it('runs on a gateway: what model and daemon load is a dependency, not a tool of development', () => {
    const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const missing = [...sources.keys()]
      .filter((file) => /^(model|daemon)\//.test(file))
      .flatMap((file) => importsOf(file, sources))
      .filter(({ specifier, typeOnly }) => !typeOnly && !/^(\.|node:)/.test(specifier))
      .map(({ from, specifier }) => ({
        from,
        name: specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/'),
      }))
      .filter(({ name }) => !Object.hasOwn(dependencies, name));
    expect(missing).toEqual([]);
  });
});

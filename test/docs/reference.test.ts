import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { configReference, metricsReference } from '../../daemon/docs-reference.js';
import { trainConfigReference, withRecipeDefaults } from '../../training/docs-reference.js';
import { recipes } from '../../training/recipes/index.js';
import { root } from './runner.js';

const page = (name: string) => readFileSync(path.join(root, 'docs', name), 'utf8');

describe('references are current (npm run docs:reference)', () => {
  it('docs/metrics.md', () => expect(page('metrics.md')).toBe(metricsReference()));
  it('docs/train-config.md', () => expect(page('train-config.md')).toBe(trainConfigReference()));
  it('docs/config.md, its last part', () => {
    const text = page('config.md');
    expect(text.slice(text.search(/^## Reference$/m))).toBe(configReference());
  });
  it('name each setting with what the schema says of it', () => {
    expect(configReference()).toContain('| `inputs[].topic` | *required* | topics to listen to');
    expect(configReference()).toContain('| `alarms.offDelayS` | `60` |');
    expect(trainConfigReference()).toContain('| `falseAlarmsPerAssetWeek` | `1` |');
  });
});

describe('docs/recipes.md', () => {
  const text = page('recipes.md');
  const sections = new Map(
    text.split(/^##? /m).map((section) => [section.slice(0, section.indexOf('\n')), section] as const),
  );

  it('has the defaults of today', () => expect(text).toBe(withRecipeDefaults(text)));
  it.each(recipes.map(({ name }) => name))('tells what %s is, when to choose it, and what it is known for', (name) => {
    const section = sections.get(name) ?? '';
    expect(section).toContain('**Choose it**');
    expect(section).toContain('**Known answer:**');
    expect(section).toContain(`\n- Defaults of \`${name}\`: `);
  });
  it.each(recipes.map(({ name }) => name))('compares %s, and tells what it was tested for', (name) => {
    expect(text.match(new RegExp(`^${name} +\\d+ `, 'gm'))).toHaveLength(2);
  });
});

const pages = [
  'README.md',
  'examples/README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  ...readdirSync(path.join(root, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
];

describe('links lead somewhere', () => {
  it.each(pages)('%s', (file) => {
    const text = readFileSync(path.join(root, file), 'utf8').replace(/^```[\s\S]*?^```/gm, '');
    const broken: string[] = [];
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [to = '', anchor] = target.split('#');
      const at = to === '' ? file : path.join(path.dirname(file), to);
      const found = existing(path.join(root, at));
      if (found === undefined) broken.push(target);
      else if (anchor !== undefined && found !== '' && !anchors(found).includes(anchor)) broken.push(target);
    }
    expect(broken).toEqual([]);
  });
});

/** Text of a page, '' of anything else; undefined where there is nothing. */
function existing(at: string): string | undefined {
  try {
    return at.endsWith('.md')
      ? readFileSync(at, 'utf8')
      : readdirSync(path.dirname(at)).includes(path.basename(at))
        ? ''
        : undefined;
  } catch {
    return undefined;
  }
}

/** As GitHub makes them of headings. */
function anchors(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

/** `npm run test:docs`: every command that the docs show is run as it stands, or the page says why it can't be. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { has, real } from '../fixtures/tools.js';
import { blocksOf, isCommand, root, runPage } from './runner.js';

const pages = [
  'README.md',
  ...readdirSync(path.join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const blocks = (page: string) => blocksOf(readFileSync(path.join(root, page), 'utf8'));
/** They have tests of their own, with their data. */
const withData = ['docs/skab.md', 'docs/benchmarks.md'];
const run = pages.filter(
  (page) => !withData.includes(page) && blocks(page).some((one) => isCommand(one) && one.skip === undefined),
);
const tools = ['mosquitto', 'mosquitto_sub', 'curl', 'jq'];

describe('commands in the docs', () => {
  it.each(pages)('%s gives a reason for each that is not run', (page) => {
    for (const { skip, line } of blocks(page)) expect(skip, `line ${line}`).not.toBe('');
  });

  it.skipIf(!has(...tools)).each(run)(real('%s runs', ...tools), { timeout: 120_000 }, async (page) => {
    const { exitCode, output, dir } = await runPage(page);
    expect(exitCode, output).toBe(0);
    expect(output).not.toMatch(/UserError| {4}at .*\.js:\d+/);
    rmSync(dir, { recursive: true, force: true });
  });
});

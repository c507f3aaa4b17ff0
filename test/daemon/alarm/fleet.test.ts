import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCase } from './fleet-cases.js';

const folder = join(import.meta.dirname, 'fleetdata');

describe('cases of a fleet: what happens -> what the broker gets', () => {
  it.each(readdirSync(folder))('%s', async (name) => {
    const at = (file: string) => join(folder, name, file);
    const config = JSON.parse(readFileSync(at('config.json'), 'utf8')) as object;
    const actual = await runCase(readFileSync(at('input.txt'), 'utf8'), config);
    if (process.env.UPDATE_CASES === '1') writeFileSync(at('expected.txt'), actual);
    expect(actual).toBe(readFileSync(at('expected.txt'), 'utf8'));
  });
});

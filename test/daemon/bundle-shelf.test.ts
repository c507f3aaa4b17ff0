/** Versions of a bundle: put in force, listed, rolled back; and what is in use while that happens. */
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { installBundle, shelvedBundles, useBundle } from '../../daemon/bundle-shelf.js';
import { bundleCommand } from '../../daemon/commands/bundle.js';
import { loadBundle, writeBundle } from '../../model/bundle.js';
import { makeBundle } from '../fixtures/bundle.js';

let dir: string;
let shelf: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'anomalyd-shelf-'));
  shelf = path.join(dir, 'shelf');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function trained(version: string) {
  const { manifest, files } = makeBundle();
  const folder = path.join(dir, `trained-${version}`);
  await writeBundle(folder, { ...manifest, version }, files);
  return loadBundle(folder);
}

it('keeps versions side by side, and goes back and forth between two', async () => {
  const [one, two] = [await trained('1'), await trained('2')];
  const first = await installBundle(shelf, one);
  expect(first.before).toBeUndefined();
  const second = await installBundle(shelf, two);
  expect(second).toEqual({ name: expect.stringMatching(/^2-[0-9a-f]{8}$/), before: first.name });
  expect((await loadBundle(path.join(shelf, 'current'))).hash).toBe(two.hash);
  expect((await shelvedBundles(shelf)).map(({ name, role }) => [name, role])).toEqual([
    [second.name, 'current'],
    [first.name, 'previous'],
  ]);
  expect(await useBundle(shelf)).toEqual({ name: first.name, before: second.name });
  expect((await loadBundle(path.join(shelf, 'current'))).hash).toBe(one.hash);
  expect(await useBundle(shelf)).toEqual({ name: second.name, before: first.name });
  expect(readdirSync(shelf).sort()).toEqual([first.name, second.name, 'current', 'previous'].sort());
});

it('a bundle in use stays what it is when the link moves on', async () => {
  await installBundle(shelf, await trained('1'));
  const inUse = await loadBundle(path.join(shelf, 'current'));
  await installBundle(shelf, await trained('2'));
  expect(inUse.dir).not.toContain('current');
  expect((await loadBundle(inUse.dir)).hash).toBe(inUse.hash);
});

it('the same bundle again changes nothing', async () => {
  const bundle = await trained('1');
  const { name } = await installBundle(shelf, bundle);
  expect(await installBundle(shelf, bundle)).toEqual({ name, before: undefined });
  expect(existsSync(path.join(shelf, 'previous'))).toBe(false);
});

it('puts nothing in force that does not hold', async () => {
  const one = await installBundle(shelf, await trained('1'));
  const two = await installBundle(shelf, await trained('2'));
  appendFileSync(path.join(shelf, one.name, 'mean.onnx'), 'x');
  await expect(useBundle(shelf)).rejects.toThrow('is not the one the bundle was made with');
  expect(readlinkSync(path.join(shelf, 'current'))).toBe(two.name);
  await expect(useBundle(shelf, '9-none')).rejects.toThrow(
    `there is no version 9-none. There are: ${two.name}, ${one.name}`,
  );
});

it('says what is missing', async () => {
  await expect(shelvedBundles(shelf)).rejects.toThrow('there is no such shelf.');
  const bundle = await trained('1');
  await installBundle(shelf, bundle);
  await expect(useBundle(shelf)).rejects.toThrow('there is no version before the current one.');
  await expect(installBundle(bundle.dir, bundle)).rejects.toThrow('this is a bundle, no shelf of bundles.');
});

it('is what the commands do', async () => {
  const { dir: folder } = await trained('1');
  let said = '';
  const out = { write: (text: string) => (said += text) } as unknown as NodeJS.WritableStream;
  const run = (...args: string[]) => bundleCommand(out).parseAsync(args, { from: 'user' });
  await run('install', folder, shelf);
  expect(said).toMatch(/current is 1-[0-9a-f]{8}; in force after: systemctl reload anomalyd\n$/);
  said = '';
  await run('list', shelf);
  expect(said).toMatch(/^ {2}\* {2}1-[0-9a-f]{8} {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}current\n$/);
});

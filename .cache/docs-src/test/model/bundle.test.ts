import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadBundle, sha256, writeBundle } from '../../model/bundle.js';
import { UserError } from '../../model/errors.js';
import { makeBundle } from '../fixtures/bundle.js';

let parent: string;
let dir: string;
const { manifest, files } = makeBundle();

beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'bundle-'));
  dir = path.join(parent, 'pump');
  await writeBundle(dir, manifest, files);
});
afterEach(() => rm(parent, { recursive: true }));

const failure = () =>
  loadBundle(dir).then(
    () => expect.unreachable(),
    (error: unknown) => {
      expect(error).toBeInstanceOf(UserError);
      return (error as Error).message;
    },
  );
const edit = async (change: (document: Record<string, unknown>) => void) => {
  const file = path.join(dir, 'manifest.json');
  const document = JSON.parse(await readFile(file, 'utf8'));
  change(document);
  await writeFile(file, JSON.stringify(document));
};

describe('bundle', () => {
  it('reads what was written, with the hash of its manifest', async () => {
    const bundle = await loadBundle(dir);
    expect(bundle.manifest).toEqual(manifest);
    expect(bundle.golden).toHaveLength(2);
    expect(bundle.hash).toBe(sha256(await readFile(path.join(dir, 'manifest.json'))));
    expect((await stat(dir)).mode & 0o500).toBe(0o500);
    expect((await stat(dir)).mode & 0o777).toBe(0o777 & ~process.umask());
  });

  it('replaces an old bundle whole and leaves nothing beside it', async () => {
    await writeFile(path.join(dir, 'old.onnx'), 'x');
    await writeBundle(dir, { ...manifest, version: '2' }, files);
    expect((await loadBundle(dir)).manifest.version).toBe('2');
    expect(await readdir(dir)).not.toContain('old.onnx');
    expect(await readdir(parent)).toEqual(['pump']);
  });

  it('leaves the old bundle and no rest when writing fails half-way', async () => {
    const broken = new Map([...files, ['no/such/folder.onnx', 'x'] as const]);
    await expect(writeBundle(dir, { ...manifest, version: '2' }, broken)).rejects.toThrow('ENOENT');
    expect((await loadBundle(dir)).manifest.version).toBe('1');
    expect(await readdir(parent)).toEqual(['pump']);
  });

  it('does not replace a folder that holds something else, or a file', async () => {
    const other = path.join(parent, 'photos');
    await mkdir(other);
    await writeBundle(other, manifest, files);
    await rm(path.join(other, 'manifest.json'));
    await expect(writeBundle(other, manifest, files)).rejects.toThrow(/photos: The folder holds something else/);
    await expect(writeBundle(path.join(dir, 'mean.onnx'), manifest, files)).rejects.toThrow(/mean\.onnx: Not a folder/);
  });

  it('refuses a tampered graph', async () => {
    const file = path.join(dir, 'average.onnx');
    const bytes = await readFile(file);
    bytes[40]! ^= 1;
    await writeFile(file, bytes);
    expect(await failure()).toMatch(
      /manifest\.json \(detectors\[1\]\.sha256\): The graph average\.onnx of detector "average" is not the one .* It was changed or damaged/,
    );
  });

  it.each(['manifest.json', 'golden.json', 'mean.onnx'])('says that %s is missing', async (name) => {
    await rm(path.join(dir, name));
    expect(await failure()).toMatch(new RegExp(`${name.replace('.', '\\.')}: There is no such file`));
  });

  it('says plainly that the schema is another', async () => {
    await edit((document) => Object.assign(document, { schemaVersion: 99, anything: true }));
    expect(await failure()).toMatch(
      /\(schemaVersion\): This bundle has schema version 99; this anomalyd reads version 1\. Update anomalyd/,
    );
    await edit((document) => Object.assign(document, { schemaVersion: 0 }));
    expect(await failure()).toMatch(/schema version 0.*Train it again/);
  });

  it('names the key of a violation', async () => {
    await edit((document) => Object.assign((document.channels as object[])[1]!, { scale: -1 }));
    expect(await failure()).toMatch(/manifest\.json \(channels\[1\]\.scale\): Too small/);
    await edit((document) => {
      Object.assign((document.channels as object[])[1]!, { scale: 1 });
      document.surplus = 1;
    });
    expect(await failure()).toMatch(/Unrecognized key: "surplus"/);
  });

  it('says that a file is no JSON', async () => {
    await writeFile(path.join(dir, 'golden.json'), '{');
    expect(await failure()).toMatch(/golden\.json: Not JSON/);
  });
});

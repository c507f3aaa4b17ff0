/** Bundles on disk: a folder with `manifest.json`, `golden.json` and one `.onnx` a detector; read whole or not at all, written whole or not at all. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, realpath, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import { UserError } from './errors.js';
import { type Golden, goldenSchema, type Manifest, manifestSchema, manifestSchemaVersion } from './manifest.js';

export interface Bundle {
  /** Absolute path without links: what they lead to may change while the bundle is in use. */
  readonly dir: string;
  readonly manifest: Manifest;
  readonly golden: readonly Golden[];
  /** SHA-256 of manifest.json, lower-case hex: the bundle's identity, as the manifest holds the hashes of the graphs. */
  readonly hash: string;
}

/** Files beside the manifest by name: the graphs and `golden.json`. */
export type BundleFiles = ReadonlyMap<string, Uint8Array | string>;

const trainAgain = 'Train it again with anomalyd-train fit.';

export function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

/** @throws UserError for a missing file, another schema version, a schema violation (with its key), a graph whose hash differs */
export async function loadBundle(dir: string): Promise<Bundle> {
  const absolute = await realpath(dir).catch(() => path.resolve(dir));
  const manifestFile = path.join(absolute, 'manifest.json');
  const bytes = await read(manifestFile);
  const document = parse(bytes, manifestFile);
  const version = (document as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (typeof version === 'number' && version !== manifestSchemaVersion) {
    throw new UserError(
      `This bundle has schema version ${version}; this anomalyd reads version ${manifestSchemaVersion}.`,
      { file: manifestFile, key: 'schemaVersion' },
      version > manifestSchemaVersion ? 'Update anomalyd, or train the bundle with this version.' : trainAgain,
    );
  }
  const manifest = check(manifestSchema, document, manifestFile);
  for (const { file, sha256: wanted, name, key } of graphsOf(manifest)) {
    const found = sha256(await read(path.join(absolute, file)));
    if (found === wanted) continue;
    throw new UserError(
      `The graph ${file} of detector "${name}" is not the one the bundle was made with: its SHA-256 is ${found}, not ${wanted}.`,
      { file: manifestFile, key: `${key}.sha256` },
      'It was changed or damaged; copy the bundle again or train it again.',
    );
  }
  const goldenFile = path.join(absolute, 'golden.json');
  const golden = check(goldenSchema, parse(await read(goldenFile), goldenFile), goldenFile);
  return { dir: absolute, manifest, golden, hash: sha256(bytes) };
}

function graphsOf({ detectors, classifier }: Manifest) {
  const others = { classifier, 'classifier.generator': classifier?.generator };
  return [
    ...detectors.map((detector, i) => ({ ...detector, key: `detectors[${i}]` })),
    ...Object.entries(others).flatMap(([key, graph]) => (graph === undefined ? [] : [{ ...graph, name: key, key }])),
  ];
}

/**
 * What a bundle may be written over: nothing (undefined), an empty folder or a bundle; to ask before long work.
 * @throws UserError for anything else
 */
export async function checkBundleFolder(dir: string): Promise<readonly string[] | undefined> {
  const present = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new UserError(`Not a folder: ${error.message}.`, { file: dir }, 'Give another output folder.');
  });
  if (present !== undefined && present.length > 0 && !present.includes('manifest.json')) {
    throw new UserError('The folder holds something else than a bundle.', { file: dir }, 'Give another output folder.');
  }
  return present;
}

/**
 * Writes a folder beside `dir`, flushes it, then renames it: `dir` is the old bundle, for a moment nothing, then the new one; never a half.
 * @throws UserError where `dir` is there and neither a bundle nor empty
 */
export async function writeBundle(dir: string, manifest: Manifest, files: BundleFiles): Promise<void> {
  const absolute = path.resolve(dir);
  const present = await checkBundleFolder(absolute);
  const parent = path.dirname(absolute);
  await mkdir(parent, { recursive: true });
  const fresh = path.join(parent, `.${path.basename(absolute)}-${randomUUID()}`);
  await mkdir(fresh);
  try {
    for (const [name, data] of files) await writeDurably(path.join(fresh, name), data);
    await writeDurably(path.join(fresh, 'manifest.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
    if (present === undefined) {
      await rename(fresh, absolute);
    } else {
      const old = `${fresh}-old`;
      await rename(absolute, old);
      await rename(fresh, absolute).catch(async (error: unknown) => {
        await rename(old, absolute);
        throw error;
      });
      await rm(old, { recursive: true });
    }
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error;
  }
}

async function writeDurably(file: string, data: Uint8Array | string): Promise<void> {
  const handle = await open(file, 'wx', 0o644);
  try {
    await handle.writeFile(data);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function read(file: string): Promise<Buffer> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    const problem = error.code === 'ENOENT' ? 'There is no such file.' : `It cannot be read: ${error.message}.`;
    throw new UserError(problem, { file }, 'A bundle is a folder with manifest.json, golden.json and its .onnx files.');
  });
}

function parse(bytes: Buffer, file: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new UserError(`Not JSON: ${(cause as Error).message}.`, { file }, trainAgain, { cause });
  }
}

/** The first issue names the key. */
function check<S extends z.ZodType>(schema: S, document: unknown, file: string): z.output<S> {
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const key = issue?.path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
  throw new UserError(`${issue?.message ?? 'Not valid'}.`, key === undefined ? { file } : { file, key }, trainAgain);
}

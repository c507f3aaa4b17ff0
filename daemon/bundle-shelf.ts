/** Versions of one bundle side by side: `current` is a link to the one in force, `previous` to the one before it; a switch is one rename. */
import { cp, mkdir, open, readdir, readlink, realpath, rename, rm, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { type Bundle, loadBundle } from '../model/bundle.js';
import { UserError } from '../model/errors.js';

/** A version on the shelf. */
export interface Shelved {
  /** Its folder's name: version and the start of the hash. */
  readonly name: string;
  readonly installedMs: number;
  readonly role: 'current' | 'previous' | undefined;
}

const links = ['current', 'previous'] as const;
type Link = (typeof links)[number];

/**
 * Puts a copy of a bundle that was found to hold on the shelf and makes it the current one; whoever reads `current` meanwhile sees the old or the new, whole.
 * Gives the name of the version that it replaces, undefined for none.
 * @throws UserError where the shelf can't be written, or is a bundle itself
 */
export async function installBundle(
  shelf: string,
  bundle: Bundle,
): Promise<{ name: string; before: string | undefined }> {
  const name = `${bundle.manifest.version.replace(/[^\w.-]/g, '_')}-${bundle.hash.slice(0, 8)}`;
  const before = await linkOf(shelf, 'current');
  try {
    await mkdir(shelf, { recursive: true });
    const names = await readdir(shelf);
    if (names.includes('manifest.json'))
      throw new UserError(
        'this is a bundle, no shelf of bundles.',
        { file: shelf },
        'Name a folder that holds nothing else.',
      );
    if (!names.includes(name)) await copyWhole(bundle.dir, path.join(shelf, name));
    if (before !== name) await point(shelf, name, before);
  } catch (cause) {
    if (cause instanceof UserError || !(cause instanceof Error) || !('code' in cause)) throw cause;
    throw new UserError(
      `the bundle can not be put there (${String(cause.code)}).`,
      { file: shelf },
      'Try it as root, or name another folder.',
      { cause },
    );
  }
  return { name, before: before === name ? undefined : before };
}

/** What is on the shelf, the newest first. @throws UserError where it is none */
export async function shelvedBundles(shelf: string): Promise<Shelved[]> {
  const names = await readdir(shelf).catch((cause: unknown) => {
    throw new UserError(
      'there is no such shelf.',
      { file: shelf },
      'A bundle is put there by: anomalyd bundle install',
      { cause },
    );
  });
  const [current, previous] = await Promise.all(links.map((link) => linkOf(shelf, link)));
  const shelved: Shelved[] = [];
  for (const name of names) {
    if (name.startsWith('.') || (links as readonly string[]).includes(name)) continue;
    const manifest = await stat(path.join(shelf, name, 'manifest.json')).catch(() => undefined);
    if (manifest === undefined) continue;
    const { birthtimeMs } = await stat(path.join(shelf, name));
    const role = name === current ? 'current' : name === previous ? 'previous' : undefined;
    shelved.push({ name, installedMs: birthtimeMs, role });
  }
  return shelved.sort((a, b) => b.installedMs - a.installedMs);
}

/**
 * Makes another version the current one: the named, or the one before. That version is checked first, so that a damaged one is never put in force.
 * @throws UserError where there is none, or it does not hold
 */
export async function useBundle(shelf: string, wanted?: string): Promise<{ name: string; before: string | undefined }> {
  const shelved = await shelvedBundles(shelf);
  const name = wanted ?? shelved.find(({ role }) => role === 'previous')?.name;
  if (name === undefined)
    throw new UserError('there is no version before the current one.', { file: shelf }, 'See: anomalyd bundle list');
  if (!shelved.some((each) => each.name === name))
    throw new UserError(
      `there is no version ${name}.`,
      { file: shelf },
      `There are: ${shelved.map((each) => each.name).join(', ')}`,
    );
  await loadBundle(path.join(shelf, name));
  const before = await linkOf(shelf, 'current');
  if (before !== name) await point(shelf, name, before);
  return { name, before: before === name ? undefined : before };
}

/** `previous` goes first: should we die in between, `current` is still what it was. */
async function point(shelf: string, name: string, before: string | undefined): Promise<void> {
  if (before !== undefined) await replaceLink(shelf, 'previous', before);
  await replaceLink(shelf, 'current', name);
  await flush(shelf);
}

async function replaceLink(shelf: string, link: Link, name: string): Promise<void> {
  const fresh = path.join(shelf, `.${link}-${process.pid}`);
  await rm(fresh, { force: true });
  await symlink(name, fresh);
  await rename(fresh, path.join(shelf, link));
}

async function linkOf(shelf: string, link: Link): Promise<string | undefined> {
  return readlink(path.join(shelf, link)).catch(() => undefined);
}

/** Copied beside, flushed, renamed: never a half. */
async function copyWhole(from: string, to: string): Promise<void> {
  const fresh = path.join(path.dirname(to), `.${path.basename(to)}-${process.pid}`);
  await rm(fresh, { recursive: true, force: true });
  try {
    await cp(await realpath(from), fresh, { recursive: true });
    for (const file of await readdir(fresh)) await flush(path.join(fresh, file));
    await rename(fresh, to);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error;
  }
}

async function flush(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Bundles on disk: a folder with `manifest.json`, `golden.json` and one `.onnx` a detector; read whole or not at all, written whole or not at all. */
import type { Golden, Manifest } from './manifest.js';

export interface Bundle {
  /** Absolute path. */
  readonly dir: string;
  readonly manifest: Manifest;
  readonly golden: readonly Golden[];
  /** SHA-256 of manifest.json, lower-case hex: the bundle's identity, as the manifest holds the hashes of the graphs. */
  readonly hash: string;
}

/** @throws UserError for a missing file, another schema version, a schema violation (with its key), a graph whose hash differs. */
export async function loadBundle(_dir: string): Promise<Bundle> {
  throw new Error('not built yet');
}

/** Files beside the manifest by name: the graphs and `golden.json`. */
export type BundleFiles = ReadonlyMap<string, Uint8Array | string>;

/** Writes beside `dir`, then renames: `dir` is the old bundle or the new one, never a half. Replaces only a folder that is a bundle or empty. */
export async function writeBundle(_dir: string, _manifest: Manifest, _files: BundleFiles): Promise<void> {
  throw new Error('not built yet');
}

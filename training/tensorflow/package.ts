/** The tfjs-node package as npm installed it: where it is, and how to give it a binding that stands elsewhere. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import util from 'node:util';
import { UserError } from '../../model/errors.js';

const require = createRequire(import.meta.url);

export interface TfjsPackage {
  readonly dir: string;
  readonly version: string;
  /** Folders that its scripts' dependencies are found in. */
  readonly nodePath: readonly string[];
}

/** @throws UserError where training's packages are not installed: a gateway has none of them */
export function findTfjs(): TfjsPackage {
  try {
    const file = require.resolve('@tensorflow/tfjs-node/package.json');
    require.resolve('@tensorflow/tfjs-backend-wasm/package.json');
    const { version } = require(file) as { version: string };
    const dir = dirname(file);
    return { dir, version, nodePath: [join(dir, 'node_modules'), join(dir, '..', '..')] };
  } catch (error) {
    throw new UserError(
      'training needs TensorFlow.js, which is not installed here.',
      {},
      'Run `npm install @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-node@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0 node-api-headers` beside this package, or train on another machine and copy the bundle.',
      { cause: error },
    );
  }
}

/** Makes tfjs-node load `binding` instead of the file in its own folder, which stays as npm made it. Before its import. */
export function redirectBinding(tfjs: TfjsPackage, binding: string): void {
  const finder = createRequire(join(tfjs.dir, 'package.json'))('@mapbox/node-pre-gyp/lib/pre-binding.js') as {
    find: (packageJson: string, options?: unknown) => string;
  };
  const find = finder.find;
  finder.find = (packageJson, options) => (dirname(packageJson) === tfjs.dir ? binding : find(packageJson, options));
}

/**
 * tfjs-node 4.22 calls functions that Node 23 took out of `node:util` (tensorflow/tfjs#8609) and that warn since 22. Before its import.
 */
export function restoreUtilFunctions(): void {
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  });
}

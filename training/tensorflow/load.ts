/** TensorFlow for training: the native library where it can be had, built once and cached, else WebAssembly. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../model/clock.js';
import { UserError } from '../../model/errors.js';
import { type Progress, silent } from '../progress.js';
import { cacheHome, publish, sweep, withLock } from './cache.js';
import { findTfjs, redirectBinding, restoreUtilFunctions, type TfjsPackage } from './package.js';
import { bindingPath, buildChecked, type Source, sources } from './sources.js';
import { startWasm } from './wasm.js';

export type TensorFlow = typeof import('@tensorflow/tfjs');

export interface LoadedTensorFlow {
  readonly tf: TensorFlow;
  readonly backend: 'tensorflow' | 'wasm';
  /** One line for people, and what a bundle says it was trained with. */
  readonly description: string;
}

export interface LoadOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly progress?: Progress;
  readonly clock?: Clock;
  /** `auto` takes the native library or falls back, `native` insists on it, `wasm` does without; default: `$ANOMALYD_TF`, or `auto`. */
  readonly choice?: 'auto' | 'native' | 'wasm';
  /** Builds again even if that failed lately. */
  readonly retry?: boolean;
}

const choices = ['auto', 'native', 'wasm'] as const;

/** A native build that failed is not tried again for this long: a machine without internet would wait at every training. */
const retryAfterMs = 24 * 3600_000;

/**
 * Once a process: tfjs holds its backend in globals.
 * @throws UserError if `native` was asked for and can't be had, or training's packages are not installed
 */
export async function loadTensorFlow(options: LoadOptions = {}): Promise<LoadedTensorFlow> {
  const env = options.env ?? process.env;
  const choice = options.choice ?? choiceFrom(env);
  const progress = options.progress ?? silent;
  const tfjs = findTfjs();
  if (choice === 'wasm') return loadWasm('as asked for');
  const native = await findNative(
    tfjs,
    env,
    choice === 'native' || options.retry === true,
    progress,
    options.clock ?? systemClock,
  );
  if ('binding' in native) return loadNative(tfjs, native);
  if (choice === 'native')
    throw new UserError(
      `no native TensorFlow: ${native.reason}.`,
      { key: 'ANOMALYD_TF' },
      'Building it takes python3 with pip, a C++ compiler and a PyPI mirror; ANOMALYD_TF=auto trains without it.',
    );
  progress.line(
    `Warning: no native TensorFlow (${native.reason}); training in WebAssembly, two to four times slower. \`anomalyd-train backend\` tries again.`,
  );
  return loadWasm('the native library is not to be had here');
}

function choiceFrom(env: NodeJS.ProcessEnv): (typeof choices)[number] {
  const text = env.ANOMALYD_TF || 'auto';
  const choice = choices.find((one) => one === text);
  if (choice !== undefined) return choice;
  throw new UserError('unknown value.', { key: 'ANOMALYD_TF' }, `It must be one of: ${choices.join(', ')}.`);
}

interface Native {
  readonly binding: string;
  readonly tensorflow: string;
  readonly isShielded: boolean;
}

interface Failure {
  readonly reason: string;
}

/** From the package itself, the cache, or a build. */
async function findNative(
  tfjs: TfjsPackage,
  env: NodeJS.ProcessEnv,
  retry: boolean,
  progress: Progress,
  clock: Clock,
): Promise<Native | Failure> {
  const inPackage = join(tfjs.dir, `lib/napi-v${Math.min(8, Number(process.versions.napi))}/tfjs_binding.node`);
  if (existsSync(inPackage)) return { binding: inPackage, tensorflow: 'of the tfjs-node package', isShielded: false };
  const home = join(cacheHome(env), 'tensorflow');
  const cached = () => fromCache(home, tfjs);
  const failed = join(home, `${key(tfjs, 'failed')}.txt`);
  const ready = cached();
  if (ready !== undefined) return ready;
  const before = retry ? undefined : await recentFailure(failed, clock);
  if (before !== undefined) return { reason: before };
  try {
    await mkdir(home, { recursive: true });
  } catch (error) {
    return { reason: `no cache folder: ${messageOf(error)}` };
  }
  const lock = join(home, `${key(tfjs, 'build')}.lock`);
  return withLock(
    lock,
    clock,
    () => progress.line('TensorFlow: another process is building it, waiting'),
    async () => cached() ?? (await build(home, tfjs, progress, failed)),
  );
}

async function build(home: string, tfjs: TfjsPackage, progress: Progress, failed: string): Promise<Native | Failure> {
  progress.line('TensorFlow: getting the native library, once for this machine');
  const reasons: string[] = [];
  for (const source of sources) {
    const dir = folderOf(home, tfjs, source);
    await sweep(dir);
    const task = progress.task(`TensorFlow ${source.tensorflow} from its ${source.name}`, source.downloadBytes);
    try {
      await publish(dir, (scratch) => buildChecked(source, scratch, tfjs, task));
      const built = fromCache(home, tfjs);
      if (built !== undefined) return built;
    } catch (error) {
      reasons.push(`by its ${source.name}: ${messageOf(error)}`);
    } finally {
      task.end();
    }
  }
  const reason = reasons.join('; ');
  await writeFile(failed, `${reason}\n`);
  return { reason };
}

async function recentFailure(file: string, clock: Clock): Promise<string | undefined> {
  const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: 0 }));
  return clock.now() - mtimeMs < retryAfterMs ? readFileSync(file, 'utf8').trim() : undefined;
}

const key = (tfjs: TfjsPackage, what: string) =>
  `tfjs-node-${tfjs.version}-${process.platform}-${process.arch}-napi8-${what}`;

const folderOf = (home: string, tfjs: TfjsPackage, source: Source) =>
  join(home, key(tfjs, [`tf${source.tensorflow}`, source.name, source.shield].filter(Boolean).join('-')));

function fromCache(home: string, tfjs: TfjsPackage): Native | undefined {
  const source = sources.find((one) => existsSync(join(folderOf(home, tfjs, one), 'build.json')));
  return (
    source && {
      binding: join(folderOf(home, tfjs, source), bindingPath),
      tensorflow: source.tensorflow,
      isShielded: source.shield !== undefined,
    }
  );
}

async function loadNative(tfjs: TfjsPackage, native: Native): Promise<LoadedTensorFlow> {
  // Notes about CPU features and deprecations of the C library; errors still come. oneDNN gains nothing at our sizes and rounds differently by machine.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '0';
  // The products of an LSTM's step are small: with two threads an epoch of 2xLSTM(64) takes 1.1 s, with one 0.6 s; and sums round alike on any number of cores.
  process.env.TF_NUM_INTRAOP_THREADS ??= '1';
  if (process.arch === 'x64') process.env.DNNL_MAX_CPU_ISA ??= instructionSet(native);
  const { DNNL_MAX_CPU_ISA: instructions } = process.env;
  restoreUtilFunctions();
  redirectBinding(tfjs, native.binding);
  const tf = (await import('@tensorflow/tfjs-node')).default;
  tf.enableProdMode();
  await tf.setBackend('tensorflow');
  await tf.ready();
  return {
    tf,
    backend: 'tensorflow',
    description: `tfjs-node ${tfjs.version}, native TensorFlow ${native.tensorflow}${instructions === undefined ? '' : `, ${instructions}`}`,
  };
}

/**
 * Of oneDNN's products, by its name: each rounds in its own way, so a bundle tells it, and `DNNL_MAX_CPU_ISA` repeats one elsewhere.
 * Without a shield signals find the stack of all but those for SSE.
 */
function instructionSet({ isShielded }: Native): string {
  if (!isShielded) return 'SSE41';
  const flags = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  return ['avx512f', 'avx512bw', 'avx512dq', 'avx512vl'].every((flag) => new RegExp(`\\b${flag}\\b`).test(flags))
    ? 'AVX512_CORE'
    : 'AVX2';
}

async function loadWasm(why: string): Promise<LoadedTensorFlow> {
  const tf = (await import('@tensorflow/tfjs')).default;
  // Also keeps tfjs from advertising tfjs-node.
  tf.enableProdMode();
  await startWasm(tf);
  return { tf, backend: 'wasm', description: `tfjs ${tf.version_core}, WebAssembly (${why})` };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

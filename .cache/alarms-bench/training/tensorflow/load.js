/** TensorFlow for training: the native library where it can be had, built once and cached, else JavaScript. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../model/clock.js';
import { UserError } from '../../model/errors.js';
import { silent } from '../progress.js';
import { cacheHome, publish, sweep, withLock } from './cache.js';
import { findTfjs, redirectBinding, restoreUtilFunctions } from './package.js';
import { bindingPath, buildChecked, sources } from './sources.js';
const choices = ['auto', 'native', 'cpu'];
/** A native build that failed is not tried again for this long: a machine without internet would wait at every training. */
const retryAfterMs = 24 * 3600_000;
/**
 * Once a process: tfjs holds its backend in globals.
 * @throws UserError if `native` was asked for and can't be had, or training's packages are not installed
 */
export async function loadTensorFlow(options = {}) {
    const env = options.env ?? process.env;
    const choice = options.choice ?? choiceFrom(env);
    const progress = options.progress ?? silent;
    const tfjs = findTfjs();
    if (choice === 'cpu')
        return loadJavaScript('as asked for');
    const native = await findNative(tfjs, env, choice === 'native' || options.retry === true, progress, options.clock ?? systemClock);
    if ('binding' in native)
        return loadNative(tfjs, native);
    if (choice === 'native')
        throw new UserError(`no native TensorFlow: ${native.reason}.`, { key: 'ANOMALYD_TF' }, 'Building it takes python3 with pip, a C++ compiler and a PyPI mirror; ANOMALYD_TF=auto trains without it.');
    progress.line(`Warning: no native TensorFlow (${native.reason}); training in JavaScript, about 10 times slower. \`anomalyd-train backend\` tries again.`);
    return loadJavaScript('the native library is not to be had here');
}
function choiceFrom(env) {
    const text = env.ANOMALYD_TF || 'auto';
    const choice = choices.find((one) => one === text);
    if (choice !== undefined)
        return choice;
    throw new UserError('unknown value.', { key: 'ANOMALYD_TF' }, `It must be one of: ${choices.join(', ')}.`);
}
/** From the package itself, the cache, or a build. */
async function findNative(tfjs, env, retry, progress, clock) {
    const inPackage = join(tfjs.dir, `lib/napi-v${Math.min(8, Number(process.versions.napi))}/tfjs_binding.node`);
    if (existsSync(inPackage))
        return { binding: inPackage, tensorflow: 'of the tfjs-node package' };
    const home = join(cacheHome(env), 'tensorflow');
    const cached = () => fromCache(home, tfjs);
    const failed = join(home, `${key(tfjs, 'failed')}.txt`);
    const ready = cached();
    if (ready !== undefined)
        return ready;
    const before = retry ? undefined : await recentFailure(failed, clock);
    if (before !== undefined)
        return { reason: before };
    try {
        await mkdir(home, { recursive: true });
    }
    catch (error) {
        return { reason: `no cache folder: ${messageOf(error)}` };
    }
    const lock = join(home, `${key(tfjs, 'build')}.lock`);
    return withLock(lock, clock, () => progress.line('TensorFlow: another process is building it, waiting'), async () => cached() ?? (await build(home, tfjs, progress, failed)));
}
async function build(home, tfjs, progress, failed) {
    progress.line('TensorFlow: getting the native library, once for this machine');
    const reasons = [];
    for (const source of sources) {
        const dir = folderOf(home, tfjs, source);
        await sweep(dir);
        const task = progress.task(`TensorFlow ${source.tensorflow} from its ${source.name}`, source.downloadBytes);
        try {
            await publish(dir, (scratch) => buildChecked(source, scratch, tfjs, task));
            const built = fromCache(home, tfjs);
            if (built !== undefined)
                return built;
        }
        catch (error) {
            reasons.push(`by its ${source.name}: ${messageOf(error)}`);
        }
        finally {
            task.end();
        }
    }
    const reason = reasons.join('; ');
    await writeFile(failed, `${reason}\n`);
    return { reason };
}
async function recentFailure(file, clock) {
    const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: 0 }));
    return clock.now() - mtimeMs < retryAfterMs ? readFileSync(file, 'utf8').trim() : undefined;
}
const key = (tfjs, what) => `tfjs-node-${tfjs.version}-${process.platform}-${process.arch}-napi8-${what}`;
const folderOf = (home, tfjs, source) => join(home, key(tfjs, `tf${source.tensorflow}-${source.name}`));
function fromCache(home, tfjs) {
    const source = sources.find((one) => existsSync(join(folderOf(home, tfjs, one), 'build.json')));
    return source && { binding: join(folderOf(home, tfjs, source), bindingPath), tensorflow: source.tensorflow };
}
async function loadNative(tfjs, native) {
    // Notes about CPU features and deprecations of the C library; errors still come. oneDNN gains nothing at our sizes and rounds differently by machine.
    process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
    process.env.TF_ENABLE_ONEDNN_OPTS ??= '0';
    restoreUtilFunctions();
    redirectBinding(tfjs, native.binding);
    const tf = (await import('@tensorflow/tfjs-node')).default;
    tf.enableProdMode();
    await tf.setBackend('tensorflow');
    await tf.ready();
    return {
        tf,
        backend: 'tensorflow',
        description: `tfjs-node ${tfjs.version}, native TensorFlow ${native.tensorflow}`,
    };
}
async function loadJavaScript(why) {
    const tf = (await import('@tensorflow/tfjs')).default;
    // Also keeps tfjs from advertising tfjs-node.
    tf.enableProdMode();
    await tf.setBackend('cpu');
    await tf.ready();
    return { tf, backend: 'cpu', description: `tfjs ${tf.version_core}, JavaScript (${why})` };
}
function messageOf(error) {
    return error instanceof Error ? error.message : String(error);
}

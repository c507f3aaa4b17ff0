/** A cache folder that several processes may fill at once: one builds, the others wait, and what is there is whole. */
import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
/** `$XDG_CACHE_HOME/anomalyd`, by default `~/.cache/anomalyd`. */
export function cacheHome(env) {
    return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'anomalyd');
}
const heartbeatMs = 2000;
const staleMs = 20_000;
/**
 * Runs `work` while no other process holds `lock`. The holder keeps the file's time fresh, so that one that was killed is noticed.
 * Two waiters may then both go on: harmless, as `publish` is atomic.
 */
export async function withLock(lock, clock, onWait, work) {
    await mkdir(dirname(lock), { recursive: true });
    for (let waited = false;; waited = true) {
        try {
            await writeFile(lock, `${process.pid}\n`, { flag: 'wx' });
            break;
        }
        catch (error) {
            if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST'))
                throw error;
            const { mtimeMs } = await stat(lock).catch(() => ({ mtimeMs: 0 }));
            if (clock.now() - mtimeMs > staleMs)
                await rm(lock, { force: true });
            else {
                if (!waited)
                    onWait();
                await sleep(300);
            }
        }
    }
    const beat = setInterval(() => {
        const seconds = clock.now() / 1000;
        utimes(lock, seconds, seconds).catch(() => { });
    }, heartbeatMs);
    try {
        return await work();
    }
    finally {
        clearInterval(beat);
        await rm(lock, { force: true });
    }
}
/** Fills a scratch folder beside `dir`, then renames it to `dir`; whoever comes second keeps the first one's. */
export async function publish(dir, fill) {
    const scratchPrefix = `${dir}.scratch-`;
    await mkdir(dirname(dir), { recursive: true });
    const scratch = await mkdtemp(scratchPrefix);
    try {
        await fill(scratch);
        await rename(scratch, dir).catch((error) => {
            if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST')
                throw error;
        });
    }
    finally {
        await rm(scratch, { recursive: true, force: true });
    }
}
/** Removes what killed processes left of `dir`; only under its lock. */
export async function sweep(dir) {
    const parent = dirname(dir);
    for (const name of await readdir(parent).catch(() => []))
        if (join(parent, name).startsWith(`${dir}.scratch-`))
            await rm(join(parent, name), { recursive: true, force: true });
}
//# sourceMappingURL=cache.js.map
/** What the demo plays on: a folder, a broker, a bundle trained on the fleet's normal, and the daemon, up and listening. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../model/errors.js';
import { writeRecording } from '../record.js';
import { freePort } from './broker.js';
import { daemonConfig, trainingConfig } from './configs.js';
import { programPath, runProgram, startProgram } from './program.js';
/** Records `normal`, trains on it with progress shown, and returns the folder of the bundle. */
export async function train(stage, normal) {
    const recording = path.join(stage.folder, 'normal.ndjson');
    const config = path.join(stage.folder, 'train.yaml');
    const bundle = path.join(stage.folder, 'bundle');
    mkdirSync(stage.folder, { recursive: true });
    await writeRecording(normal, recording, 'ndjson');
    writeFileSync(config, trainingConfig(recording, stage.seed, stage.rateHz));
    const code = await runProgram(programPath('training'), ['fit', '--config', config, '--output', bundle], stage.stop);
    if (stage.stop.aborted)
        return bundle;
    if (code !== 0 || !existsSync(path.join(bundle, 'manifest.json'))) {
        throw new UserError(`training ended with exit code ${code}.`, { file: config }, 'Its own words are above.');
    }
    return bundle;
}
/** Starts the daemon on `bundle` and waits until it is ready. Throws `UserError` with its last words where it is not. */
export async function startDaemon(stage, broker, bundle) {
    const config = path.join(stage.folder, 'config.yaml');
    const log = path.join(stage.folder, 'daemon.log');
    const port = await freePort();
    writeFileSync(config, daemonConfig(broker, bundle, port, path.join(stage.folder, 'state')));
    const program = startProgram(programPath('daemon'), ['run', '--config', config], log);
    let hasEnded = false;
    program.ended.then(() => {
        hasEnded = true;
    }, () => {
        hasEnded = true;
    });
    const patienceMs = 60_000;
    const begunMs = stage.clock.monotonic();
    while (!(await isReady(`http://127.0.0.1:${port}/readyz`))) {
        if (stage.stop.aborted)
            break;
        const isLate = stage.clock.monotonic() - begunMs > patienceMs;
        if (hasEnded || isLate) {
            if (isLate)
                await program.stop();
            const what = hasEnded ? 'the daemon ended at once' : `the daemon was not ready after ${patienceMs / 1000} s`;
            throw new UserError(`${what}. Its last words:\n${program.lastWords(10)}`, { file: log });
        }
        await sleep(200);
    }
    return { program, metricsUrl: `http://127.0.0.1:${port}/metrics` };
}
async function isReady(url) {
    try {
        return (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok;
    }
    catch {
        return false;
    }
}
//# sourceMappingURL=stage.js.map
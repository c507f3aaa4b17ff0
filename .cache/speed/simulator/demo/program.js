/** The other programs of the house as children of the demo. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
/** A compiled program beside this one: `dist/<room>/cli.js`. */
export function programPath(room) {
    return fileURLToPath(new URL(`../../${room}/cli.js`, import.meta.url));
}
/** Runs a program to its end with its output shown; resolves with its exit code (130 where `stop` ended it). */
export async function runProgram(path, args, stop) {
    const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
    const end = () => child.kill('SIGTERM');
    stop.addEventListener('abort', end, { once: true });
    const { code } = await ended(child);
    stop.removeEventListener('abort', end);
    return stop.aborted ? 130 : code;
}
/** Starts a program with its output in a log file. */
export function startProgram(path, args, logFile) {
    const log = openSync(logFile, 'a');
    const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', log, log] });
    closeSync(log);
    const end = ended(child);
    return {
        ended: end,
        stop: async () => {
            child.kill('SIGTERM');
            const patience = setTimeout(() => child.kill('SIGKILL'), 10_000);
            const { code } = await end;
            clearTimeout(patience);
            return code;
        },
        lastWords: (lines) => readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n'),
    };
}
function ended(child) {
    return new Promise((resolve, reject) => {
        child.once('error', reject);
        child.once('exit', (code) => resolve({ code: code ?? 1 }));
    });
}

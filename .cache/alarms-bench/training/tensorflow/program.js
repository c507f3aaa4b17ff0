/** Runs a program that may hang: killed when nothing moves for a while, its output kept for the error message. */
import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
const pollMs = 500;
/** Resolves with what the program wrote when it exits with 0. @throws Error with its last lines, or that it stalled */
export async function runProgram(command, args, options) {
    const child = spawn(command, args, {
        cwd: options.cwd,
        env: options.env ?? process.env,
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
    });
    let output = '';
    let quietMs = 0;
    let bytes = 0;
    let stalled = false;
    const take = (chunk) => {
        quietMs = 0;
        output = (output + chunk.toString()).slice(-20_000);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const poll = setInterval(async () => {
        const now = options.watch === undefined ? 0 : await folderBytes(options.watch);
        if (now !== bytes) {
            bytes = now;
            quietMs = 0;
            options.onBytes?.(bytes);
        }
        quietMs += pollMs;
        if (quietMs > options.stallMs && child.pid !== undefined) {
            stalled = true;
            // The whole group: pip and make have children of their own.
            process.kill(-child.pid, 'SIGKILL');
        }
    }, pollMs);
    try {
        const code = await new Promise((resolve, reject) => {
            child.once('error', reject);
            child.once('close', resolve);
        });
        if (stalled)
            throw new Error(`${command} made no progress for ${options.stallMs / 1000} s`);
        if (code !== 0)
            throw new Error(`${command} failed: ${lastWords(output)}`);
        return output;
    }
    finally {
        clearInterval(poll);
    }
}
/** The line that tells most: the last that names an error, or the last one. */
function lastWords(output) {
    const lines = output
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '');
    return lines.findLast((line) => /error|cannot|not found/i.test(line)) ?? lines.at(-1) ?? 'no output';
}
async function folderBytes(folder) {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
    const sizes = await Promise.all(entries
        .filter((entry) => entry.isFile())
        .map((entry) => stat(join(entry.parentPath, entry.name)).then(({ size }) => size, () => 0)));
    return sizes.reduce((sum, size) => sum + size, 0);
}

/** Child processes of benches: ask and answer, processor time and memory. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
/** A forked program of this folder that gives one answer to each order. */
export class Helper {
    child;
    constructor(child) {
        this.child = child;
    }
    static start(file) {
        return new Helper(fork(fileURLToPath(new URL(file, import.meta.url)), { stdio: ['ignore', 2, 2, 'ipc'] }));
    }
    async ask(order) {
        this.child.send(order);
        const [answer] = (await once(this.child, 'message'));
        if (answer.error !== undefined)
            throw new Error(answer.error);
        return answer.value;
    }
    async end() {
        if (this.child.exitCode !== null || this.child.signalCode !== null)
            return;
        this.child.kill('SIGKILL');
        await once(this.child, 'exit');
    }
}
const ticksPerSecond = 100;
/** Seconds of processor time that a process has used. */
export function cpuSeconds(pid) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
/** Resident memory, now or at its highest, in MB (10^6 bytes). */
export function rssMb(pid, which = 'VmRSS') {
    const kB = new RegExp(`${which}:\\s*(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return (Number(kB) * 1024) / 1e6;
}
/** What a figure was measured on, for whoever compares. */
export function machine() {
    return {
        cores: cpus().length,
        cpu: cpus()[0]?.model ?? '',
        node: process.version,
        load: round(loadavg()[0] ?? 0, 1),
    };
}
export function round(value, digits = 0) {
    return Number(value.toFixed(digits));
}

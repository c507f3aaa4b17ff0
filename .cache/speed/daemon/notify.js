/** What the service manager is told: ready, reloading, stopping, alive (systemd's sd_notify protocol, without a package). */
import { writeSync } from 'node:fs';
/**
 * The descriptor of a connected datagram socket to systemd, which Node could not open itself: from our launcher (`NOTIFY_FD`, any systemd)
 * or from `OpenFile=/run/systemd/notify:notify` (systemd >= 253; sd_listen_fds(3)). Undefined when we run under no service manager.
 */
export function notifyDescriptor({ env, pid }) {
    if (env.NOTIFY_FD !== undefined && /^\d+$/.test(env.NOTIFY_FD))
        return Number(env.NOTIFY_FD);
    if (env.LISTEN_PID !== String(pid))
        return undefined;
    const at = (env.LISTEN_FDNAMES ?? '').split(':').indexOf('notify');
    return at < 0 || at >= Number(env.LISTEN_FDS) ? undefined : 3 + at;
}
/** A `Notifier` over the inherited descriptor; one that says nothing where there is none. */
export function createNotifier(context) {
    const { env, pid, clock, write = writeSync } = context;
    const fd = notifyDescriptor(context);
    let onError = context.onError;
    const send = (...lines) => {
        if (fd === undefined)
            return;
        try {
            write(fd, lines.join('\n'));
        }
        catch (error) {
            onError?.(error);
            onError = undefined;
        }
    };
    const statusLine = (text) => `STATUS=${text.replace(/\s+/g, ' ')}`;
    return {
        watchdogMs: fd === undefined ? undefined : watchdogMs(env, pid),
        ready: (status) => send('READY=1', statusLine(status)),
        reloading: () => send('RELOADING=1', `MONOTONIC_USEC=${Math.floor(clock.monotonic() * 1000)}`),
        stopping: (status) => send('STOPPING=1', statusLine(status)),
        status: (text) => send(statusLine(text)),
        alive: () => send('WATCHDOG=1'),
    };
}
function watchdogMs(env, pid) {
    const us = Number(env.WATCHDOG_USEC);
    const ours = env.WATCHDOG_PID === undefined || env.WATCHDOG_PID === String(pid);
    return ours && us > 0 ? us / 1000 : undefined;
}

/** What the service manager is told: ready, reloading, stopping, alive (systemd's sd_notify protocol, without a package). */
import { writeSync } from 'node:fs';
import type { Clock } from '../model/clock.js';

/** systemd's end of the daemon; every call is one datagram, 4 us, and none ever throws. */
export interface Notifier {
  /** Ping at least this often, ms (WatchdogSec=); undefined = nobody waits for pings. */
  readonly watchdogMs: number | undefined;
  /** Started, or reloaded: all that was asked for is in place. */
  ready(status: string): void;
  reloading(): void;
  stopping(status: string): void;
  /** One line for people, shown by `systemctl status`. */
  status(text: string): void;
  alive(): void;
}

export interface NotifyContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  /** Its `monotonic` must be CLOCK_MONOTONIC, as `systemClock`'s is: systemd compares. */
  readonly clock: Clock;
  /** Throws as `fs.writeSync` does. */
  readonly write?: (fd: number, text: string) => void;
  /** Told once, when a datagram could not be sent: systemd will think us dead. */
  readonly onError?: (error: unknown) => void;
}

/**
 * The descriptor of a connected datagram socket to systemd, which Node could not open itself: from our launcher (`NOTIFY_FD`, any systemd)
 * or from `OpenFile=/run/systemd/notify:notify` (systemd >= 253; sd_listen_fds(3)). Undefined when we run under no service manager.
 */
export function notifyDescriptor({ env, pid }: Pick<NotifyContext, 'env' | 'pid'>): number | undefined {
  if (env.NOTIFY_FD !== undefined && /^\d+$/.test(env.NOTIFY_FD)) return Number(env.NOTIFY_FD);
  if (env.LISTEN_PID !== String(pid)) return undefined;
  const at = (env.LISTEN_FDNAMES ?? '').split(':').indexOf('notify');
  return at < 0 || at >= Number(env.LISTEN_FDS) ? undefined : 3 + at;
}

/** A `Notifier` over the inherited descriptor; one that says nothing where there is none. */
export function createNotifier(context: NotifyContext): Notifier {
  const { env, pid, clock, write = writeSync } = context;
  const fd = notifyDescriptor(context);
  let onError = context.onError;

  const send = (...lines: string[]) => {
    if (fd === undefined) return;
    try {
      write(fd, lines.join('\n'));
    } catch (error) {
      onError?.(error);
      onError = undefined;
    }
  };
  const statusLine = (text: string) => `STATUS=${text.replace(/\s+/g, ' ')}`;

  return {
    watchdogMs: fd === undefined ? undefined : watchdogMs(env, pid),
    ready: (status) => send('READY=1', statusLine(status)),
    reloading: () => send('RELOADING=1', `MONOTONIC_USEC=${Math.floor(clock.monotonic() * 1000)}`),
    stopping: (status) => send('STOPPING=1', statusLine(status)),
    status: (text) => send(statusLine(text)),
    alive: () => send('WATCHDOG=1'),
  };
}

function watchdogMs(env: NotifyContext['env'], pid: number): number | undefined {
  const us = Number(env.WATCHDOG_USEC);
  const ours = env.WATCHDOG_PID === undefined || env.WATCHDOG_PID === String(pid);
  return ours && us > 0 ? us / 1000 : undefined;
}

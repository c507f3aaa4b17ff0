/** Signals: stop once, at once when asked twice, reload, and patience with a daemon that is still starting. */
import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { handleSignals } from '../../daemon/lifecycle.js';

function setUp() {
  const source = new EventEmitter();
  const exit = vi.fn();
  let started: () => void = () => {};
  let stopped: () => void = () => {};
  const daemon = {
    reload: vi.fn(async () => {}),
    stop: vi.fn(() => new Promise<void>((resolve) => (stopped = resolve))),
  };
  const starting = new Promise<typeof daemon>((resolve) => (started = () => resolve(daemon)));
  handleSignals(starting, source, exit);
  return { source, exit, daemon, start: () => started(), finish: () => stopped() };
}

describe('signals', () => {
  it('ends with 0 when all is finished', async () => {
    const { source, exit, daemon, start, finish } = setUp();
    start();
    source.emit('SIGTERM');
    await vi.waitFor(() => expect(daemon.stop).toHaveBeenCalledTimes(1));
    expect(exit).not.toHaveBeenCalled();
    finish();
    await vi.waitFor(() => expect(exit).toHaveBeenCalledWith(0));
  });

  it('ends at once when asked twice', async () => {
    const { source, exit, daemon, start } = setUp();
    start();
    source.emit('SIGINT');
    await vi.waitFor(() => expect(daemon.stop).toHaveBeenCalled());
    source.emit('SIGINT');
    expect(exit).toHaveBeenCalledWith(130);
  });

  it('reloads on SIGHUP, and keeps signals until the daemon has started', async () => {
    const { source, daemon, start } = setUp();
    source.emit('SIGHUP');
    expect(daemon.reload).not.toHaveBeenCalled();
    start();
    await vi.waitFor(() => expect(daemon.reload).toHaveBeenCalledTimes(1));
  });
});

import { describe, expect, it, vi } from 'vitest';
import type { Notifier } from '../../daemon/notify.js';
import { Watchdog } from '../../daemon/watchdog.js';
import { ManualClock } from '../../model/clock.js';

function setUp(watchdogMs?: number) {
  const clock = new ManualClock(5000);
  const log: string[] = [];
  const notifier: Notifier = {
    watchdogMs,
    ready: () => {},
    reloading: () => {},
    stopping: () => {},
    status: (text) => log.push(text),
    alive: () => log.push('alive'),
  };
  const work = { due: 0, done: 0 };
  const stuck: string[] = [];
  const stages = [
    { name: 'ingest', due: () => 0, done: () => 0 },
    { name: 'worker', due: () => work.due, done: () => work.done },
  ];
  const watchdog = new Watchdog(notifier, clock, stages, (stage, forMs) => {
    stuck.push(stage);
    if (stage !== '') log.push(`${stage} for ${forMs}`);
  });
  const after = (ms: number) => {
    clock.advance(ms);
    log.length = 0;
    watchdog.check();
    return log.join();
  };
  return { watchdog, work, stuck, after };
}

describe('Watchdog', () => {
  it('pings while nothing is due, however long', () => {
    const { after } = setUp(1000);
    expect([after(250), after(250), after(3_600_000)]).toEqual(['alive', 'alive', 'alive']);
  });

  it('pings while work gets done, however far behind it is', () => {
    const { after, work } = setUp(1000);
    work.due = 1000;
    for (let i = 0; i < 20; i++) {
      work.done++;
      expect(after(400)).toBe('alive');
    }
  });

  it('stops pinging when work is owed and none is finished, says which, and goes on when it moves again', () => {
    const { after, work, stuck, watchdog } = setUp(1000);
    work.due = 1;
    expect(after(250)).toBe('alive');
    expect(after(250)).toBe('alive');
    expect(after(250)).toBe('worker for 750');
    expect(after(250)).toBe('');
    expect([watchdog.stuck, stuck]).toEqual(['worker', ['worker']]);
    work.done = 1;
    expect(after(250)).toBe('alive');
    expect([watchdog.stuck, stuck]).toEqual(['', ['worker', '']]);
  });

  it('gives new work its full time after a long rest', () => {
    const { after, work } = setUp(1000);
    after(100_000);
    work.due = 1;
    expect(after(250)).toBe('alive');
  });

  it('pings from a timer of its own until it is stopped; without a service manager it judges all the same, and pings nobody', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const { watchdog } = setUp(1000);
      const alive = vi.spyOn(watchdog.notifier, 'alive');
      watchdog.start();
      watchdog.start();
      vi.advanceTimersByTime(1000);
      expect(alive).toHaveBeenCalledTimes(1 + 4);
      watchdog.stop();
      vi.advanceTimersByTime(1000);
      expect(alive).toHaveBeenCalledTimes(5);

      const { watchdog: without, work, after } = setUp();
      const never = vi.spyOn(without.notifier, 'alive');
      without.start();
      vi.advanceTimersByTime(10_000);
      work.due = 1;
      after(15_000);
      expect(without.stuck).toBe('');
      after(1);
      expect(without.stuck).toBe('worker');
      without.stop();
      expect(never).not.toHaveBeenCalled();
    } finally {
      vi.useRealTimers();
    }
  });
});

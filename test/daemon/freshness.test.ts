import { describe, expect, it } from 'vitest';
import { Freshness } from '../../daemon/freshness.js';

function watch(staleAfterMs = 0, periodMs = 1000) {
  const told: [number, number, number | null, number | null][] = [];
  const freshness = new Freshness({
    onChange: (bundle, slot, since, usual) => told.push([bundle, slot, since, usual]),
  });
  freshness.watch(0, 0, periodMs, staleAfterMs);
  return { freshness, told };
}

const start = 1_000_000;

describe('freshness', () => {
  it('tells once when an asset falls silent, and once when it speaks again', () => {
    const { freshness, told } = watch();
    freshness.connected(start);
    for (let k = 1; k <= 100; k++) freshness.seen(0, 0, start + k * 1000);
    for (let k = 101; k < 400; k++) freshness.tick(start + k * 1000);
    expect(told).toEqual([[0, 0, start + 100_000, 1000]]);
    expect(freshness.silent).toBe(1);
    freshness.seen(0, 0, start + 400_000);
    freshness.seen(0, 0, start + 401_000);
    expect(told.slice(1)).toEqual([[0, 0, null, null]]);
  });

  it('learns slow intervals, and gives them ten times as long', () => {
    const { freshness, told } = watch();
    freshness.connected(start);
    for (let k = 1; k <= 60; k++) freshness.seen(0, 0, start + k * 60_000);
    const last = start + 3_600_000;
    freshness.tick(last + 500_000);
    expect(told).toEqual([]);
    freshness.tick(last + 601_000);
    expect(told).toHaveLength(1);
  });

  it('goes by a fixed time where one is set', () => {
    const { freshness, told } = watch(5000);
    freshness.connected(start);
    freshness.seen(0, 0, start);
    freshness.tick(start + 4999);
    expect(told).toEqual([]);
    freshness.tick(start + 5000);
    expect(told).toEqual([[0, 0, start, null]]);
    freshness.limit(0, 0, 60_000);
    freshness.seen(0, 0, start + 6000);
    freshness.tick(start + 20_000);
    expect(told).toHaveLength(2);
  });

  it('nobody is silent while we are not connected, and all have their time again afterwards', () => {
    const { freshness, told } = watch(60_000);
    freshness.connected(start);
    freshness.seen(0, 0, start + 1000);
    freshness.disconnected();
    freshness.tick(start + 3_600_000);
    freshness.connected(start + 3_600_000);
    freshness.tick(start + 3_659_000);
    expect(told).toEqual([]);
    freshness.tick(start + 3_660_000);
    expect(told).toEqual([[0, 0, start + 1000, null]]);
  });

  it('an asset that never spoke is silent too: the broker may keep its topics from us', () => {
    const { freshness, told } = watch();
    freshness.connected(start);
    freshness.tick(start + 60_000);
    expect(told).toEqual([[0, 0, start, null]]);
  });

  it('an asset that was silent before a restart is told when it speaks', () => {
    const told: unknown[] = [];
    const freshness = new Freshness({
      onChange: (bundle, slot, since, usual) => told.push([bundle, slot, since, usual]),
    });
    freshness.watch(2, 3, 1000, 0, true);
    freshness.connected(start);
    freshness.seen(2, 3, start + 1);
    expect(freshness.seen(9, 9, start + 1)).toBe(false);
    expect(told).toEqual([[2, 3, null, null]]);
  });
});

describe('the silence of all', () => {
  /** `count` assets that speak every `everyMs`, one after another within it. */
  function plant(count: number, everyMs = 1000, all = false) {
    const told: string[] = [];
    const freshness = new Freshness(
      {
        onChange: (_, slot, since, __, alone) =>
          told.push(`${slot} ${since === null ? 'back' : 'silent'}${alone ? ' alone' : ''}`),
        onAll: (since) => told.push(since === null ? 'all back' : `all silent since ${since - start}`),
      },
      all,
    );
    for (let slot = 0; slot < count; slot++) freshness.watch(0, slot, everyMs, 0);
    freshness.connected(start);
    const run = (fromMs: number, toMs: number, speaks: (slot: number) => boolean = () => true) => {
      for (let at = fromMs; at < toMs; at += 100) {
        for (let slot = 0; slot < count; slot++)
          if (speaks(slot) && at % everyMs === (slot * 100) % everyMs) freshness.seen(0, slot, start + at);
        if (at % 1000 === 0) freshness.tick(start + at);
      }
    };
    return { freshness, told, run };
  }

  it('is told once, not once an asset, and its end too', () => {
    const { freshness, told, run } = plant(5);
    run(0, 100_000);
    run(100_000, 400_000, () => false);
    expect(told).toEqual(['all silent since 99400', ...['0', '1', '2', '3', '4'].map((slot) => `${slot} silent`)]);
    expect([freshness.all, freshness.silent]).toEqual([true, 5]);
    told.length = 0;
    run(400_000, 410_000);
    expect(told).toEqual(['all back', ...['0', '1', '2', '3', '4'].map((slot) => `${slot} back`)]);
    expect([freshness.all, freshness.silent]).toEqual([false, 0]);
  });

  it('leaves those alone that do not come back, after their full time', () => {
    const { told, run } = plant(5);
    run(0, 100_000);
    run(100_000, 200_000, () => false);
    told.length = 0;
    run(200_000, 259_000, (slot) => slot < 4);
    expect(told).not.toContain('4 silent alone');
    run(259_000, 270_000, (slot) => slot < 4);
    expect(told.at(-1)).toBe('4 silent alone');
  });

  it('is not that of one, nor of most', () => {
    for (const living of [1, 4]) {
      const { told, run } = plant(5);
      run(0, 100_000);
      run(100_000, 300_000, (slot) => slot < living);
      expect(told).toEqual([1, 2, 3, 4].filter((slot) => slot >= living).map((slot) => `${slot} silent alone`));
    }
  });

  it('is not known where the others speak too seldom to be missed', () => {
    const { told, freshness } = plant(1);
    freshness.watch(0, 1, 600_000, 0);
    for (let k = 0; k < 100; k++) freshness.seen(0, 0, start + k * 1000);
    freshness.seen(0, 1, start + 50_000);
    for (let k = 100; k < 200; k++) freshness.tick(start + k * 1000);
    expect(told).toEqual(['0 silent alone']);
  });

  it('is remembered by whoever watches next', () => {
    const { told, freshness, run } = plant(2, 1000, true);
    run(0, 100_000, () => false);
    expect(told).toEqual(['0 silent', '1 silent']);
    freshness.seen(0, 1, start + 100_000);
    expect(told.slice(2)).toEqual(['all back', '1 back']);
  });

  it('is none when nobody asks for it', () => {
    const { freshness, told } = watch();
    freshness.watch(0, 1, 1000, 0);
    freshness.connected(start);
    for (let k = 0; k < 100; k++) freshness.tick(start + k * 1000);
    expect(told).toHaveLength(2);
    freshness.unwatch(0, 1);
    expect([freshness.silent, freshness.isSilent(0, 1)]).toEqual([1, undefined]);
  });
});

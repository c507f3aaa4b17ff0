import { describe, expect, it } from 'vitest';
import { Freshness } from '../../daemon/freshness.js';

function watch(staleAfterMs = 0, periodMs = 1000) {
  const told: [number, number, number | null, number | null][] = [];
  const freshness = new Freshness({ onChange: (...one) => told.push(one) });
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
    expect(freshness.idleMs(start)).toBeUndefined();
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
    expect(freshness.idleMs(start)).toBe(Number.POSITIVE_INFINITY);
  });

  it('an asset that was silent before a restart is told when it speaks', () => {
    const told: unknown[] = [];
    const freshness = new Freshness({ onChange: (...one) => told.push(one) });
    freshness.watch(2, 3, 1000, 0, true);
    freshness.connected(start);
    freshness.seen(2, 3, start + 1);
    freshness.seen(9, 9, start + 1);
    expect(told).toEqual([[2, 3, null, null]]);
  });
});

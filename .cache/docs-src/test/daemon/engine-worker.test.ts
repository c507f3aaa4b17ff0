/** Engine and real worker over a real bundle: every frame back once and in order, the same as without the thread, and overload that sheds by the rule. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Engine } from '../../daemon/engine.js';
import type { ArrivedResults } from '../../daemon/engine-results.js';
import { type Bundle, loadBundle, writeBundle } from '../../model/bundle.js';
import { systemClock } from '../../model/clock.js';
import { UserError } from '../../model/errors.js';
import { BundleRuntime } from '../../model/runtime.js';
import { makeBundle } from '../fixtures/bundle.js';
import { workerUrl } from '../fixtures/program.js';

let dir: string;
let bundle: Bundle;
let engine: Engine;
beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'anomalyd-engine-'));
  const { manifest, files } = makeBundle();
  await writeBundle(path.join(dir, 'bundle'), manifest, files);
  bundle = await loadBundle(path.join(dir, 'bundle'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));
afterEach(() => engine.stop());

function startEngine(): Engine {
  const fail = (error: Error) => {
    throw error;
  };
  engine = new Engine({ worker: workerUrl, clock: systemClock, onRestart: fail, onFatal: fail });
  return engine;
}

const valueAt = (slot: number, t: number) => Math.sin(slot + t / 7);
const frame = (slot: number, t: number) => Float32Array.of(valueAt(slot, t), 0.1, -0.2);

describe('Engine with its worker', () => {
  it('gives every frame back once, in order per asset, with the severity that the runtime gives alone', async () => {
    const assets = 40;
    const instants = 300;
    const seen = new Map<number, { timeMs: number; severity: number; actual: number }[]>();
    const note = (results: ArrivedResults) => {
      for (let i = 0; i < results.n; i++) {
        const rows = seen.get(results.slot[i] ?? -1) ?? [];
        rows.push({
          timeMs: results.timeMs[i] ?? 0,
          severity: results.severity[i] ?? -1,
          actual: results.actual[3 * i] ?? 0,
        });
        seen.set(results.slot[i] ?? -1, rows);
      }
    };
    const lane = await startEngine().open(bundle, { maxGapMs: 10_000 }, note);
    for (let t = 0; t < instants; t++) {
      for (let slot = 0; slot < assets; slot++)
        lane.push(slot, 1000 * t, frame(slot, t), t === 0, systemClock.monotonic());
      if (t % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(await engine.drain(20_000)).toBe(0);
    expect(lane.scored).toBe(assets * instants);
    expect(lane.dropped).toEqual({ overload: 0, restart: 0 });
    expect(seen.size).toBe(assets);

    const runtime = await BundleRuntime.open(bundle);
    for (let t = 0; t < instants; t++) {
      const result = await runtime.score({
        n: 1,
        slot: Int32Array.of(0),
        timeMs: Float64Array.of(1000 * t),
        reset: Uint8Array.of(t === 0 ? 1 : 0),
        values: frame(5, t),
      });
      const row = seen.get(5)?.[t];
      expect(row?.timeMs).toBe(1000 * t);
      expect(row?.actual).toBe(Math.fround(valueAt(5, t)));
      expect(row?.severity).toBeCloseTo(result.severity[0] ?? -1, 5);
    }
    await runtime.close();
    const { cumulative } = lane.batchSize.read();
    expect(cumulative.at(-1)).toBeLessThan((assets * instants) / 4);
  });

  it('sheds under overload: newest frames win, order stays, all are accounted for, and it recovers', async () => {
    const newest = new Map<number, number>();
    const lane = await startEngine().open(bundle, { maxGapMs: 10_000 }, (results) => {
      for (let i = 0; i < results.n; i++) {
        const slot = results.slot[i] ?? -1;
        expect(results.timeMs[i]).toBeGreaterThan(newest.get(slot) ?? -1);
        newest.set(slot, results.timeMs[i] ?? 0);
      }
    });
    const [assets, instants] = [500, 400];
    // In one turn of the event loop: results can't be read meanwhile, so ring and result ring fill up.
    for (let t = 0; t < instants; t++)
      for (let slot = 0; slot < assets; slot++) lane.push(slot, 1000 * t, frame(slot, t), t === 0, 0);
    expect(await engine.drain(20_000)).toBe(0);
    expect(lane.dropped.overload).toBeGreaterThan(0);
    expect(lane.dropped.overload + lane.scored).toBe(assets * instants);
    expect([...newest.values()].every((timeMs) => timeMs === 1000 * (instants - 1))).toBe(true);
    const before = lane.dropped.overload;
    for (let slot = 0; slot < assets; slot++) lane.push(slot, 1000 * instants, frame(slot, instants), false, 0);
    expect(await engine.drain(20_000)).toBe(0);
    expect(lane.dropped.overload).toBe(before);
  });

  it('refuses a bundle whose golden vectors do not hold, in the words of the runtime, and lives on', async () => {
    const bad = { ...bundle, golden: bundle.golden.map((one) => ({ ...one, outputs: { score: [12345] } })) };
    const open = startEngine().open(bad, { maxGapMs: 1000 }, () => {});
    await expect(open).rejects.toThrow(UserError);
    await expect(open).rejects.toThrow(/golden output/);
    await engine.open(bundle, { maxGapMs: 1000 }, () => {});
    engine.ping();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(engine.answered).toBe(engine.asked);
  });
});

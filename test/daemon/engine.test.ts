/** The worker's host with stand-ins for the worker: refusals, deaths, silence. The real worker is tested in engine-worker.test.ts. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Engine, type EngineOptions } from '../../daemon/engine.js';
import type { LaneOptions } from '../../daemon/engine-lane.js';
import type { Bundle } from '../../model/bundle.js';
import { ManualClock, systemClock } from '../../model/clock.js';
import { UserError } from '../../model/errors.js';

const engines: Engine[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.stop();
});

/** A worker whose whole program is `onOrder`, run for every order. */
const worker = (onOrder: string) =>
  new URL(
    `data:text/javascript,${encodeURIComponent(
      `import { parentPort as port } from 'node:worker_threads'; port.on('message', (order) => { ${onOrder} });`,
    )}`,
  );

function engineOf(onOrder: string, options: Partial<EngineOptions> = {}) {
  const onRestart = vi.fn<(error: Error) => void>();
  const onFatal = vi.fn<(error: Error) => void>();
  const engine = new Engine({ worker: worker(onOrder), clock: systemClock, onRestart, onFatal, ...options });
  engines.push(engine);
  return { engine, onRestart, onFatal };
}

const bundle = { dir: '/b', manifest: { channels: [{}], detectors: [{}] }, golden: [], hash: '' } as unknown as Bundle;
const laneOptions: LaneOptions = { maxGapMs: 1000 };
const obliging = `port.postMessage({ report: 'opened', lane: order.lane });`;

describe('Engine', () => {
  it('says what is wrong with a bundle as the worker found it', async () => {
    const { engine } = engineOf(
      `port.postMessage({ report: 'refused', lane: order.lane, problem: 'bad graph', place: { file: 'a.onnx' }, remedy: 'Export it again.' });`,
    );
    const open = engine.open(bundle, laneOptions, () => {});
    await expect(open).rejects.toThrow(UserError);
    await expect(open).rejects.toThrow('a.onnx: bad graph Export it again.');
    expect(engine.restarts).toBe(0);
  });

  it('starts a dead worker again, opens its bundles anew, and counts what was under way', async () => {
    const { engine, onRestart, onFatal } = engineOf(
      `${obliging} if (order.bundle.dir === '/dies') setTimeout(() => { throw new Error('boom'); }, 50);`,
    );
    const steady = await engine.open(bundle, laneOptions, () => {});
    const dying = { ...bundle, dir: '/dies' };
    await engine.open(dying, laneOptions, () => {});
    for (let i = 0; i < 5; i++) steady.push(0, i, Float32Array.of(1), false, 0);
    expect(steady.underway).toBe(5);
    await vi.waitFor(() => expect(onRestart).toHaveBeenCalled());
    expect(onRestart.mock.calls[0]?.[0]).toMatchObject({ message: 'boom' });
    expect(steady.dropped).toEqual({ overload: 0, restart: 5 });
    expect(steady.underway).toBe(0);
    expect(engine.restarts).toBe(1);
    expect(onFatal).not.toHaveBeenCalled();
  });

  it('gives up when workers die again and again', async () => {
    const { engine, onRestart, onFatal } = engineOf(`throw new Error('boom');`, { maxRestarts: 2 });
    await expect(engine.open(bundle, laneOptions, () => {})).rejects.toThrow('boom');
    expect(onRestart).toHaveBeenCalledTimes(2);
    expect(onFatal).toHaveBeenCalledTimes(1);
    expect(engine.restarts).toBe(3);
  });

  it('forgives deaths that are long ago', async () => {
    const clock = new ManualClock();
    const { engine, onRestart, onFatal } = engineOf(`${obliging} setTimeout(() => { throw new Error('boom'); }, 10);`, {
      clock,
      maxRestarts: 1,
      restartWindowMs: 60_000,
    });
    onRestart.mockImplementation(() => clock.advance(100_000));
    await engine.open(bundle, laneOptions, () => {});
    await vi.waitFor(() => expect(onRestart.mock.calls.length).toBeGreaterThan(3), { timeout: 10_000 });
    expect(onFatal).not.toHaveBeenCalled();
  });

  it('shows that a worker answers nobody, and that frames wait for it', async () => {
    const { engine } = engineOf(obliging);
    const lane = await engine.open(bundle, laneOptions, () => {});
    expect(engine.progress).toEqual({ due: 0, done: 0 });
    engine.ping();
    expect([engine.asked, engine.answered]).toEqual([1, 0]);
    lane.push(0, 1000, new Float32Array(bundle.manifest.channels.length), false, 0);
    expect(engine.progress).toEqual({ due: 1, done: 0 });
  });
});

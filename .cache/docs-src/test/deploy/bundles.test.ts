import path from 'node:path';
import { expect, it } from 'vitest';
import { loadBundle } from '../../model/bundle.js';
import { BundleRuntime } from '../../model/runtime.js';
import { signalNames } from '../../simulator/signals.js';

it('the example bundle holds, and knows the signals of the simulated pumps', async () => {
  const bundle = await loadBundle(path.resolve(import.meta.dirname, '../../deploy/bundles/pump'));
  const runtime = await BundleRuntime.open(bundle);
  await runtime.close();
  expect(bundle.manifest.channels.map(({ name }) => name)).toEqual(signalNames);
  expect(bundle.manifest.periodMs).toBe(1000);
});

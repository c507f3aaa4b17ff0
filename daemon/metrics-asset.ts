/** Metrics of the machines: who is heard, how strange each is, and what each signal has to do with it. */
import { healthStates } from '../model/frames.js';
import { type Declaration, declare, perAsset, perBundle, perSignal } from './metrics-declaration.js';

export const assetMetrics: readonly Declaration[] = [
  declare(
    'gauge',
    'assets',
    ['bundle'],
    'Assets taken up.',
    perBundle((bundle) => bundle.assets.length),
  ),
  declare('gauge', 'assets_by_mode', ['bundle', 'mode'], 'Assets that have been scored, by mode.', function* (s) {
    for (const bundle of s.bundles) {
      const counts = bundle.modes.map(() => 0);
      for (const slot of bundle.assets.keys())
        if (bundle.latest.has(slot)) {
          const mode = bundle.latest.mode[slot] ?? 0;
          counts[mode] = (counts[mode] ?? 0) + 1;
        }
      for (const [i, mode] of bundle.modes.entries()) yield [counts[i] ?? 0, bundle.name, mode];
    }
  }),
  declare('gauge', 'assets_silent', [], 'Assets that have fallen silent while the broker was there.', ({ silent }) => [
    [silent],
  ]),
  declare('gauge', 'plant_silent', [], '1 while connected, but nothing comes in from any asset.', ({ allSilent }) => [
    [allSilent ? 1 : 0],
  ]),
  declare(
    'gauge',
    'last_reading_timestamp_seconds',
    ['asset', 'bundle'],
    'When any signal of the asset was last heard of, by our clock.',
    function* ({ bundles }) {
      for (const bundle of bundles)
        for (const [slot, asset] of bundle.assets.entries()) {
          const seen = bundle.lastSeenMs(slot);
          if (!Number.isNaN(seen)) yield [seen / 1000, asset, bundle.name];
        }
    },
  ),
  declare(
    'gauge',
    'severity',
    ['asset', 'bundle'],
    'Severity of the newest frame; 1 is the alarm threshold.',
    perAsset(({ latest }, slot) => latest.severity[slot] ?? 0),
  ),
  declare(
    'gauge',
    'asset_mode',
    ['asset', 'bundle', 'mode'],
    'Always 1; what the asset is doing as far as scoring cares.',
    function* ({ bundles }) {
      for (const { name, assets, latest, modes } of bundles)
        for (const [slot, asset] of assets.entries())
          if (latest.has(slot)) yield [1, asset, name, modes[latest.mode[slot] ?? 0] ?? ''];
    },
  ),
  declare(
    'gauge',
    'alarm_level_ratio',
    ['asset', 'bundle'],
    'Alarm level of the asset over that of its bundle, where it was calibrated anew or has followed the asset.',
    function* ({ bundles }) {
      for (const { name, assets, level } of bundles)
        for (const [slot, asset] of assets.entries()) if (level(slot) !== 1) yield [level(slot), asset, name];
    },
  ),
  declare(
    'gauge',
    'detector_severity',
    ['asset', 'bundle', 'detector'],
    'Severity of the newest frame in the eyes of one detector.',
    function* ({ bundles }) {
      for (const { name, latest, detectors, assets } of bundles)
        for (const [slot, asset] of assets.entries())
          if (latest.has(slot))
            for (const [d, detector] of detectors.entries())
              yield [latest.detector[slot * detectors.length + d] ?? 0, asset, name, detector];
    },
  ),
  declare(
    'gauge',
    'signal_actual',
    ['asset', 'bundle', 'signal'],
    'Newest value of the signal, in its unit; NaN = missing.',
    perSignal(({ latest }, i) => latest.actual[i] ?? Number.NaN),
  ),
  declare(
    'gauge',
    'signal_expected',
    ['asset', 'bundle', 'signal'],
    'What the detector that is surprised most expected, in the unit of the signal.',
    perSignal(({ latest }, i) => latest.expected[i] ?? Number.NaN),
  ),
  declare(
    'gauge',
    'signal_spread',
    ['asset', 'bundle', 'signal'],
    'How far the signal usually is from what is expected (root mean square while severity was below 1), in its unit; NaN = not known yet.',
    perSignal(({ spread }, i) => spread.of(i)),
  ),
  declare(
    'gauge',
    'signal_contribution_ratio',
    ['asset', 'bundle', 'signal'],
    "The signal's share of the evidence, 0 to 1.",
    perSignal(({ latest }, i) => latest.contribution[i] ?? 0),
  ),
  declare(
    'gauge',
    'signal_healthy',
    ['asset', 'bundle', 'signal'],
    '1 while the sensor looks healthy, 0 while it is left out of scoring.',
    perSignal(({ latest }, i) => (healthStates[latest.health[i] ?? 0] === 'pass' ? 1 : 0)),
  ),
];

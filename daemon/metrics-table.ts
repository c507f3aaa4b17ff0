/** Every metric of our own, in one table. */
import { assetMetrics } from './metrics-asset.js';
import { daemonMetrics } from './metrics-daemon.js';
import type { Declaration } from './metrics-declaration.js';
import { intakeMetrics } from './metrics-intake.js';
import { outletMetrics } from './metrics-outlet.js';
import { scoringMetrics } from './metrics-scoring.js';

export const metricTable: readonly Declaration[] = [
  ...daemonMetrics,
  ...intakeMetrics,
  ...scoringMetrics,
  ...assetMetrics,
  ...outletMetrics,
];

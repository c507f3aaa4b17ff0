/** Metrics of the process as a whole: what runs, whether it is well, and what it was told to do. */
import { type Declaration, declare } from './metrics-declaration.js';

export const daemonMetrics: readonly Declaration[] = [
  declare('gauge', 'build_info', ['version', 'node'], 'Always 1; which anomalyd this is.', ({ build }) => [
    [1, build.version, build.node],
  ]),
  declare('gauge', 'bundle_info', ['bundle', 'version', 'hash'], 'Always 1; which bundles are loaded.', function* (s) {
    for (const { name, version, hash } of s.bundles) yield [1, name, version, hash];
  }),
  declare('gauge', 'false_alarm_budget', ['bundle'], 'False alarms accepted an asset-week.', function* ({ bundles }) {
    for (const { name, budget } of bundles) yield [budget.allowed, name];
  }),
  declare(
    'gauge',
    'false_alarms_expected',
    ['bundle', 'bound'],
    'False alarms to expect an asset-week, by the normal data that the bundle was calibrated on, and its limits: 80 % sure.',
    function* ({ bundles }) {
      for (const { name, budget } of bundles) {
        yield [budget.low, name, 'low'];
        yield [budget.perWeek, name, 'expected'];
        yield [budget.high, name, 'high'];
      }
    },
  ),
  declare('gauge', 'ready', [], '1 while we can score, as /readyz says.', ({ ready }) => [[ready ? 1 : 0]]),
  declare(
    'gauge',
    'memory_limit_bytes',
    [],
    "Memory that the daemon may use: its service's limit, or all that the host has.",
    ({ memoryLimitBytes }) => [[memoryLimitBytes]],
  ),
  declare(
    'histogram',
    'event_loop_delay_seconds',
    [],
    'How late the main thread came to what was due, four times a second.',
    ({ loopDelayS }) => [[loopDelayS]],
  ),
  declare('counter', 'worker_restarts_total', [], 'Deaths of the scoring thread.', ({ worker }) => [[worker.restarts]]),
  declare('gauge', 'config_reload_success', [], '1 if the config on disk is in force.', ({ reload }) => [
    [reload.ok ? 1 : 0],
  ]),
  declare('gauge', 'config_reload_timestamp_seconds', [], 'When a config was last put in force.', ({ reload }) => [
    [reload.timeMs / 1000],
  ]),
];

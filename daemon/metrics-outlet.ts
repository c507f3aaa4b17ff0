/** Metrics of what goes out: alarms, alerts, and what waits for the broker or Alertmanager. */
import { type Declaration, declare } from './metrics-declaration.js';

export const outletMetrics: readonly Declaration[] = [
  declare('gauge', 'alarms_active', ['type', 'band'], 'Alarms that are active.', function* ({ alarms }) {
    for (const { type, band, count } of alarms.active()) yield [count, type, band];
  }),
  declare(
    'gauge',
    'alarm_band',
    ['asset', 'type'],
    'Of each alarm that is active: 1 warning, 2 high, 3 critical.',
    function* ({ alarms }) {
      for (const { asset, type, band } of alarms.standing()) yield [band, asset, type];
    },
  ),
  declare('counter', 'alerts_total', ['type', 'event'], 'Alerts sent, by what happened.', function* ({ alarms }) {
    for (const { type, event, count } of alarms.alerts()) yield [count, type, event];
  }),
  declare('gauge', 'outbox_messages', [], 'Messages that the broker has not acknowledged yet.', ({ outbox }) => [
    [outbox.size],
  ]),
  declare('counter', 'outbox_published_total', [], 'Messages that the broker has acknowledged.', ({ outbox }) => [
    [outbox.published],
  ]),
  declare(
    'counter',
    'outbox_dropped_total',
    [],
    'Alerts lost because too many waited for the broker.',
    ({ outbox }) => [[outbox.dropped]],
  ),
  declare(
    'counter',
    'outbox_write_failures_total',
    [],
    'Writes that the disk refused; what they held is in memory alone until it takes them.',
    ({ outbox }) => [[outbox.failures]],
  ),
  declare('counter', 'alertmanager_pushes_total', [], 'Pushes to Alertmanager tried.', ({ alertmanager }) =>
    alertmanager === undefined ? [] : [[alertmanager.pushes]],
  ),
  declare('counter', 'alertmanager_failures_total', [], 'Pushes that Alertmanager did not take.', ({ alertmanager }) =>
    alertmanager === undefined ? [] : [[alertmanager.failures]],
  ),
];

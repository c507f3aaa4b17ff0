/** Metrics of what comes in: broker, messages, inputs, readings. */
import { type Declaration, declare } from './metrics-declaration.js';
import { readingRejections } from './rejections.js';

export const intakeMetrics: readonly Declaration[] = [
  declare('gauge', 'broker_connected', [], '1 while connected to the MQTT broker.', ({ broker }) => [
    [broker.connected ? 1 : 0],
  ]),
  declare('counter', 'broker_reconnects_total', [], 'Connections to the broker after the first.', ({ broker }) => [
    [broker.reconnects],
  ]),
  declare(
    'counter',
    'broker_troubles_total',
    ['kind'],
    'Times we could not connect or were thrown out, by kind.',
    function* ({ broker }) {
      for (const kind of new Set(['unreachable', ...broker.troubles.keys()]))
        yield [broker.troubles.get(kind) ?? 0, kind];
    },
  ),
  declare('gauge', 'subscriptions_refused', [], 'Subscriptions that the broker refuses.', ({ broker }) => [
    [broker.refused.size],
  ]),
  declare(
    'counter',
    'resubscriptions_total',
    [],
    'Times the subscriptions were asked for anew as nothing came in.',
    ({ inputs }) => [[inputs.resubscriptions]],
  ),
  declare('counter', 'messages_received_total', [], 'MQTT messages received.', ({ ingest }) => [[ingest.messages]]),
  declare('counter', 'received_bytes_total', [], 'Payload bytes received.', ({ ingest }) => [[ingest.bytes]]),
  declare(
    'counter',
    'messages_unmatched_total',
    [],
    'Messages whose topic no input asks for, as overlapping wildcards bring them.',
    ({ ingest }) => [[ingest.unmatched]],
  ),
  declare('counter', 'readings_received_total', [], 'Readings accepted: one value of one signal.', ({ ingest }) => [
    [ingest.readings],
  ]),
  declare(
    'counter',
    'readings_rejected_total',
    ['reason'],
    'Messages, rows or readings left out, by reason; nothing else is lost with them.',
    function* ({ ingest }) {
      for (const [i, [reason]] of readingRejections.entries()) yield [ingest.rejected[i] ?? 0, reason];
    },
  ),
  declare(
    'counter',
    'readings_superseded_total',
    [],
    'Readings that gave way to a newer one of their signal within the same frame.',
    ({ ingest }) => [[ingest.surplus]],
  ),
  declare('counter', 'input_messages_total', ['input'], 'Messages by input of the config.', function* ({ inputs }) {
    for (const { topic, messages } of inputs.views) yield [messages, topic];
  }),
  declare(
    'gauge',
    'input_last_message_timestamp_seconds',
    ['input'],
    'When the newest message of the input came, by our clock.',
    function* ({ inputs }) {
      for (const { topic, lastMs } of inputs.views) if (!Number.isNaN(lastMs)) yield [lastMs / 1000, topic];
    },
  ),
  declare('gauge', 'inputs_silent', [], 'Inputs on which nothing comes in though we are connected.', ({ inputs }) => [
    [inputs.views.filter(({ silent }) => silent).length],
  ]),
];

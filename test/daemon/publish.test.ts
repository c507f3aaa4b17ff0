import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Alarms } from '../../daemon/alarm/alarms.js';
import { alarmConfigSchema } from '../../daemon/alarm/config.js';
import { healthReport } from '../../daemon/health-report.js';
import { Outbox } from '../../daemon/outbox.js';
import { Publisher, publishScores } from '../../daemon/publish.js';
import { Topics } from '../../daemon/publish-topics.js';
import { batch, type Frame, pumps, startMs } from './alarm/batches.js';
import { problems } from './message/schemas.js';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'publish-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A gateway with everything but a broker; `broker` holds what a broker would retain. */
function gateway({ config = {}, format = 'anomalyd' as 'anomalyd' | 'lookout' } = {}) {
  const topics = new Topics('anomalyd/gw');
  const outbox = Outbox.open(dir, { fsync: 'never' });
  const sent: { topic: string; payload: string; retain: boolean }[] = [];
  const broker = new Map<string, string>();
  const publisher = new Publisher({ topics, outbox, format: () => format, onQueued: () => {} });
  const alarms = new Alarms({
    gateway: 'gw',
    config: alarmConfigSchema.parse(config),
    configHash: null,
    onChange: (change) => publisher.alarm(change),
  });
  alarms.restore(publisher.storedAlarms());
  alarms.setBundle(0, pumps(['pump-1', 'pump-2']));
  const flush = () =>
    outbox.pump(async (topic, payload, { retain }) => {
      sent.push({ topic, payload, retain });
      if (retain && payload === '') broker.delete(topic);
      else if (retain) broker.set(topic, payload);
    });
  const feed = (...frames: Frame[]) => {
    for (const frame of frames) alarms.results(0, batch([frame]), frame.timeMs);
  };
  return { topics, outbox, sent, broker, publisher, alarms, flush, feed };
}

const at = (second: number, frame: Omit<Frame, 'timeMs'> = {}): Frame => ({
  ...frame,
  timeMs: startMs + second * 1000,
});
const quiet = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, k) => at(from + k));

describe('alarms', () => {
  it('go out as a retained state and an alert each, valid by the schemas, and end with an empty state', async () => {
    const { feed, flush, sent, broker } = gateway();
    feed(at(0, { severity: 1.5 }), at(1, { severity: 4.5 }), ...quiet(2, 70));
    await flush();
    const topic = 'anomalyd/gw/pump-1/alarm/machine-anomaly';
    // Three changes of the state wait; only the last of them matters.
    expect(sent.map((one) => [one.topic, one.retain, one.payload === ''])).toEqual([
      ['anomalyd/gw/pump-1/event', false, false],
      ['anomalyd/gw/pump-1/event', false, false],
      [topic, true, true],
      ['anomalyd/gw/pump-1/event', false, false],
    ]);
    const events = sent.filter(({ retain }) => !retain).map(({ payload }) => JSON.parse(payload));
    for (const event of events) expect(problems('event', event)).toEqual([]);
    expect(events.map(({ seq, event, previous, state }) => [seq, event, previous, state])).toEqual([
      [1, 'raised', 'normal', 'active'],
      [2, 'escalated', 'active', 'active'],
      [3, 'cleared', 'active', 'normal'],
    ]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(1);
    expect(broker.size).toBe(0);
  });

  it('that may yet become one are not told, but kept', async () => {
    const { feed, flush, sent, publisher } = gateway({ config: { onDelayS: 10 } });
    feed(at(0, { severity: 1.5 }));
    await flush();
    expect(sent).toEqual([]);
    expect(publisher.storedAlarms()).toMatchObject([{ asset: 'pump-1', state: { condition: 'pending' } }]);
  });

  it('in the format of Lookout', async () => {
    const { feed, flush, sent } = gateway({ format: 'lookout' });
    feed(at(0, { severity: 3 }), ...quiet(1, 61));
    await flush();
    const events = sent.filter(({ retain }) => !retain).map(({ payload }) => JSON.parse(payload));
    for (const event of events) expect(problems('event-lookout', event)).toEqual([]);
    expect(events[0]).toEqual({
      timestamp: '2026-03-01T14:00:00.000000',
      prediction: 1,
      prediction_reason: 'ANOMALY_DETECTED',
      anomaly_score: 0.75,
      diagnostics: [
        { name: 'pump-1\\vibration', value: 0.5 },
        { name: 'pump-1\\temperature', value: 0.25 },
        { name: 'pump-1\\flow', value: 0.25 },
      ],
    });
    expect(events[1]).toMatchObject({ prediction: 0, prediction_reason: 'NO_ANOMALY_DETECTED' });
  });
});

describe('the broker holds what we know', () => {
  it('after a restart: the same alarm, no second alert', async () => {
    const first = gateway();
    first.feed(at(0, { severity: 1.5 }));
    first.outbox.close();
    const second = gateway();
    second.publisher.connected(second.alarms.retained(), second.alarms.snapshot());
    second.feed(at(5, { severity: 1.5 }));
    await second.flush();
    expect(second.sent.filter(({ retain }) => !retain)).toHaveLength(1);
    const state = JSON.parse(second.broker.get('anomalyd/gw/pump-1/alarm/machine-anomaly')!);
    expect(problems('alarm', state)).toEqual([]);
    expect(state).toMatchObject({ state: 'active', startsAt: '2026-03-01T14:00:00.000Z' });
    expect(second.broker.get('anomalyd/gw/bridge/state')).toBe('{"state":"online"}');
    second.outbox.close();
  });

  it('after a broker that lost its memory, or fell back to an old one', async () => {
    const { feed, flush, broker, publisher, alarms } = gateway();
    feed(at(0, { severity: 1.5 }), ...quiet(1, 70), at(0, { slot: 1, severity: 1.5 }));
    publisher.availability('pump-1', 'online');
    await flush();
    const held = new Map(broker);
    broker.clear();
    broker.set('anomalyd/gw/pump-1/alarm/machine-anomaly', '{"state":"active"}');
    publisher.connected(alarms.retained(), alarms.snapshot());
    await flush();
    expect(broker).toEqual(held.set('anomalyd/gw/bridge/state', '{"state":"online"}'));
  });

  it('strangers on our topics are emptied', async () => {
    const { flush, broker, publisher } = gateway();
    const stranger = 'anomalyd/gw/pump-9/alarm/machine-anomaly';
    broker.set(stranger, '{"state":"active"}');
    const known = (asset: string) => asset === 'pump-1';
    expect(publisher.audit(stranger, '{"state":"active"}', known)).toBe(true);
    expect(publisher.audit(stranger, '', known)).toBe(false);
    expect(publisher.audit('anomalyd/gw/pump-1/alarm/machine-anomaly', '{}', known)).toBe(false);
    expect(publisher.audit('anomalyd/gw/bridge/alarm/data-stale', '{}', () => true)).toBe(false);
    expect(publisher.audit('anomalyd/gw/bridge/health', '{}', known)).toBe(false);
    await flush();
    expect(broker.has(stranger)).toBe(false);
  });
});

describe('other messages', () => {
  it('availability only when it changes', async () => {
    const { flush, sent, publisher } = gateway();
    for (const state of ['online', 'online', 'offline'] as const) {
      publisher.availability('pump-1', state);
      await flush();
    }
    expect(sent.map(({ payload }) => payload)).toEqual(['{"state":"online"}', '{"state":"offline"}']);
    expect(problems('availability', JSON.parse(sent[0]!.payload))).toEqual([]);
  });

  it('health in the shape of zigbee2mqtt', async () => {
    const { feed, flush, sent, publisher, alarms, topics } = gateway();
    feed(at(0, { severity: 1.5 }));
    const message = healthReport(
      {
        version: '0.1.0',
        gateway: 'gw',
        configHash: null,
        uptimeS: 100.5,
        connected: true,
        queued: 1,
        dropped: 0,
        received: 10,
        published: 3,
        rejected: 0,
        bundles: [{ name: 'pumps', version: '1', hash: 'ab', assets: 2 }],
        frames: new Map([['pump-1', 201]]),
        offline: 0,
        silent: false,
        inputs: [{ topic: 'plant/#', messages: 0, lastMs: Number.NaN, silent: true }],
        refused: ['plant/secret'],
        alarms: alarms.retained(),
      },
      startMs,
    );
    publisher.health(message);
    await flush();
    expect(problems('bridge-health', JSON.parse(sent.at(-1)!.payload))).toEqual([]);
    expect(sent.at(-1)).toMatchObject({ topic: topics.health, retain: true });
    expect(message.devices['pump-1']).toEqual({ messages: 201, messages_per_sec: 2 });
    expect(message.anomalyd.alarms.active).toBe(1);
    expect(message.anomalyd.inputs).toEqual([{ topic: 'plant/#', messages: 0, last: null, silent: true }]);
    expect(message.process.memory_used_mb).toBeGreaterThan(1);
  });

  it('scores', () => {
    const { topics } = gateway();
    const sent: [string, string][] = [];
    publishScores(
      batch([at(0, { slot: 1, severity: Number.POSITIVE_INFINITY })]),
      ['pump-1', 'pump-2'],
      'pumps',
      { channels: [] },
      topics,
      (...one) => sent.push(one),
    );
    expect(sent[0]?.[0]).toBe('anomalyd/gw/pump-2/score');
    expect(problems('score', JSON.parse(sent[0]![1]))).toEqual([]);
  });

  it('leave with `offline`, and answers go where they belong', async () => {
    const { flush, sent, publisher } = gateway();
    const response = { status: 'error' as const, data: {}, error: 'no', transaction: 't' };
    publisher.response('alarm/ack', response);
    publisher.leaving([]);
    await flush();
    expect(problems('response', response)).toEqual([]);
    expect(sent).toEqual([
      { topic: 'anomalyd/gw/bridge/response/alarm/ack', payload: JSON.stringify(response), retain: false },
      { topic: 'anomalyd/gw/bridge/state', payload: '{"state":"offline"}', retain: true },
    ]);
  });
});

it('a schema refuses what is no such message', () => {
  expect(problems('alarm', { state: 'active' })).not.toEqual([]);
  expect(problems('availability', { state: 'gone' })).not.toEqual([]);
  expect(problems('event', { seq: 0 })).not.toEqual([]);
});

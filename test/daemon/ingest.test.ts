/** Messages into readings: each case in decode/ is an input, a topic and a payload, with the readings and rejections they must give. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Assets } from '../../daemon/assets.js';
import { configSchema } from '../../daemon/config.js';
import { Ingest, ingestCounters, subscriptions } from '../../daemon/ingest.js';
import { readingRejections } from '../../daemon/rejections.js';
import type { ReadingFate } from '../../model/align.js';

const cases = path.join(import.meta.dirname, 'decode');
const nowMs = Date.UTC(2024, 5, 1, 12, 0, 10);
const channels = ['temperature', 'pressure', 'flow', 'current'];

interface Settings {
  readonly inputs: readonly Record<string, unknown>[];
  readonly bundles?: readonly Record<string, unknown>[];
  readonly fate?: ReadingFate;
}

/** An ingest whose sink writes down what it is given. */
function ingest({ inputs, bundles = [{ path: 'pumps' }], fate = 'accepted' }: Settings) {
  const context = { env: {}, directory: '/', hostname: 'gw', readFile: () => '' };
  const config = configSchema(context).parse({ broker: { url: 'mqtt://h' }, bundles, inputs });
  const full: string[] = [];
  const limits = config.bundles.map(({ maxAssets }) => ({ channels: channels.length, maxAssets }));
  const assets = new Assets(
    limits,
    () => {},
    (_, name) => full.push(name),
  );
  const counters = ingestCounters();
  const readings: string[] = [];
  const made = new Ingest({
    config,
    bundles: config.bundles.map(({ name }) => ({ name, channels: channels.map((channel) => ({ name: channel })) })),
    assets,
    counters,
    sink: (bundle, slot, channel, timeMs, value) => {
      const time =
        timeMs === nowMs
          ? 'now'
          : new Date(timeMs).toISOString().slice(0, 19) + (timeMs % 1000 ? `+${timeMs % 1000}` : '');
      const of = config.bundles.length > 1 ? `${config.bundles[bundle]!.name}:` : '';
      readings.push(`${of}${assets.name(bundle, slot)} ${channels[channel]} ${value} at ${time}`);
      return fate;
    },
  });
  const rejected = () =>
    Object.fromEntries(
      readingRejections.flatMap(([reason], i) => (counters.rejected[i] ? [[reason, counters.rejected[i]]] : [])),
    );
  const send = (topic: string, payload: unknown, retained = false) =>
    made.message(topic, Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)), nowMs, retained);
  return { made, send, readings, rejected, counters, assets, full };
}

describe('payloads', () => {
  it.each(readdirSync(cases).filter((file) => file.endsWith('.json')))('%s', async (file) => {
    const { topic, input, payload, retained } = JSON.parse(readFileSync(path.join(cases, file), 'utf8'));
    const { send, readings, rejected, counters } = ingest({ inputs: [input] });
    send(topic, payload, retained);
    expect(counters.messages).toBe(1);
    expect(counters.readings).toBe(readings.length);
    const told = { readings, rejected: rejected(), ...(counters.unmatched > 0 && { unmatched: true }) };
    await expect(`${JSON.stringify(told, undefined, 2)}\n`).toMatchFileSnapshot(
      path.join(cases, file.replace('.json', '.expected')),
    );
  });

  it('are refused beyond 1 MiB', () => {
    const { send, rejected } = ingest({ inputs: [{ topic: '{asset}' }] });
    send('a', `{"flow":1,"x":"${'x'.repeat(1024 * 1024)}"}`);
    expect(rejected()).toEqual({ 'too-large': 1 });
  });

  it('never make it throw, whatever they are', () => {
    const inputs = [
      { topic: 'a/{asset}', time: '$.time' },
      { topic: 'b/{asset}/{signal}' },
      { topic: 'c/#', asset: '$.a', rows: '$.r', signal: '$.s', values: '$.v[0]' },
      { topic: 'd/+', asset: 'x', values: { flow: '$[0].a' } },
    ];
    const topics = fc.constantFrom('a/1', 'b/1/flow', 'c/1', 'd/1');
    const payloads = fc.oneof(
      fc.json().map((text) => Buffer.from(text)),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(topics, payloads, fc.boolean())), (messages) => {
        const { made, counters } = ingest({ inputs });
        for (const [topic, payload, retained] of messages) made.message(topic, payload, nowMs, retained);
        expect(counters.messages).toBe(messages.length);
      }),
    );
  });

  it('give the values they hold, whatever the number', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const { send, readings } = ingest({ inputs: [{ topic: '{asset}/{signal}' }, { topic: '{asset}' }] });
        send('a/flow', JSON.stringify(value));
        send('a', { flow: value });
        expect(readings).toEqual([`a flow ${value + 0} at now`, `a flow ${value + 0} at now`]);
      }),
    );
  });
});

describe('routing', () => {
  it('hands one message to every input that matches', () => {
    const inputs = [
      { topic: 'plc/data', asset: 'pump-1', values: { flow: '$.p1.flow' } },
      { topic: 'plc/data', asset: 'pump-2', values: { flow: '$.p2.flow' } },
    ];
    const { send, readings } = ingest({ inputs });
    send('plc/data', { p1: { flow: 1 }, p2: { flow: 2 } });
    expect(readings).toEqual(['pump-1 flow 1 at now', 'pump-2 flow 2 at now']);
  });

  it('keeps bundles apart', () => {
    const { send, readings } = ingest({
      bundles: [{ path: 'pumps' }, { path: 'fans' }],
      inputs: [
        { topic: 'p/{asset}', bundle: 'pumps' },
        { topic: '{kind}/{asset}', bundle: 'fans' },
      ],
    });
    send('p/a', { flow: 1 });
    send('f/a', { flow: 2 });
    expect(readings).toEqual(['pumps:a flow 1 at now', 'fans:a flow 1 at now', 'fans:a flow 2 at now']);
  });

  it('takes up assets as they appear, up to the limit, and not for a message that holds nothing', () => {
    const { send, readings, rejected, assets, full } = ingest({
      bundles: [{ path: 'pumps', maxAssets: 2 }],
      inputs: [{ topic: '{asset}' }],
    });
    send('nothing', { other: 1 });
    for (const name of ['a', 'b', 'c', 'a', 'd', 'c']) send(name, { flow: 1, pressure: 2 });
    expect(assets.names(0)).toEqual(['a', 'b']);
    expect(readings).toHaveLength(6);
    expect(rejected()).toEqual({ 'no-values': 1, 'too-many-assets': 3 });
    expect(full).toEqual(['c']);
  });

  it.each([
    ['late', { late: 1 }],
    ['duplicate', { duplicate: 1 }],
    ['bad-time', { 'bad-time': 1 }],
    ['surplus', {}],
  ] as const)('counts a reading whose fate is %s', (fate, expected) => {
    const { send, rejected, counters } = ingest({ inputs: [{ topic: '{asset}' }], fate });
    send('a', { flow: 1 });
    expect(rejected()).toEqual(expected);
    expect(counters.readings).toBe(0);
    expect(counters.surplus).toBe(fate === 'surplus' ? 1 : 0);
  });

  it('notes when each signal was heard of', () => {
    const { send, assets } = ingest({ inputs: [{ topic: '{asset}' }] });
    send('a', { flow: 1, pressure: null });
    expect([0, 1, 2, 3].map((channel) => assets.lastSeenMs(0, 0, channel))).toEqual([NaN, nowMs, nowMs, NaN]);
    expect(assets.assetLastSeenMs(0, 0)).toBe(nowMs);
  });

  it('subscribes each topic once', () => {
    const inputs = [
      { topic: 'plant/{asset}/data', qos: 0 },
      { topic: 'plant/pump-1/data', qos: 1 },
      { topic: 'plant/{area}/data', qos: 0 },
      { topic: 'other/#', qos: 2 },
    ] as const;
    expect([...subscriptions(inputs)]).toEqual([
      ['plant/+/data', 1],
      ['other/#', 2],
    ]);
  });
});

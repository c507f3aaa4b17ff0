/** The example flow for Node-RED: whole, and by the topics and requests that there are. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { requestSchemas } from '../../daemon/message/request.js';
import { matchTopic, parseTopicTemplate } from '../../daemon/topic.js';

interface Node {
  readonly id: string;
  readonly type: string;
  readonly z?: string;
  readonly wires?: readonly (readonly string[])[];
  readonly broker?: string;
  readonly topic?: string;
  readonly payload?: string;
  readonly func?: string;
}

const flow = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../../deploy/node-red/alarms.json'), 'utf8'),
) as Node[];
const nodes = new Map(flow.map((node) => [node.id, node]));
const ofType = (type: string) => flow.filter((node) => node.type === type);

/** Runs a function node over messages, with a context of its own. */
function run(id: string, messages: readonly { topic: string; payload: unknown }[]): unknown[] {
  const kept = new Map<string, unknown>();
  const context = { get: (key: string) => kept.get(key), set: (key: string, value: unknown) => kept.set(key, value) };
  const node = { status: () => {} };
  return messages.map((msg) => runInNewContext(`(() => {${nodes.get(id)?.func ?? ''}})()`, { msg, context, node }));
}

describe('the Node-RED flow', () => {
  it('is whole: ids are unique, wires and brokers lead somewhere', () => {
    expect(nodes.size).toBe(flow.length);
    for (const { wires = [], broker, z, type } of flow) {
      for (const to of wires.flat()) expect(nodes.has(to), to).toBe(true);
      if (type.startsWith('mqtt ')) expect(nodes.get(broker ?? '')?.type).toBe('mqtt-broker');
      if (z !== undefined) expect(nodes.get(z)?.type).toBe('tab');
    }
  });

  it('listens where we publish', () => {
    const published = [
      'anomalyd/gw/pump-1/event',
      'anomalyd/gw/bridge/event',
      'anomalyd/gw/pump-1/alarm/machine-anomaly',
      'anomalyd/gw/bridge/state',
      'anomalyd/gw/bridge/response/alarm/ack',
    ];
    const filters = ofType('mqtt in').map(({ topic = '' }) => parseTopicTemplate(topic));
    expect(filters).toHaveLength(4);
    const heard = (topic: string) =>
      filters.filter((filter) => typeof filter !== 'string' && matchTopic(filter, topic) !== undefined).length;
    expect(published.map(heard)).toEqual(published.map(() => 1));
  });

  it('asks for what we can do', () => {
    const buttons = ofType('inject');
    expect(buttons).toHaveLength(5);
    for (const { topic = '', payload = '' } of buttons) {
      const command = topic.replace('anomalyd/gateway/bridge/request/', '') as keyof typeof requestSchemas;
      expect(requestSchemas[command]?.safeParse(JSON.parse(payload)).error, topic).toBeUndefined();
    }
  });

  it('tells a repeated alert once, and knows what is open', () => {
    const event = (seq: number, gateway = 'gw') => ({ topic: `anomalyd/${gateway}/pump-1/event`, payload: { seq } });
    const told = run('anomalyd-once', [event(1), event(2), event(2), event(1, 'other'), event(3)]);
    expect(told.map((one) => one !== null)).toEqual([true, true, false, true, true]);
    const alarm = (asset: string, payload: unknown) => ({ topic: `anomalyd/gw/${asset}/alarm/data-stale`, payload });
    const open = run('anomalyd-open', [alarm('a', { id: '1' }), alarm('b', { id: '2' }), alarm('a', '')]);
    expect((open as { payload: { id: string }[] }[]).map(({ payload }) => payload.map(({ id }) => id).join())).toEqual([
      '1',
      '1,2',
      '2',
    ]);
  });
});

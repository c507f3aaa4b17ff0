/** The example flow for Node-RED: whole, by the topics and requests that there are, and right about what a gateway really publishes. */
import { describe, expect, it } from 'vitest';
import type { AlarmMessage, EventMessage } from '../../daemon/message/alarm.js';
import { requestSchemas } from '../../daemon/message/request.js';
import { Fleet } from '../daemon/alarm/fleet.js';
import { flow, NodeRed } from '../fixtures/node-red.js';

const nodes = new Map(flow.map((node) => [node.id, node]));

describe('the Node-RED flow', () => {
  it('is whole: ids are unique, wires and brokers lead somewhere', () => {
    expect(nodes.size).toBe(flow.length);
    for (const { wires = [], broker, z, type } of flow) {
      for (const to of wires.flat()) expect(nodes.has(to), to).toBe(true);
      if (type.startsWith('mqtt ')) expect(nodes.get(broker ?? '')?.type).toBe('mqtt-broker');
      if (z !== undefined) expect(nodes.get(z)?.type).toBe('tab');
    }
  });

  it('shows each alert of a gateway once, in words, and what is open', async () => {
    const fleet = new Fleet({ offDelayS: 5 });
    try {
      for (let second = 0; second < 10; second++) fleet.frame('pump-1', second, { severity: 2.5 });
      for (let second = 10; second < 40; second++)
        fleet.frame('pump-2', second, { severity: 0, health: ['pass', 'missing', 'pass'] });
      for (let second = 10; second < 25; second++) fleet.frame('pump-1', second, { severity: 0 });
      await fleet.flush();
      const red = new NodeRed();
      for (const { topic, payload } of fleet.sent) red.deliver(topic, payload);
      // QoS 1 may deliver twice.
      for (const { topic, payload } of fleet.sent.filter(({ topic }) => topic.endsWith('/event')))
        red.deliver(topic, payload);
      expect(red.errors).toEqual([]);
      const said = fleet.events.map((event: EventMessage) => `${event.event} (${event.severity}): ${event.message}`);
      expect(said).toHaveLength(3);
      expect(red.shown.get('alerts')).toEqual(said);
      const open = (red.shown.get('open alarms')?.at(-1) ?? []) as AlarmMessage[];
      expect(open).toEqual(fleet.known());
      expect(open.map(({ asset, type }) => `${asset} ${type}`)).toEqual(['pump-2 sensor-fault']);
    } finally {
      fleet.end();
    }
  });

  it('shows alerts that are counted from one again, as after a loss of the state folder', () => {
    const red = new NodeRed();
    const event = (seq: number, time: string) =>
      red.deliver(
        'anomalyd/gw/pump-1/event',
        JSON.stringify({ seq, time, event: 'raised', severity: 'high', message: time }),
      );
    event(1, 'a');
    event(2, 'b');
    event(1, 'c');
    expect(red.shown.get('alerts')).toEqual(['raised (high): a', 'raised (high): b', 'raised (high): c']);
  });

  it('shows who is online, and answers', () => {
    const red = new NodeRed();
    red.deliver('anomalyd/gw/bridge/state', '{"state":"online"}');
    red.deliver('anomalyd/gw/bridge/response/alarm/ack', '{"status":"ok","data":{}}');
    red.deliver(
      'anomalyd/gw/bridge/event',
      '{"seq":1,"time":"a","event":"raised","severity":"warning","message":"No data."}',
    );
    expect(Object.fromEntries(red.shown)).toEqual({
      'gateways online': [{ state: 'online' }],
      answers: [{ status: 'ok', data: {} }],
      alerts: ['raised (warning): No data.'],
    });
  });

  it('has buttons that ask for what a gateway does', () => {
    const buttons = flow.filter(({ type }) => type === 'inject');
    expect(buttons).toHaveLength(5);
    const fleet = new Fleet({});
    try {
      fleet.frame('pump-1', 0, { severity: 1.5 });
      const red = new NodeRed();
      for (const { name = '' } of buttons) red.press(name);
      for (const { topic, payload } of red.sent) {
        const command = topic.replace('anomalyd/gateway/bridge/request/', '') as keyof typeof requestSchemas;
        expect(requestSchemas[command]?.safeParse(JSON.parse(payload)).error, topic).toBeUndefined();
        expect(fleet.ask(command, payload.replace('pump-3', 'pump-1'), 1).status, topic).toBe('ok');
      }
    } finally {
      fleet.end();
    }
  });
});

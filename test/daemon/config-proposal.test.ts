/** Inputs proposed from live messages, and whether the daemon then reads those messages. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import mqtt from 'mqtt';
import { describe, expect, it } from 'vitest';
import { configCommand, writeNew } from '../../daemon/commands/config.js';
import { completeOptions, proposeConfig } from '../../daemon/commands/config-init.js';
import { configSchema } from '../../daemon/config.js';
import { proposeInputs } from '../../daemon/config-proposal.js';
import { Recorder } from '../../daemon/recorder.js';
import type { Row } from '../../model/recording.js';
import { startMosquitto } from '../fixtures/mosquitto.js';
import { has, real } from '../fixtures/tools.js';

const time = 1717243200000;

/** What is proposed for the messages, and the rows that a recorder with these inputs makes of them. */
function propose(messages: readonly (readonly [string, unknown])[]) {
  const sample = messages.map(([topic, content]) => ({
    topic,
    payload: Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)),
  }));
  const inputs = proposeInputs(sample).map(({ messages, topics, assets, signals, ...input }) => input);
  const rows: Row[] = [];
  if (inputs.length > 0) {
    const context = { env: {}, directory: '/', hostname: 'gw', readFile: () => '' };
    const config = configSchema(context).parse({ broker: { url: 'mqtt://h' }, bundles: [{ path: 'b' }], inputs });
    const recorder = new Recorder(config, (row) => rows.push(row));
    for (const { topic, payload } of sample) recorder.message(topic, payload, time + 1000, false);
  }
  return { inputs, rows: rows.map(({ asset, values }) => `${asset} ${JSON.stringify(values)}`) };
}

describe('proposeInputs', () => {
  it('sees asset and area in topics, and the time in rows', () => {
    expect(
      propose([
        ['plant/north/pump-1/telemetry', { time, flow: 1, temperature: 60 }],
        ['plant/south/pump-2/telemetry', { time, flow: 2 }],
      ]),
    ).toEqual({
      inputs: [{ topic: 'plant/{area}/{asset}/telemetry', time: '$.time' }],
      rows: ['pump-1 {"flow":1,"temperature":60}', 'pump-2 {"flow":2}'],
    });
  });

  it('keeps assets of one name in two areas apart', () => {
    expect(
      propose([
        ['plant/north/pump-1/telemetry', { ts: '2024-06-01T12:00:00Z', data: { flow: 1 } }],
        ['plant/south/pump-1/telemetry', { ts: '2024-06-01T12:00:00Z', data: { flow: 2 } }],
        ['plant/south/pump-2/telemetry', { ts: '2024-06-01T12:00:00Z', data: { flow: 3 } }],
      ]),
    ).toEqual({
      inputs: [{ topic: 'plant/{area}/{asset}/telemetry', asset: '{area}-{asset}', time: '$.ts', values: '$.data' }],
      rows: ['north-pump-1 {"flow":1}', 'south-pump-1 {"flow":2}', 'south-pump-2 {"flow":3}'],
    });
  });

  it('sees signals in topics', () => {
    expect(
      propose([
        ['plant/pump-1/flow', '1.5'],
        ['plant/pump-1/temperature', '60'],
        ['plant/pump-2/flow', '2'],
      ]),
    ).toEqual({
      inputs: [{ topic: 'plant/{asset}/{signal}' }],
      rows: ['pump-1 {"flow":1.5}', 'pump-1 {"temperature":60}', 'pump-2 {"flow":2}'],
    });
  });

  it('sees rows in a message, and leaves out what holds no numbers', () => {
    expect(
      propose([
        ['site/line/a/batch', { timestamp: time, rows: [{ flow: 1 }, { flow: 2 }] }],
        ['site/line/b/batch', { timestamp: time, rows: [{ flow: 3 }] }],
        ['site/line/a/status', 'online'],
        ['$SYS/broker/load', '1'],
      ]),
    ).toEqual({
      inputs: [{ topic: 'site/line/{asset}/batch', time: '$.timestamp', rows: '$.rows' }],
      rows: ['a {"flow":1}', 'a {"flow":2}', 'b {"flow":3}'].sort(),
    });
  });

  it('takes the last word but one for the asset when there is just one', () => {
    expect(propose([['rig/pump/telemetry', { flow: 1 }]]).inputs).toEqual([{ topic: 'rig/{asset}/telemetry' }]);
  });

  it.each([
    [
      'nested objects, with a time in the header and a counter that is no signal',
      [
        'factory/a/data',
        { header: { ts: time, seq: 7 }, payload: { motor: { rpm: 1500, temp: 40 }, vib: { x: 0.1 } } },
      ],
      {
        topic: 'factory/{asset}/data',
        time: '$.header.ts',
        values: { motor_rpm: '$.payload.motor.rpm', motor_temp: '$.payload.motor.temp', vib_x: '$.payload.vib.x' },
      },
      ['a {"motor_rpm":1500,"motor_temp":40,"vib_x":0.1}'],
    ],
    [
      'Tasmota',
      [
        'tele/plug_1/SENSOR',
        { Time: '2024-06-01T12:00:00', ENERGY: { TotalStartTime: '2023-01-01T00:00:00', Power: 100, Voltage: 230 } },
      ],
      { topic: 'tele/{asset}/SENSOR', time: '$.Time', values: '$.ENERGY' },
      ['plug_1 {"Power":100,"Voltage":230}'],
    ],
    [
      'zigbee2mqtt',
      ['zigbee2mqtt/house/fridge', { linkquality: 80, power: 12.5, state: 'ON', last_seen: '2024-06-01T12:00:00Z' }],
      { topic: 'zigbee2mqtt/{asset}/fridge', time: '$.last_seen' },
      ['house {"linkquality":80,"power":12.5}'],
    ],
    [
      'rows that name their machine',
      [
        'gw/batch',
        [
          { timestamp: time / 1000, device: 'd1', temp: 20 },
          { timestamp: time / 1000, device: 'd2', temp: 21 },
        ],
      ],
      { topic: 'gw/batch', asset: '$.device', time: '$.timestamp' },
      ['d1 {"temp":20}', 'd2 {"temp":21}'],
    ],
    [
      'rows of one reading each',
      [
        'kep/line/k1',
        {
          timestamp: time,
          values: [
            { id: 'Temp', v: 20, q: true, t: time },
            { id: 'Press', v: 2, q: true, t: time },
          ],
        },
      ],
      { topic: 'kep/{asset}/k1', time: '$.t', rows: '$.values', signal: '$.id', values: '$.v' },
      ['line {"Temp":20,"Press":2}'],
    ],
    [
      'Telegraf',
      [
        'telegraf/edge1/cpu',
        { name: 'cpu', tags: { host: 'edge1' }, timestamp: time / 1000, fields: { usage_idle: 90 } },
      ],
      { topic: 'telegraf/{asset}/cpu', time: '$.timestamp', values: '$.fields' },
      ['edge1 {"usage_idle":90}'],
    ],
  ])('sees %s', (_what, message, input, rows) => {
    const proposed = propose([message as [string, unknown]]);
    expect(proposed.inputs).toEqual([input]);
    expect(proposed.rows).toEqual(rows);
  });

  it('proposes nothing for nothing', () => {
    expect(propose([['a/b', 'on']])).toEqual({ inputs: [], rows: [] });
  });
});

describe('asking', () => {
  const flags = { duration: '1s' };

  it('asks for what no flag says', async () => {
    const answers = ['mqtt://broker:1883', 'kim', '/secret/password', 'plant/#', './pumps'];
    const asked: string[] = [];
    const ask = async (question: string) => {
      asked.push(question);
      return answers[asked.length - 1] ?? '';
    };
    expect(await completeOptions(flags, { say: () => {}, ask })).toEqual({
      ...flags,
      broker: 'mqtt://broker:1883',
      username: 'kim',
      passwordFile: '/secret/password',
      topic: 'plant/#',
      bundle: './pumps',
    });
    expect(asked).toHaveLength(5);
  });

  it('asks nothing with a broker, and says what is missing where nobody can be asked', async () => {
    const ask = () => Promise.reject(new Error('asked'));
    const broker = 'mqtt://h';
    expect(await completeOptions({ ...flags, broker }, { say: () => {}, ask })).toEqual({
      ...flags,
      broker,
      topic: '#',
      bundle: './bundle',
    });
    await expect(completeOptions(flags, { say: () => {} })).rejects.toThrow('--broker: no broker is given.');
  });
});

describe.skipIf(!has('mosquitto'))(real('anomalyd config init', 'mosquitto'), () => {
  it('writes a config from live messages, and never over another', async () => {
    const server = await startMosquitto();
    const dir = mkdtempSync(path.join(tmpdir(), 'anomalyd-init-'));
    try {
      const client = await mqtt.connectAsync(server.url);
      const publish = setInterval(() => {
        for (const asset of ['a', 'b']) client.publish(`plant/${asset}/data`, JSON.stringify({ ts: time, flow: 1 }));
      }, 20);
      const options = { broker: server.url, topic: 'plant/#', duration: '300ms', bundle: './bundle' };
      const text = await proposeConfig(options, { say: () => {} }).finally(() => clearInterval(publish));
      await client.endAsync();
      expect(text).toContain(
        `broker:\n  url: ${server.url}\nbundles:\n  - path: ./bundle\ninputs:\n  - topic: plant/{asset}/data\n    time: $.ts\n`,
      );
      const file = path.join(dir, 'config.yaml');
      await writeNew(file, text);
      await expect(writeNew(file, 'other')).rejects.toThrow('there is a file already.');
      expect(readFileSync(file, 'utf8')).toBe(text);
      // Said before it listens: there is no such broker.
      const args = ['init', '--broker', 'mqtt://localhost:1', '--output', file];
      await expect(configCommand().parseAsync(args, { from: 'user' })).rejects.toThrow('there is a file already.');
    } finally {
      rmSync(dir, { recursive: true });
      await server.stop();
    }
  });
});

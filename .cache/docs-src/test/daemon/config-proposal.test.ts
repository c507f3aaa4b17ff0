/** Inputs proposed from live messages, and whether the daemon then reads those messages. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import mqtt from 'mqtt';
import { describe, expect, it } from 'vitest';
import { proposeConfig, writeNew } from '../../daemon/commands/config.js';
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

  it('proposes nothing for nothing', () => {
    expect(propose([['a/b', 'on']])).toEqual({ inputs: [], rows: [] });
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
      const text = await proposeConfig(options, () => {}).finally(() => clearInterval(publish));
      await client.endAsync();
      expect(text).toContain(
        `broker:\n  url: ${server.url}\nbundles:\n  - path: ./bundle\ninputs:\n  - topic: plant/{asset}/data\n    time: $.ts\n`,
      );
      const file = path.join(dir, 'config.yaml');
      await writeNew(file, text);
      await expect(writeNew(file, 'other')).rejects.toThrow('there is a file already.');
      expect(readFileSync(file, 'utf8')).toBe(text);
    } finally {
      rmSync(dir, { recursive: true });
      await server.stop();
    }
  });
});

/** `anomalyd record` against a real mosquitto: what is published can be read back as a recording. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import mqtt from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RecordOptions, record } from '../../daemon/commands/record.js';
import { systemClock } from '../../model/clock.js';
import { type Row, readRecording } from '../../model/recording.js';
import { freePort, type Mosquitto, startMosquitto } from '../fixtures/mosquitto.js';
import { has, real } from '../fixtures/tools.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'anomalyd-record-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Starts to record, publishes when it listens, stops when it has all. */
async function recordOf(server: Mosquitto, options: Partial<RecordOptions>, messages: [string, string][]) {
  const output = path.join(dir, 'out.ndjson.gz');
  const abort = new AbortController();
  let heard = () => {};
  const listening = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const said: string[] = [];
  const say = (line: string) => {
    said.push(line);
    if (line.startsWith('Listening')) heard();
  };
  const done = record({ broker: server.url, output, ...options }, { clock: systemClock, stop: abort.signal, say });
  await Promise.race([listening, done]);
  const client = await mqtt.connectAsync(server.url);
  for (const [topic, payload] of messages) await client.publishAsync(topic, payload, { qos: 1 });
  await client.endAsync();
  setTimeout(() => abort.abort(), 200);
  const result = await done;
  const rows: Row[] = [];
  for await (const row of readRecording(output)) rows.push(row);
  return { result, rows, said };
}

describe.skipIf(!has('mosquitto'))(real('record', 'mosquitto'), () => {
  let server: Mosquitto;
  beforeEach(async () => {
    server = await startMosquitto();
  });
  afterEach(() => server.stop());

  it('writes rows that read back', async () => {
    const { result, rows } = await recordOf(server, { topic: ['plant/{area}/{asset}/telemetry'], time: '$.time' }, [
      ['plant/n/pump-1/telemetry', '{"time":1717243200000,"temperature":61.5,"flow":3,"unit":"C"}'],
      ['plant/n/pump-2/telemetry', '{"time":"2024-06-01T12:00:01Z","values":{"temperature":60,"flow":null}}'],
      ['plant/n/pump-1/telemetry', 'oops'],
      ['plant/n/pump-1/telemetry', '[{"time":1717243201000,"flow":4},{"time":1717243202000,"flow":5}]'],
    ]);
    expect(rows).toEqual([
      { asset: 'pump-1', timeMs: 1717243200000, values: { temperature: 61.5, flow: 3 } },
      { asset: 'pump-2', timeMs: 1717243201000, values: { temperature: 60, flow: Number.NaN } },
      { asset: 'pump-1', timeMs: 1717243201000, values: { flow: 4 } },
      { asset: 'pump-1', timeMs: 1717243202000, values: { flow: 5 } },
    ]);
    expect(result).toEqual({
      rows: 4,
      assets: 2,
      signals: ['temperature', 'flow'],
      rejected: { 'not-json': 1, null: 1 },
    });
  });

  it('takes signals from topics', async () => {
    const { rows } = await recordOf(server, { topic: ['plant/{asset}/{signal}'] }, [
      ['plant/pump-1/flow', '3.5'],
      ['plant/pump-1/temperature', '{"value": 61}'],
    ]);
    expect(rows.map(({ asset, values }) => ({ asset, values }))).toEqual([
      { asset: 'pump-1', values: { flow: 3.5 } },
      { asset: 'pump-1', values: { temperature: 61 } },
    ]);
  });

  it('ends by itself after --duration, and says that nothing came', async () => {
    const { result, said } = await recordOf(server, { topic: ['none/{asset}'], duration: '100ms' }, []);
    expect(result.rows).toBe(0);
    expect(said.at(-1)).toContain('Nothing came');
  });
});

describe('record', () => {
  const output = () => path.join(dir, 'out.ndjson');
  const environment = { clock: systemClock, stop: new AbortController().signal, say: () => {} };

  it('says what is missing', async () => {
    await expect(record({ output: output() }, environment)).rejects.toThrow(
      'Give --config, or --broker (or --input) and --topic.',
    );
    await expect(record({ output: output(), broker: 'mqtt://h', topic: ['a/b'] }, environment)).rejects.toThrow(
      /^command line.*\(inputs\[0\]\.topic\): names no asset/,
    );
  });

  it('gives up when the broker is not there', async () => {
    const url = `mqtt://127.0.0.1:${await freePort()}`;
    await expect(record({ output: output(), broker: url, topic: ['{asset}'] }, environment)).rejects.toThrow(
      `broker.url: nothing answers at ${url}. Is the broker running there, and does a firewall let us through?`,
    );
  });

  it('takes stored messages, as mosquitto_sub writes them, with their times of arrival', async () => {
    const input = path.join(dir, 'messages.ndjson');
    const lines = [
      { tst: '2026-01-05T08:00:00.250000+0100', topic: 'plant/pump-1/flow', qos: 0, retain: 0, payload: '3.5' },
      { tst: '2026-01-05T08:00:01.250000+0100', topic: 'plant/pump-1/flow', payload: { value: 4 } },
      { tst: '2026-01-05T08:00:02.250000+0100', topic: 'plant/pump-1/flow', retain: 1, payload: '9' },
      { tst: '2026-01-05T08:00:03.250000+0100', topic: 'other', payload: '5' },
    ];
    writeFileSync(input, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const options = { output: output(), input, topic: ['plant/{asset}/{signal}'] };
    const { rejected } = await record(options, environment);
    expect(rejected).toEqual({ retained: 1 });
    const rows: Row[] = [];
    for await (const row of readRecording(output())) rows.push(row);
    expect(rows).toEqual([
      { asset: 'pump-1', timeMs: Date.UTC(2026, 0, 5, 7, 0, 0, 250), values: { flow: 3.5 } },
      { asset: 'pump-1', timeMs: Date.UTC(2026, 0, 5, 7, 0, 1, 250), values: { flow: 4 } },
    ]);
  });

  it.each(['{"topic": "a", "payload"', '{"topic": "plant/a/b"}', '{"topic": 1, "payload": "2"}', '[1]'])(
    'names the line that is no message: %s',
    async (line) => {
      const input = path.join(dir, 'messages.ndjson');
      writeFileSync(input, `{"topic": "plant/a/b", "payload": "1"}\n\n${line}\n`);
      await expect(record({ output: output(), input, topic: ['plant/{asset}/{signal}'] }, environment)).rejects.toThrow(
        `${input}:3: No message. Write it with \`mosquitto_sub -F %j\``,
      );
    },
  );

  it('a message of which nobody knows when it came needs a time of its own', async () => {
    const input = path.join(dir, 'messages.ndjson');
    const line = (payload: object) => `${JSON.stringify({ topic: 'plant/pump-1/row', payload })}\n`;
    writeFileSync(input, line({ flow: 1 }) + line({ ts: 1_717_243_200_000, flow: 2 }));
    const topic = ['plant/{asset}/row'];
    expect((await record({ output: output(), input, topic }, environment)).rejected).toEqual({ 'bad-time': 2 });
    const { rows, rejected } = await record({ output: output(), input, topic, time: '$.ts' }, environment);
    expect([rows, rejected]).toEqual([1, { 'no-time': 1 }]);
  });

  it('says what it can not do before anything is overwritten', async () => {
    const file = path.join(dir, 'precious.ndjson');
    const line = '{"topic": "plant/a/b", "payload": "1"}\n';
    writeFileSync(file, line);
    const base = { output: file, topic: ['plant/{asset}/{signal}'] };
    await expect(record({ ...base, input: file }, environment)).rejects.toThrow('It would be overwritten');
    await expect(record({ ...base, input: 'none' }, environment)).rejects.toThrow('no such file');
    await expect(record({ ...base, input: file, duration: '5s' }, environment)).rejects.toThrow(
      '--duration says nothing',
    );
    await expect(record({ ...base, broker: 'mqtt://h', duration: 'soon' }, environment)).rejects.toThrow('--duration');
    expect(readFileSync(file, 'utf8')).toBe(line);
  });

  it('names a file of messages that is not there', async () => {
    const input = path.join(dir, 'none.ndjson');
    await expect(record({ output: output(), input, topic: ['{asset}'] }, environment)).rejects.toThrow(
      `${input}: There is no such file.`,
    );
  });
});

/** Alarms end to end: what people ask of them, and the examples for the command line. */
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlarmMessage } from '../../daemon/message/alarm.js';
import type { Response } from '../../daemon/message/request.js';
import { problems } from '../daemon/message/schemas.js';
import { AlarmTrial, broken, machine, normal } from '../fixtures/alarm-trial.js';
import { base } from '../fixtures/gateway.js';
import { eventually } from '../fixtures/program.js';
import { has, real } from '../fixtures/tools.js';

const root = path.join(import.meta.dirname, '../..');

describe.skipIf(!has('mosquitto'))(real('alarms of the daemon', 'mosquitto'), () => {
  let trial: AlarmTrial;
  beforeEach(async () => {
    trial = await AlarmTrial.begin();
  });
  afterEach(() => trial.end());

  it('are acknowledged, shelved until that expires, taken out of service and put back, each once', async () => {
    await trial.run();
    const { id } = await trial.raise();
    const acknowledged = await trial.ask('alarm/ack', { id, by: 'kim', transaction: 't1' });
    expect(acknowledged).toMatchObject({ status: 'ok', transaction: 't1' });
    expect(problems('response-alarm', acknowledged.data)).toEqual([]);
    await eventually('acknowledged', () => trial.state() === 'acknowledged');
    // QoS 1 may deliver a request twice: the same answer, and nothing done twice.
    expect(await trial.ask('alarm/ack', { id, by: 'kim', transaction: 't1' })).toEqual(acknowledged);

    expect(await trial.ask('alarm/shelve', { id, duration: 2, by: 'kim' })).toMatchObject({ status: 'ok' });
    await eventually('shelved', () => trial.state() === 'shelved');
    await eventually('the end of the shelving', () => trial.state() === 'acknowledged');
    expect(trial.events().at(-1)).toMatchObject({ event: 'unshelved', comment: 'expired', id });

    await trial.ask('alarm/out-of-service', { asset: 'pump-1', comment: 'new bearing' });
    await eventually('out of service', () => trial.state() === 'out-of-service');
    await trial.settled();
    const told = trial.events().length;
    await trial.feed(40, normal);
    await trial.feed(10, broken);
    await trial.settled();
    expect(trial.events()).toHaveLength(told);
    await trial.ask('alarm/in-service', { asset: 'pump-1' });
    await eventually('in service', () => trial.state() === 'active' || trial.state() === 'acknowledged');
    await trial.settled();
    const seqs = trial.events().map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, i) => i + 1));
    for (const event of trial.events()) expect(problems('event', event)).toEqual([]);
    const audit = readFileSync(path.join(trial.gateway.dir, 'state/audit/audit.ndjson'), 'utf8').trim().split('\n');
    expect(audit.map((line) => (JSON.parse(line) as { command: string }).command)).toEqual([
      'alarm/ack',
      'alarm/shelve',
      'alarm/out-of-service',
      'alarm/in-service',
    ]);
  });

  it('answer bad commands with the reason, and nothing changes', async () => {
    await trial.run();
    const alarm = await trial.raise();
    const told = trial.events().length;
    const old = new Date(Date.now() - 3_600_000).toISOString();
    const ahead = new Date(Date.now() + 3_600_000).toISOString();
    expect((await trial.ask('alarm/shelve', { asset: 'pump-1', duration: 1, transaction: 'done' })).status).toBe('ok');
    await eventually('the end of the shelving', () => trial.state() === 'active');
    const bad: [string, unknown, RegExp, boolean?][] = [
      ['alarm/ack', { id: 'no-such-alarm' }, /unknown alarm/],
      ['alarm/ack', { asset: 'pump-9' }, /unknown asset/],
      ['alarm/ack', { asset: 17 }, /asset: Invalid input/],
      ['alarm/ack', '{"asset": "pump-1"', /no JSON/],
      ['alarm/ack', '', /no JSON/],
      ['alarm/ack', { asset: 'x'.repeat(100_000) }, /at most 16384/],
      ['alarm/ack', { asset: 'pump-1', time: old }, /replayed or late/],
      ['alarm/ack', { asset: 'pump-1', time: ahead }, /from the future/],
      ['alarm/shelve', { asset: 'pump-1', duration: 2, transaction: 'done' }, /used before, for another request/],
      ['alarm/shelve', { asset: 'pump-1', duration: 1e9 }, /duration/],
      [
        'alarm/shelve',
        { asset: 'bridge', type: 'machine-anomaly', duration: 1 },
        /bridge has no alarm machine-anomaly/,
      ],
      ['alarm/explode', { asset: 'pump-1' }, /unknown command/],
      ['asset/rebaseline', { asset: 'pump-1' }, /is in alarm .*acknowledge/],
      ['asset/rebaseline', { asset: 'pump-1', undo: true }, /nothing to take back/],
      ['asset/rebaseline', { asset: 'pump-1', undo: 'yes' }, /undo: Invalid input/],
      ['asset/remove', { asset: 'pump-1' }, /is heard, or was lately/],
    ];
    for (const [command, request, reason] of bad) {
      const answer = await trial.ask(command, request);
      expect(answer).toMatchObject({ status: 'error', data: {} });
      expect(answer.error).toMatch(reason);
      expect(problems('response', answer)).toEqual([]);
    }
    // A request that the broker kept comes with the retain mark only to those who subscribe later.
    await trial.plant.send(`${base}/bridge/request/alarm/ack`, '{"asset":"pump-1"}', true);
    await eventually('acknowledged by one that came live', () => trial.state() === 'acknowledged');
    await trial.settled();
    expect(trial.plant.newest<AlarmMessage>(machine)).toMatchObject({ id: alarm.id });
    expect(
      trial
        .events()
        .slice(told)
        .map(({ event }) => event),
    ).toEqual(['shelved', 'unshelved', 'acknowledged']);
  });

  describe.skipIf(!has('mosquitto_sub', 'mosquitto_pub'))(
    real('the examples for the command line', 'mosquitto_sub', 'mosquitto_pub'),
    () => {
      /** The `mosquitto_*` lines of a document, with this test's broker and gateway in place. */
      const commands = (document: string) =>
        [...readFileSync(path.join(root, document), 'utf8').matchAll(/^(mosquitto_(?:sub|pub) .*(?:\\\n.*)*)/gm)].map(
          ([line]) =>
            line
              .replaceAll('\\\n', ' ')
              .replace('-h localhost', `-h 127.0.0.1 -p ${trial.mosquitto.port}`)
              .replaceAll('anomalyd/gateway/', `${base}/`)
              .replaceAll('pump-3', 'pump-1')
              .replaceAll('$ID', trial.plant.newest<AlarmMessage>(machine)?.id ?? ''),
        );

      it.each(['docs/read-an-alert.md', 'docs/mqtt.md'])('in %s do what they say', async (document) => {
        await trial.run();
        await trial.raise();
        const all = commands(document);
        expect(all.length).toBeGreaterThanOrEqual(2);
        for (const command of all.filter((line) => line.startsWith('mosquitto_sub'))) {
          const args = command.includes('/response/') ? [] : ['-C 1'];
          const child = spawn('sh', ['-c', `timeout 60 ${command} ${args.join(' ')}`], {
            stdio: ['ignore', 'pipe', 'pipe'],
          });
          let out = '';
          child.stdout.on('data', (chunk: Buffer) => {
            out += chunk.toString();
          });
          // What is not retained comes only when something happens, and it must listen by then.
          await eventually(command, async () => {
            if (command.includes('/response/')) await trial.ask('alarm/ack', { asset: 'pump-9' });
            else if (command.includes('/event')) {
              await trial.ask('alarm/shelve', { asset: 'pump-1', duration: 60 });
              await trial.ask('alarm/unshelve', { asset: 'pump-1' });
            }
            await sleep(50);
            return out.includes('{');
          });
          child.kill();
          expect(out).toMatch(/anomalyd\/gw\/|"(state|status)":/);
        }
        for (const command of all.filter((line) => line.startsWith('mosquitto_pub'))) {
          const name = /bridge\/request\/([a-z/-]+)/.exec(command)?.[1] ?? '';
          const topic = `bridge/response/${name}`;
          const heard = () => trial.plant.heard.filter((message) => message.topic === `${base}/${topic}`).length;
          const before = heard();
          execFileSync('sh', ['-c', command]);
          await eventually(`an answer to ${command}`, () => heard() > before);
          const answer = trial.plant.newest<Response>(topic);
          if (name.startsWith('alarm/')) expect(answer, command).toMatchObject({ status: 'ok' });
          else expect(answer?.error ?? '', command).not.toMatch(/Invalid|Unrecognized|no JSON|unknown command/);
        }
      });
    },
  );
});

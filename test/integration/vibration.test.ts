/** Bursts of vibration, from the sensor's message to an alarm that names the bearing's defect: learned from a recording, watched by a real daemon on a real broker. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../daemon/config-file.js';
import type { AlarmMessage } from '../../daemon/message/alarm.js';
import { Recorder } from '../../daemon/recorder.js';
import { bearing6205 } from '../../model/bearing.js';
import { ManualClock } from '../../model/clock.js';
import { type BearingRun, bursts, motors, parseBearingFaults, publicationOf } from '../../simulator/bearings.js';
import { trainConfigSchema } from '../../training/config.js';
import { fit } from '../../training/fit.js';
import { silent } from '../../training/progress.js';
import { loadTensorFlow } from '../../training/tensorflow/load.js';
import { type Gateway, joinPlant, makeGateway, type Plant, ready } from '../fixtures/gateway.js';
import { type Mosquitto, startMosquitto } from '../fixtures/mosquitto.js';
import { eventually, type Program } from '../fixtures/program.js';
import { has, real } from '../fixtures/tools.js';

const assets = motors(3);
const topic = 'plant/{asset}/vibration';
const { contactAngle: _, ...bearing } = bearing6205;
const normal: BearingRun = {
  seed: 1,
  assets,
  startMs: Date.now() - 3 * 3_600_000,
  durationS: 7200,
  intervalS: 20,
  rateHz: 12_800,
  samples: 4096,
  faults: [],
};
/** The same motors, later: one gets a spot on its outer race that grows within ten minutes. */
const watched: BearingRun = {
  ...normal,
  startMs: normal.startMs + 7_200_000,
  durationS: 1800,
  faults: parseBearingFaults('motor-2:outer-race@10m+10m', assets, 1800),
};

describe.skipIf(!has('mosquitto'))(real('vibration', 'mosquitto'), () => {
  let mosquitto: Mosquitto;
  let gateway: Gateway;
  let program: Program;
  let plant: Plant;
  let signals: readonly string[];

  beforeAll(async () => {
    mosquitto = await startMosquitto();
    gateway = await makeGateway(mosquitto.url, {
      bundles: [{ name: 'motors', path: 'motors' }],
      inputs: [{ topic, time: '$.ts', waveform: { rateHz: 12_800, rpm: '$.rpm', bearing } }],
    });
    const lines: string[] = [];
    const recorder = new Recorder(loadConfig(gateway.configFile), ({ timeMs, ...row }) => {
      lines.push(JSON.stringify({ time: timeMs, ...row }));
    });
    for (const burst of bursts(normal)) {
      const { topic: to, payload } = publicationOf(burst, topic);
      recorder.message(to, Buffer.from(payload), burst.timeMs, false);
    }
    signals = recorder.signals;
    writeFileSync(path.join(gateway.dir, 'normal.ndjson'), lines.join('\n'));
    await fit({
      config: trainConfigSchema.parse({ data: { files: 'normal.ndjson' }, detectors: ['level', 'pca'] }),
      directory: gateway.dir,
      output: path.join(gateway.dir, 'motors'),
      tensorFlow: () => loadTensorFlow({ choice: 'wasm' }),
      progress: silent,
      clock: new ManualClock(0),
    });
    program = gateway.run();
    plant = await joinPlant(mosquitto.url);
    await ready(gateway, program);
  }, 120_000);
  afterAll(async () => {
    await plant?.end();
    await program?.end();
    await mosquitto?.stop();
    gateway?.remove();
  });

  it('a recording holds what bursts tell, and the speed that came with them', () => {
    expect(signals).toContain('rpm');
    expect(signals).toContain('vibration.outer-race');
    expect(signals).toHaveLength(16);
  });

  it('a growing defect is found, named, and confused with no other motor or sensor', { timeout: 120_000 }, async () => {
    for (const burst of bursts(watched)) {
      const { topic: to, payload } = publicationOf(burst, topic);
      await plant.send(to, payload);
    }
    const alarm = await eventually('the alarm', () => plant.newest<AlarmMessage>('motor-2/alarm/machine-anomaly'));
    expect(Date.parse(alarm?.startsAt ?? '')).toBeGreaterThan(watched.startMs + 600_000);
    const frames = 'anomalyd_frames_scored_total{bundle="motors"}';
    await eventually('nearly all frames', async () => ((await gateway.metric(frames)) ?? 0) >= 3 * 85);
    // Knocks may be seen before it is clear what knocks.
    const newest = plant.newest<AlarmMessage>('motor-2/alarm/machine-anomaly');
    const line = newest?.diagnostics.find(({ signal }) => /race|ball|cage/.test(signal));
    expect(line).toMatchObject({ signal: 'vibration.outer-race', direction: 'above' });
    const alarms = new Set(
      plant.heard.filter(({ topic: at, payload }) => at.includes('/alarm/') && payload !== '').map((one) => one.topic),
    );
    expect([...alarms]).toEqual(['anomalyd/gw/motor-2/alarm/machine-anomaly']);
  });

  it('a message without a burst is counted by its reason', async () => {
    await plant.send('plant/motor-1/vibration', JSON.stringify({ ts: Date.now(), rpm: 1400 }));
    await plant.send('plant/motor-1/vibration', JSON.stringify({ ts: Date.now(), rpm: 1400, samples: [1, 2, 3] }));
    for (const reason of ['no-waveform', 'bad-waveform'])
      await eventually(
        reason,
        async () => (await gateway.metric(`anomalyd_readings_rejected_total{reason="${reason}"}`)) === 1,
      );
  });
});

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configSchema } from '../../../daemon/config.js';
import { daemonConfig, trainingConfig } from '../../../simulator/demo/configs.js';
import { signalNames } from '../../../simulator/signals.js';
import { trainConfigSchema } from '../../../training/config.js';

describe('the configs that the demo writes are what the programs read:', () => {
  it('training', () => {
    const config = trainConfigSchema.parse(parse(trainingConfig('/data/normal.ndjson', 7, 2)));
    expect(config).toMatchObject({ name: 'pump', seed: 7, periodMs: 500 });
    expect(config.data.flatMap(({ files }) => files)).toEqual(['/data/normal.ndjson']);
    expect(config.signals?.map(({ name }) => name)).toEqual(signalNames);
    expect(config.signals?.[4]).toMatchObject({ unit: 'mm/s' });
  });

  it('daemon, with every way into a broker', () => {
    const schema = configSchema({
      env: {},
      directory: '/data',
      hostname: 'here',
      readFile: (file) => `content of ${file}\n`,
    });
    const connection = {
      broker: 'mqtts://broker:8883',
      username: 'press',
      passwordFile: '/data/password',
      ca: '/data/ca.pem',
      cert: '/data/cert.pem',
      key: '/data/key.pem',
    };
    const config = schema.parse(parse(daemonConfig(connection, '/data/bundle', 9000, '/data/state')));
    expect(config).toMatchObject({ gateway: 'demo', publish: { base: 'anomalyd/demo' }, stateDir: '/data/state' });
    expect(config.broker.url).toBe('mqtts://broker:8883');
    expect(config.broker.password?.reveal()).toBe('content of /data/password');
    expect(config.bundles.map(({ path }) => path)).toEqual(['/data/bundle']);
    expect(config.inputs.map(({ topic, time }) => [topic, time])).toEqual([['plant/{area}/{asset}/telemetry', '$.ts']]);
    const plain = schema.parse(parse(daemonConfig({ broker: 'mqtt://127.0.0.1:1883' }, '/data/bundle', 9000, '/s')));
    expect(plain.broker.username).toBeUndefined();
  });
});

/** The example config and the JSON Schema in deploy/config are what the schema says today. `vitest -u` makes them anew. */
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configExample, configJsonSchema } from '../../daemon/config-example.js';
import { loadConfig } from '../../daemon/config-file.js';

const deploy = path.join(import.meta.dirname, '../../deploy/config');
const load = (text: string) =>
  loadConfig('example.yaml', {
    env: {},
    directory: '/etc/anomalyd',
    hostname: 'gw',
    readFile: (file) => (file.endsWith('.yaml') ? text : 'pem'),
  });
/** Every setting switched on, but for the embedded broker and bursts, which take the place of others. */
const uncommented = () =>
  configExample()
    .replace(/^ *#(embedded|waveform):.*$/gm, '')
    .replace(/^( *)#(?=\w+:)/gm, '$1')
    .replace(/\$\{/g, '$${')
    .replace('url: mqtt://', 'url: mqtts://');

describe('the example config', () => {
  it('is current', async () => {
    await expect(configExample()).toMatchFileSnapshot(path.join(deploy, 'anomalyd.example.yaml'));
  });

  it('is a good config', () => {
    expect(load(configExample()).inputs[0]?.topic).toBe('plant/{area}/{asset}/telemetry');
  });

  it('is a good config with every setting switched on', () => {
    const { stateDir, alarms, inputs } = load(uncommented());
    expect([stateDir, alarms.overrides.length, inputs[0]?.rows]).toEqual(['/var/lib/anomalyd', 1, '$.rows']);
  });

  it('shows the defaults, in the sections that have nothing else', () => {
    const all = load(uncommented());
    const none = load(configExample());
    expect(all.metrics).toEqual(none.metrics);
    expect(all.log).toEqual(none.log);
    expect(all.publish).toMatchObject({ ...none.publish, base: 'anomalyd/pump-house' });
  });
});

describe('the JSON Schema', () => {
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(configJsonSchema());

  it('is current', async () => {
    await expect(`${JSON.stringify(configJsonSchema(), undefined, 2)}\n`).toMatchFileSnapshot(
      path.join(deploy, 'anomalyd.schema.json'),
    );
  });

  it('takes the example, with every setting switched on too', () => {
    expect(validate(parse(configExample())), JSON.stringify(validate.errors)).toBe(true);
    expect(validate(parse(uncommented())), JSON.stringify(validate.errors)).toBe(true);
  });

  it('refuses what the daemon refuses', () => {
    expect(validate({ ...parse(configExample()), stateDri: 'x' })).toBe(false);
    expect(validate({ ...parse(configExample()), bundles: [] })).toBe(false);
  });
});

/** Configs: each case in config/ pairs a file with the exact text of its error; and what a good one becomes. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { sameBroker } from '../../daemon/config-broker.js';
import { loadConfig } from '../../daemon/config-file.js';
import { type ConfigContext, Secret } from '../../daemon/config-text.js';
import { parseListen } from '../../daemon/listen.js';
import { UserError } from '../../model/errors.js';

const cases = path.join(import.meta.dirname, 'config');

/** A world of a few files and variables; the config is `/etc/anomalyd/config.yaml`. */
function world(files: Record<string, string>, env: Record<string, string> = {}): ConfigContext {
  return {
    env,
    directory: '/etc/anomalyd',
    hostname: 'gw1',
    readFile: (file) => {
      const text = files[file] ?? files[path.basename(file)];
      if (text === undefined || (file.startsWith('/etc') && !(file in files)))
        throw Object.assign(new Error(`ENOENT: ${file}`), { code: 'ENOENT' });
      return text;
    },
  };
}

const config = '/etc/anomalyd/config.yaml';
const load = (text: string, files: Record<string, string> = {}, env: Record<string, string> = {}) =>
  loadConfig(config, world({ [config]: text, ...files }, env));

const good = `
broker: {url: "mqtt://\${HOST:-localhost}:1883"}
bundles: [{path: bundles/pumps}]
inputs: [{topic: "plant/{area}/{asset}/telemetry"}]
`;

describe('invalid configs', () => {
  it.each(readdirSync(cases).filter((file) => file.endsWith('.yaml')))('%s', async (file) => {
    const text = readFileSync(path.join(cases, file), 'utf8');
    const context = world({ '/etc/anomalyd/config.yaml': text, '/files/cert.pem': 'cert' });
    let message = 'no error';
    try {
      loadConfig(config, context);
    } catch (error) {
      expect(error).toBeInstanceOf(UserError);
      message = (error as UserError).message;
    }
    expect(message).not.toContain('sesame');
    await expect(`${message.replaceAll('/etc/anomalyd/', '')}\n`).toMatchFileSnapshot(
      path.join(cases, file.replace('.yaml', '.txt')),
    );
  });

  it('names a config file that is not there', () => {
    expect(() => loadConfig('/etc/none.yaml', world({}))).toThrow(
      '/etc/none.yaml: there is no such file. Name the config with --config',
    );
  });

  it('puts late problems among the others, with their lines', () => {
    const late = [
      { key: ['bundles', 0, 'path'], message: 'no such folder' },
      { key: ['inputs', 0, 'signals', 'x'], message: 'unknown signal' },
    ];
    expect(() => loadConfig(config, world({ [config]: good }), late)).toThrow(
      [
        `${config}: 2 problems:`,
        `  ${config}:3 (bundles[0].path): no such folder.`,
        `  ${config}:4 (inputs[0].signals.x): unknown signal.`,
      ].join('\n'),
    );
  });
});

describe('a good config', () => {
  it('gets every default', () => {
    const { gateway, broker, bundles, inputs, publish, metrics, stateDir, log, alignment } = load(good);
    expect({ gateway, stateDir, log, alignment }).toEqual({
      gateway: 'gw1',
      stateDir: '/etc/anomalyd/anomalyd-state',
      log: { level: 'info', format: 'text' },
      alignment: { latenessMs: 1000, maxFutureMs: 60_000 },
    });
    expect(broker).toEqual({
      url: 'mqtt://localhost:1883',
      protocolVersion: 5,
      keepaliveS: 30,
      connectTimeoutS: 10,
      retryMaxS: 30,
      cleanStart: false,
      sessionExpiryS: 3600,
    });
    expect(bundles).toEqual([{ name: 'pumps', path: '/etc/anomalyd/bundles/pumps', levelDrift: 1, maxAssets: 1000 }]);
    expect(inputs).toEqual([
      {
        topic: 'plant/{area}/{asset}/telemetry',
        bundle: 'pumps',
        qos: 1,
        format: 'auto',
        timeUnit: 'auto',
        missingTime: 'reject',
        signals: {},
      },
    ]);
    expect(publish).toMatchObject({ base: 'anomalyd/gw1', scores: false });
    expect(metrics).toMatchObject({ listen: '127.0.0.1:9464' });
  });

  it('may have sections that are empty', () => {
    const sections = ['alignment', 'alarms', 'publish', 'metrics', 'log'];
    expect(load(good + sections.map((name) => `${name}:`).join('\n'))).toEqual(load(good));
  });

  it('takes variables, and their defaults where they are not set', () => {
    expect(load(good, {}, { HOST: 'broker.local' }).broker.url).toBe('mqtt://broker.local:1883');
    expect(load(`${good}gateway: a$\${b}`).gateway).toBe('a${b}');
  });

  it('takes the state folder from systemd', () => {
    expect(load(good, {}, { STATE_DIRECTORY: '/var/lib/anomalyd:/other' }).stateDir).toBe('/var/lib/anomalyd');
  });

  it.each([
    ['in place', 'sesame', {}],
    ['a variable in place', '${PASSWORD}', { PASSWORD: 'sesame' }],
    ['{env: PASSWORD}', { env: 'PASSWORD' }, { PASSWORD: 'sesame' }],
    ['{file: secret}', { file: 'secret' }, {}],
    ['{credential: mqtt}', { credential: 'mqtt' }, { CREDENTIALS_DIRECTORY: '/run/credentials' }],
  ])('takes a password from %s, and never shows it', (_, password, env) => {
    const broker = `broker: {url: "mqtt://h", username: me, password: ${JSON.stringify(password)}}`;
    const files = { '/etc/anomalyd/secret': 'sesame\n', '/run/credentials/mqtt': 'sesame' };
    const loaded = load(good.replace(/broker:.*/, broker), files, env);
    expect(loaded.broker.password?.reveal()).toBe('sesame');
    for (const shown of [
      inspect(loaded, { depth: 9, showHidden: true }),
      JSON.stringify(loaded),
      `${loaded.broker.password}`,
    ]) {
      expect(shown).not.toContain('sesame');
      expect(shown).toContain('[redacted]');
    }
  });

  it('knows when a reload need not reconnect', () => {
    const withPassword = (password: string) =>
      load(good.replace(/broker:.*/, `broker: {url: "mqtt://h", username: me, password: ${password}}`)).broker;
    expect(sameBroker(withPassword('a'), withPassword('a'))).toBe(true);
    expect(sameBroker(withPassword('a'), withPassword('b'))).toBe(false);
    expect(sameBroker(withPassword('a'), load(good).broker)).toBe(false);
    expect(sameBroker(load(good).broker, withPassword('a'))).toBe(false);
  });
});

describe('parseListen', () => {
  it.each([
    ['127.0.0.1:9464', { host: '127.0.0.1', port: 9464 }],
    [':9464', { port: 9464 }],
    ['[::1]:0', { host: '::1', port: 0 }],
    ['off', undefined],
    ['localhost', undefined],
    ['h:70000', undefined],
  ])('%s', (text, expected) => {
    expect(parseListen(text)).toEqual(expected);
  });
});

describe('Secret', () => {
  it('equals by content only', () => {
    expect(new Secret('a', 'x').equals(new Secret('a', 'y'))).toBe(true);
    expect(new Secret('a', 'x').equals(undefined)).toBe(false);
  });
});

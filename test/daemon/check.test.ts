/** `anomalyd check`: every problem at once, with its line. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { check } from '../../daemon/commands/check.js';
import { UserError } from '../../model/errors.js';
import { freePort, type Mosquitto, startMosquitto } from '../fixtures/mosquitto.js';
import { has, real } from '../fixtures/tools.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'anomalyd-check-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Writes the config and gives the text of the error that its check ends with. */
async function problems(lines: readonly string[], offline = false): Promise<string> {
  const config = path.join(dir, 'config.yaml');
  writeFileSync(config, lines.join('\n'));
  const error: unknown = await check({ config, offline }).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).message.replaceAll(`${dir}/`, '');
}

const rest = ['bundles: [{path: pumps}]', 'inputs: [{topic: "plant/{asset}"}]'];

describe('check', () => {
  it('finds a missing bundle and an unreachable broker at once', async () => {
    const port = await freePort();
    expect(await problems([`broker: {url: "mqtt://127.0.0.1:${port}"}`, ...rest])).toBe(
      [
        'config.yaml: 2 problems:',
        `  config.yaml:1 (broker.url): nothing answers at mqtt://127.0.0.1:${port}. Is the broker running there, and does a firewall let us through?`,
        '  config.yaml:2 (bundles[0].path): pumps/manifest.json: There is no such file. A bundle is a folder with manifest.json, golden.json and its .onnx files.',
      ].join('\n'),
    );
  });

  it('leaves the broker alone when told so, but not its certificates', async () => {
    writeFileSync(path.join(dir, 'ca.pem'), 'junk');
    const text = await problems(['broker:', '  url: mqtts://localhost:1', '  ca: ca.pem', ...rest], true);
    expect(text).toContain('config.yaml:3 (broker.ca): ca.pem is no PEM file.');
    expect(text).not.toContain('nothing answers');
  });
});

describe('check of a config with a broker of our own', () => {
  it('asks nobody: it comes with the daemon', async () => {
    const port = await freePort();
    const text = await problems([`broker: {embedded: {listen: "127.0.0.1:${port}"}}`, ...rest]);
    expect(text).toMatch(/^config\.yaml:2 \(bundles\[0\]\.path\): pumps\/manifest\.json: There is no such file\./);
  });

  it('looks at its certificate and key', async () => {
    writeFileSync(path.join(dir, 'cert.pem'), 'junk');
    writeFileSync(path.join(dir, 'key.pem'), 'junk');
    const text = await problems(['broker:', '  embedded:', '    tls: {cert: cert.pem, key: key.pem}', ...rest]);
    expect(text).toContain('config.yaml:3 (broker.embedded.tls.cert): cert.pem is no PEM file.');
  });
});

describe.skipIf(!has('mosquitto', 'openssl'))(real('check against mosquitto', 'mosquitto', 'openssl'), () => {
  let server: Mosquitto;
  afterEach(() => server.stop());

  it('names a wrong password, and never shows it', async () => {
    server = await startMosquitto({ users: { me: 'right' } });
    const text = await problems(['broker:', `  url: ${server.url}`, '  username: me', '  password: sesame', ...rest]);
    expect(text).toContain(`config.yaml:4 (broker.password): the broker at ${server.url} does not let me in.`);
    expect(text).not.toContain('sesame');
  });

  it('names a wrong authority', async () => {
    server = await startMosquitto({ tls: 'server' });
    const text = await problems([
      'broker:',
      `  url: ${server.url}`,
      `  ca: ${server.certificates!.client.cert}`,
      ...rest,
    ]);
    expect(text).toContain("config.yaml:3 (broker.ca): the broker's certificate at");
  });
});

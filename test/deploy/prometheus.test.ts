/** Rules and configs for Prometheus and Alertmanager: checked, unit-tested, and fired for real by a gateway in trouble. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { metricTable } from '../../daemon/metrics-table.js';
import { type Alertmanager, startAlertmanager } from '../fixtures/alertmanager.js';
import { type Gateway, joinPlant, makeGateway, type Plant, ready } from '../fixtures/gateway.js';
import { type Mosquitto, startMosquitto } from '../fixtures/mosquitto.js';
import { eventually, type Program } from '../fixtures/program.js';
import { type Prometheus, startPrometheus } from '../fixtures/prometheus.js';
import { has, real } from '../fixtures/tools.js';

const folder = path.resolve(import.meta.dirname, '../../deploy/prometheus');
const read = (file: string) => readFileSync(path.join(folder, file), 'utf8');

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly { readonly alert?: string; readonly record?: string; readonly expr: string }[];
  }[];
}
const rules = ['anomalyd.recording.yml', 'anomalyd.alerts.yml'].flatMap((file) =>
  (parse(read(file)) as Rules).groups.flatMap((group) => group.rules),
);

function check(...command: readonly [string, ...string[]]) {
  const { status, stdout, stderr } = spawnSync(command[0], command.slice(1), { encoding: 'utf8', cwd: folder });
  expect(status, `${stdout}${stderr}`).toBe(0);
}

describe('the rules', () => {
  it('ask for metrics that there are', () => {
    const known = new Set(metricTable.map(({ name }) => name));
    const recorded = new Set(rules.map(({ record }) => record));
    const asked = rules.flatMap(({ expr }) => expr.match(/[a-z_]*:?\banomalyd_\w+(?::\w+)?/g) ?? []);
    expect(asked.length).toBeGreaterThan(20);
    const unknown = asked.filter((name) => !recorded.has(name) && !known.has(name.replace(/_bucket$/, '')));
    expect(unknown).toEqual([]);
  });

  it('are each tried by a unit test', () => {
    const tests = read('anomalyd.rules.test.yml');
    const untried = rules.map(({ alert }) => alert).filter((alert) => alert !== undefined && !tests.includes(alert));
    expect(untried).toEqual([]);
  });

  it.skipIf(!has('promtool'))(real('pass promtool, with their unit tests', 'promtool'), () => {
    check('promtool', 'check', 'config', 'prometheus.yml');
    check('promtool', 'test', 'rules', 'anomalyd.rules.test.yml');
  });

  it.skipIf(!has('amtool'))(real('go with an Alertmanager config that holds', 'amtool'), () => {
    check('amtool', 'check-config', 'alertmanager.yml');
  });
});

const parts = ['mosquitto', 'prometheus', 'prometheus-alertmanager'] as const;
describe.skipIf(!has(...parts))(real('a gateway in trouble', ...parts), () => {
  const copies = mkdtempSync(path.join(tmpdir(), 'anomalyd-rules-'));
  let mosquitto: Mosquitto;
  let gateway: Gateway;
  let plant: Plant;
  let program: Program;
  let prometheus: Prometheus;
  let alertmanager: Alertmanager;

  beforeAll(async () => {
    mosquitto = await startMosquitto();
    gateway = await makeGateway(mosquitto.url);
    program = gateway.run();
    await ready(gateway, program);
    plant = await joinPlant(mosquitto.url);
    // The rules as they are, but for their patience: a minute becomes a second.
    const quick = readdirSync(folder)
      .filter((file) => /^anomalyd\.(recording|alerts)\.yml$/.test(file))
      .map((file) => {
        writeFileSync(path.join(copies, file), read(file).replace(/^( *for: \d+)m$/gm, '$1s'));
        return path.join(copies, file);
      });
    alertmanager = await startAlertmanager(parse(read('alertmanager.yml')) as Record<string, unknown>);
    prometheus = await startPrometheus(new URL(gateway.http).host, {
      rules: quick,
      alertmanager: new URL(alertmanager.url).host,
    });
    await eventually('the first scrape', async () => (await prometheus.query('up == 1')).length === 1);
  });

  afterAll(async () => {
    await prometheus?.stop();
    await alertmanager?.stop();
    await plant?.end();
    await program?.end('SIGKILL');
    await mosquitto?.stop();
    gateway?.remove();
    rmSync(copies, { recursive: true, force: true });
  });

  const told = (alert: string, status: 'firing' | 'resolved') =>
    eventually(
      `${alert} ${status}`,
      () => alertmanager.notices.findLast(({ labels, status: now }) => labels.alertname === alert && now === status),
      30_000,
    );
  const firing = async () =>
    (await prometheus.query('ALERTS{alertstate="firing"}')).map(({ metric }) => metric.alertname);

  it('a machine that does not behave is told of with its name, and taken back', async () => {
    const start = Date.now() - 50_000;
    const rows = async (from: number, to: number, value: (i: number) => number) => {
      for (let i = from; i < to; i++) await plant.row('press-7', start + i * 500, [value(i), 0.1, 0.2]);
    };
    await rows(0, 50, (i) => (i < 44 ? 0.1 : 30));
    const { labels, annotations } = await told('AnomalydMachineAlarm', 'firing');
    expect(labels.severity).toMatch(/^(warning|high|critical)$/);
    expect(annotations.summary).toContain(`do not behave like themselves (${labels.severity})`);
    expect(annotations.description).toContain('press-7');
    await rows(50, 100, () => 0.1);
    await told('AnomalydMachineAlarm', 'resolved');
  });

  it('a config that does not hold', async () => {
    gateway.write({ imputs: [] });
    program.child.kill('SIGHUP');
    await told('AnomalydConfigReloadFailed', 'firing');
    gateway.write({});
    program.child.kill('SIGHUP');
    await told('AnomalydConfigReloadFailed', 'resolved');
  });

  it('a broker that is away, which explains the rest', async () => {
    await mosquitto.down();
    await told('AnomalydBrokerDisconnected', 'firing');
    await eventually('NotReady', async () => (await firing()).includes('AnomalydNotReady'));
    await mosquitto.up();
    await told('AnomalydBrokerDisconnected', 'resolved');
    expect(alertmanager.notices.filter(({ labels }) => labels.alertname === 'AnomalydNotReady')).toEqual([]);
  });

  it('a daemon that is gone', async () => {
    await program.end('SIGKILL');
    await told('AnomalydDown', 'firing');
    program = gateway.run();
    await told('AnomalydDown', 'resolved');
  });

  it('and no other alert was sent than those that were due', () => {
    const sent = new Set(alertmanager.notices.map(({ labels }) => labels.alertname));
    const explained = [
      'AnomalydMachineAlarm',
      'AnomalydConfigReloadFailed',
      'AnomalydBrokerDisconnected',
      'AnomalydDown',
    ];
    // Sensors stand still in this small plant, assets fall silent after their last row, and the daemon is started again.
    const byTheWay = ['AnomalydDataStale', 'AnomalydNoReadings', 'AnomalydSensorFault', 'AnomalydRestarting'];
    expect([...sent].filter((alert) => ![...explained, ...byTheWay].includes(alert ?? ''))).toEqual([]);
  });
});

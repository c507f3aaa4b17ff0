/**
 * Every alerting rule fires and resolves in a real Prometheus and Alertmanager. Each rule has a target of its own, which serves what a gateway serves
 * and falls into one kind of trouble. Time runs faster: in the copies of the rules a minute is half a second, and an hour too.
 */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { metricTable } from '../../daemon/metrics-table.js';
import { type Alertmanager, startAlertmanager } from '../fixtures/alertmanager.js';
import { eventually } from '../fixtures/program.js';
import { type Prometheus, startPrometheus } from '../fixtures/prometheus.js';
import { has, real } from '../fixtures/tools.js';

const folder = path.resolve(import.meta.dirname, '../../deploy/prometheus');
const read = (file: string) => readFileSync(path.join(folder, file), 'utf8');
const ruleFiles = ['anomalyd.recording.yml', 'anomalyd.alerts.yml'];

/** Of prom-client itself. */
const processMetrics = ['process_resident_memory_bytes', 'process_start_time_seconds'];

/** Values by series; a series that counts is given what it is after `seconds`. */
type Series = Readonly<Record<string, number | ((seconds: number) => number)>>;

const healthy: Series = {
  anomalyd_ready: 1,
  anomalyd_broker_connected: 1,
  anomalyd_assets_silent: 0,
  anomalyd_config_reload_success: 1,
  anomalyd_outbox_messages: 0,
  anomalyd_outbox_dropped_total: 0,
  anomalyd_worker_restarts_total: 0,
  anomalyd_memory_limit_bytes: 1e9,
  process_resident_memory_bytes: 2e8,
  process_start_time_seconds: 1e9,
  anomalyd_readings_received_total: (seconds) => 1000 * seconds,
  'anomalyd_readings_rejected_total{reason="late"}': (seconds) => seconds,
  'anomalyd_frames_dropped_total{bundle="pumps",reason="overload"}': 0,
  'anomalyd_severity{asset="pump-1",bundle="pumps"}': 0.1,
  'anomalyd_severity{asset="pump-2",bundle="pumps"}': 0.2,
  'anomalyd_severity{asset="pump-3",bundle="pumps"}': 0.3,
  'anomalyd_alarms_active{type="machine-anomaly",band="high"}': 0,
  'anomalyd_alarms_active{type="sensor-fault",band="warning"}': 0,
};

/** What is different in trouble; `undefined` is a target that does not answer. */
const troubles: Readonly<Record<string, Series | undefined>> = {
  AnomalydDown: undefined,
  AnomalydRestarting: { process_start_time_seconds: (seconds) => 1e9 + 3 * Math.floor(seconds / 3) },
  AnomalydNotReady: { anomalyd_ready: 0 },
  AnomalydBrokerDisconnected: { anomalyd_broker_connected: 0 },
  AnomalydNoReadings: {
    anomalyd_readings_received_total: 1e9,
    'anomalyd_readings_rejected_total{reason="late"}': 1e6,
  },
  AnomalydDataStale: { anomalyd_assets_silent: 2 },
  AnomalydReadingsRejected: { 'anomalyd_readings_rejected_total{reason="late"}': (seconds) => 500 * seconds },
  AnomalydConfigReloadFailed: { anomalyd_config_reload_success: 0 },
  AnomalydWorkerRestarts: { anomalyd_worker_restarts_total: 1 },
  AnomalydFramesDropped: {
    'anomalyd_frames_dropped_total{bundle="pumps",reason="overload"}': (seconds) => 10 * seconds,
  },
  AnomalydOutboxGrowing: { anomalyd_outbox_messages: (seconds) => 30 + 5 * seconds },
  AnomalydAlertsLost: { anomalyd_outbox_dropped_total: (seconds) => 5 * seconds },
  AnomalydStateNotWritten: { anomalyd_outbox_write_failures_total: (seconds) => 5 * seconds },
  AnomalydMemoryNearLimit: { process_resident_memory_bytes: 9.2e8 },
  AnomalydBundleDrift: {
    'anomalyd_severity{asset="pump-1",bundle="pumps"}': 0.95,
    'anomalyd_severity{asset="pump-2",bundle="pumps"}': 0.99,
  },
  AnomalydMachineAlarm: { 'anomalyd_alarms_active{type="machine-anomaly",band="high"}': 2 },
  AnomalydSensorFault: { 'anomalyd_alarms_active{type="sensor-fault",band="warning"}': 1 },
};

/** What a gateway in one kind of trouble, or in none, answers a scrape with. */
class Target {
  troubled = false;
  readonly #start = performance.now();
  readonly server: Server = createServer((_, response) => {
    const trouble = this.troubled ? troubles[this.alert] : {};
    if (trouble === undefined) {
      response.destroy();
      return;
    }
    const seconds = (performance.now() - this.#start) / 1000;
    const lines = Object.entries({ ...healthy, ...trouble }).map(
      ([series, value]) => `${series} ${typeof value === 'number' ? value : value(seconds)}\n`,
    );
    response.setHeader('content-type', 'text/plain; version=0.0.4').end(lines.join(''));
  });

  constructor(readonly alert: string) {}

  get address(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `127.0.0.1:${address.port}`;
  }
}

const parts = ['prometheus', 'prometheus-alertmanager'] as const;
describe.skipIf(!has(...parts))(real('alerting rules', ...parts), () => {
  const copies = mkdtempSync(path.join(tmpdir(), 'anomalyd-fired-'));
  const targets = Object.keys(troubles).map((alert) => new Target(alert));
  let prometheus: Prometheus;
  let alertmanager: Alertmanager;

  beforeAll(async () => {
    for (const { server } of targets) await once(server.listen(0, '127.0.0.1'), 'listening');
    const rules = ruleFiles.map((file) => {
      const quick = read(file)
        .replace(/\b(\d+)[mh]\b/g, (_, n) => `${Number(n) * 500}ms`)
        .replace(/\[1d\]/g, '[12s]');
      writeFileSync(path.join(copies, file), quick);
      return path.join(copies, file);
    });
    alertmanager = await startAlertmanager(parse(read('alertmanager.yml')) as Record<string, unknown>);
    prometheus = await startPrometheus(
      targets.map(({ address }) => address),
      { rules, alertmanager: new URL(alertmanager.url).host },
    );
  });
  afterAll(async () => {
    await prometheus?.stop();
    await alertmanager?.stop();
    for (const { server } of targets) server.close();
    rmSync(copies, { recursive: true, force: true });
  });

  const notices = () =>
    alertmanager.notices.map(({ labels, status }) => ({ alert: labels.alertname, on: labels.instance, status }));
  const told = ({ alert, address }: Target, status: 'firing' | 'resolved') =>
    notices().some((each) => each.alert === alert && each.on === address && each.status === status);
  const all = (status: 'firing' | 'resolved') =>
    eventually(
      `all ${status}`,
      () => targets.every((target) => told(target, status)),
      90_000,
      () => `none of ${targets.filter((target) => !told(target, status)).map(({ alert }) => alert)}`,
    );

  it('are all here, and served by names that the daemon has', () => {
    const { groups } = parse(read('anomalyd.alerts.yml')) as { groups: { rules: { alert: string }[] }[] };
    expect(groups.flatMap(({ rules }) => rules.map(({ alert }) => alert)).toSorted()).toEqual(
      Object.keys(troubles).toSorted(),
    );
    const known = new Set(metricTable.map(({ name }) => name).concat(processMetrics));
    const served = Object.keys({ ...healthy, ...Object.assign({}, ...Object.values(troubles)) });
    expect(served.map((series) => series.replace(/\{.*/, '')).filter((name) => !known.has(name))).toEqual([]);
  });

  it('are silent about healthy gateways', async () => {
    await eventually(
      'the rules on all targets',
      async () =>
        (await prometheus.query('instance:anomalyd_readings_rejected:ratio_rate5m')).length === targets.length,
    );
    await eventually('some history', async () => {
      const history = await prometheus.query('anomalyd_ready offset 8s');
      return history.length === targets.length;
    });
    expect(notices()).toEqual([]);
  });

  it('fire, each for the gateway in trouble and for no other', async () => {
    for (const target of targets) target.troubled = true;
    await all('firing');
    const own = new Map(targets.map(({ alert, address }) => [address, alert]));
    const foreign = notices().filter(({ alert, on }) => own.get(on ?? '') !== alert);
    expect(foreign.map(({ alert, on }) => `${alert} on the target for ${own.get(on ?? '')}`)).toEqual([]);
  }, 120_000);

  it('resolve when it is over', async () => {
    for (const target of targets) target.troubled = false;
    await all('resolved');
  }, 120_000);
});

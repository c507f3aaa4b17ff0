/** The three dashboards: the fleet, one asset, and the daemon itself. */
import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardLinkBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { datasource, type PanelSpec, panelOf, severitySteps } from './panels.js';

interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** Variable -> the query of its values, and whether all or several may be chosen. */
  readonly variables: Readonly<Record<string, { readonly query: string; readonly many: boolean }>>;
  /** Marks in all panels: where the expression has a value. */
  readonly marks?: { readonly name: string; readonly expr: string; readonly text: string };
  readonly panels: readonly PanelSpec[];
}

const gateway = { instance: { query: 'label_values(anomalyd_build_info, instance)', many: true } };
const at = 'instance=~"$instance"';
const one = `${at}, asset="$asset"`;
const perSecond = (counter: string, by = '') =>
  `sum${by === '' ? '' : ` by (${by}) `}(rate(${counter}{${at}}[$__rate_interval]))`;
const percentile = (q: number, histogram: string) =>
  `histogram_quantile(${q}, sum by (le) (rate(${histogram}_bucket{${at}}[$__rate_interval])))`;

const fleet: DashboardSpec = {
  uid: 'anomalyd-fleet',
  title: 'anomalyd: fleet',
  description: 'Every machine at a glance: who does not behave as learned, since when, and who is not heard of.',
  variables: gateway,
  panels: [
    {
      kind: 'stat',
      title: 'Machines in alarm',
      description: 'Open alarms that a machine stops behaving like itself.',
      queries: { [`sum(anomalyd_alarms_active{${at}, type="machine-anomaly"})`]: 'alarms' },
      steps: { red: 1 },
      width: 6,
      height: 5,
    },
    {
      kind: 'stat',
      title: 'Sensors in alarm',
      description: 'Open alarms that a sensor is missing, stuck, spiking or out of range.',
      queries: { [`sum(anomalyd_alarms_active{${at}, type="sensor-fault"})`]: 'alarms' },
      steps: { orange: 1 },
      width: 6,
      height: 5,
    },
    {
      kind: 'stat',
      title: 'Machines heard of',
      description: 'Assets taken up since the start.',
      queries: { [`sum(anomalyd_assets{${at}})`]: 'assets' },
      width: 6,
      height: 5,
    },
    {
      kind: 'stat',
      title: 'Machines silent',
      description: 'Assets that have fallen silent while the broker was there.',
      queries: { [`sum(anomalyd_assets_silent{${at}})`]: 'silent' },
      steps: { orange: 1 },
      width: 6,
      height: 5,
    },
    {
      kind: 'states',
      title: 'State of each machine',
      description:
        'Severity by colour: green below the threshold of 1, then warning, high and critical. Click for the machine.',
      queries: { [`max by (asset) (anomalyd_severity{${at}})`]: '{{asset}}' },
      steps: severitySteps,
      width: 24,
      height: 10,
      link: { title: 'Open the machine', url: `/d/anomalyd-asset?var-asset=\${__series.name}&\${__url_time_range}` },
    },
    {
      kind: 'heatmap',
      title: 'How many machines at which severity',
      description: 'Severity of each machine over time; rows are machines.',
      queries: { [`max by (asset) (anomalyd_severity{${at}})`]: '{{asset}}' },
      width: 12,
    },
    {
      kind: 'lines',
      title: 'Open alarms',
      description: 'By type and severity band.',
      queries: { [`sum by (type, band) (anomalyd_alarms_active{${at}})`]: '{{type}} {{band}}' },
      width: 12,
    },
    {
      kind: 'lines',
      title: 'Age of the newest reading',
      description: 'Time since a machine was last heard of.',
      queries: { [`time() - max by (asset) (anomalyd_last_reading_timestamp_seconds{${at}})`]: '{{asset}}' },
      unit: 's',
      width: 12,
    },
    {
      kind: 'lines',
      title: 'Alerts',
      description: 'Alerts sent in the last hour, by what happened.',
      queries: { [`sum by (type, event) (increase(anomalyd_alerts_total{${at}}[1h]))`]: '{{type}} {{event}}' },
      width: 12,
    },
  ],
};

const asset: DashboardSpec = {
  uid: 'anomalyd-asset',
  title: 'anomalyd: asset',
  description:
    'One machine: its severity, what each detector sees, which signals the evidence comes from, and what they should be.',
  variables: {
    ...gateway,
    asset: { query: 'label_values(anomalyd_severity{instance=~"$instance"}, asset)', many: false },
    signal: { query: 'label_values(anomalyd_signal_actual{asset="$asset"}, signal)', many: true },
  },
  marks: { name: 'Strange', expr: `anomalyd_severity{${one}} >= 1`, text: 'above the alarm threshold' },
  panels: [
    {
      kind: 'lines',
      title: 'Severity',
      description: '1 is the alarm threshold, always.',
      queries: { [`anomalyd_severity{${one}}`]: 'severity' },
      steps: severitySteps,
      width: 12,
    },
    {
      kind: 'lines',
      title: 'Severity in the eyes of each detector',
      description: 'Detectors judge together; here is what each of them would say alone.',
      queries: { [`anomalyd_detector_severity{${one}}`]: '{{detector}}' },
      width: 12,
    },
    {
      kind: 'lines',
      title: 'Where the evidence comes from',
      description: "Each signal's share of what is strange. Of meaning only while severity is high.",
      queries: { [`anomalyd_signal_contribution_ratio{${one}}`]: '{{signal}}' },
      unit: 'percentunit',
      width: 12,
    },
    {
      kind: 'states',
      title: 'Health of the sensors',
      description: '1 = scored; 0 = missing, stuck, spiking or out of range, and left out of scoring.',
      queries: { [`anomalyd_signal_healthy{${one}}`]: '{{signal}}' },
      steps: { green: 1 },
      width: 12,
    },
    {
      kind: 'lines',
      title: '$signal',
      description: 'What is, and what the detector expected, in the unit of the signal.',
      queries: {
        [`anomalyd_signal_actual{${one}, signal=~"$signal"}`]: 'actual',
        [`anomalyd_signal_expected{${one}, signal=~"$signal"}`]: 'expected',
      },
      width: 12,
      repeat: 'signal',
    },
  ],
};

const daemon: DashboardSpec = {
  uid: 'anomalyd-daemon',
  title: 'anomalyd: daemon',
  description: 'Is the gateway well: does it hear, keep up, and get its alerts out.',
  variables: gateway,
  panels: [
    {
      kind: 'stat',
      title: 'Broker',
      description: '1 while connected.',
      queries: { [`min(anomalyd_broker_connected{${at}})`]: 'connected' },
      width: 6,
      height: 5,
    },
    {
      kind: 'stat',
      title: 'Config in force',
      description: '1 if the config on disk is the one in force; 0 = the last reload failed, and the log says why.',
      queries: { [`min(anomalyd_config_reload_success{${at}})`]: 'in force' },
      width: 6,
      height: 5,
    },
    {
      kind: 'stat',
      title: 'Waiting for the broker',
      description: 'Alerts and states that the broker has not acknowledged.',
      queries: { [`sum(anomalyd_outbox_messages{${at}})`]: 'messages' },
      steps: { orange: 10, red: 1000 },
      width: 6,
      height: 5,
    },
    {
      kind: 'stat',
      title: 'Deaths of the scoring thread',
      description: 'Should be 0.',
      queries: { [`sum(anomalyd_worker_restarts_total{${at}})`]: 'restarts' },
      steps: { red: 1 },
      width: 6,
      height: 5,
    },
    {
      kind: 'lines',
      title: 'Throughput',
      description: 'Messages and readings taken in, frames scored.',
      queries: {
        [perSecond('anomalyd_messages_received_total')]: 'messages',
        [perSecond('anomalyd_readings_received_total')]: 'readings',
        [perSecond('anomalyd_frames_scored_total')]: 'frames scored',
      },
      unit: 'cps',
      width: 12,
    },
    {
      kind: 'lines',
      title: 'Left out',
      description: 'Readings rejected and frames dropped, by reason; nothing else is lost with them.',
      queries: {
        [perSecond('anomalyd_readings_rejected_total', 'reason')]: '{{reason}}',
        [perSecond('anomalyd_frames_dropped_total', 'reason')]: 'frames: {{reason}}',
      },
      unit: 'cps',
      width: 12,
    },
    {
      kind: 'lines',
      title: 'Latency',
      description: 'From the arrival of the reading that completed a frame to its result.',
      queries: {
        [percentile(0.5, 'anomalyd_latency_seconds')]: 'median',
        [percentile(0.99, 'anomalyd_latency_seconds')]: '99 %',
      },
      unit: 's',
      width: 12,
    },
    {
      kind: 'lines',
      title: 'Time to score one batch',
      description: 'In the scoring thread.',
      queries: {
        [percentile(0.5, 'anomalyd_inference_duration_seconds')]: 'median',
        [percentile(0.99, 'anomalyd_inference_duration_seconds')]: '99 %',
      },
      unit: 's',
      width: 12,
    },
    {
      kind: 'lines',
      title: 'Event-loop lag',
      description: 'How late the main thread is; tens of milliseconds are fine.',
      queries: { [`max(nodejs_eventloop_lag_p99_seconds{${at}})`]: '99 %' },
      unit: 's',
      width: 12,
    },
    {
      kind: 'lines',
      title: 'Memory',
      description: 'Resident memory of the process.',
      queries: { [`process_resident_memory_bytes{${at}, job="anomalyd"}`]: '{{instance}}' },
      unit: 'bytes',
      width: 12,
    },
  ],
};

function dashboardOf(spec: DashboardSpec): Dashboard {
  const board = new DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.description)
    .tags(['anomalyd'])
    .timezone('browser')
    .refresh('10s')
    .time({ from: 'now-1h', to: 'now' })
    .readonly()
    .link(
      new DashboardLinkBuilder('anomalyd')
        .type('dashboards' as never)
        .tags(['anomalyd'])
        .asDropdown(true)
        .keepTime(true),
    )
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'));
  for (const [name, { query, many }] of Object.entries(spec.variables))
    board.withVariable(
      new QueryVariableBuilder(name)
        .datasource(datasource)
        .query({ query, refId: name })
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .multi(many)
        .includeAll(many),
    );
  if (spec.marks !== undefined)
    board.annotation(
      new AnnotationQueryBuilder()
        .name(spec.marks.name)
        .datasource(datasource)
        .expr(spec.marks.expr)
        .titleFormat(spec.marks.text)
        .iconColor('red')
        .enable(true),
    );
  let [x, y, rowHeight] = [0, 0, 0];
  for (const [i, panel] of spec.panels.entries()) {
    if (x + panel.width > 24) [x, y, rowHeight] = [0, y + rowHeight, 0];
    board.withPanel(panelOf(panel, i + 1, { x, y }));
    x += panel.width;
    rowHeight = Math.max(rowHeight, panel.height ?? 8);
  }
  return board.build();
}

/** File name -> text, as `deploy/grafana/dashboards` holds them. */
export function dashboardFiles(): ReadonlyMap<string, string> {
  const named = { fleet, asset, daemon };
  return new Map(
    Object.entries(named).map(([name, spec]) => [
      `${name}.json`,
      `${JSON.stringify(dashboardOf(spec), undefined, 2)}\n`,
    ]),
  );
}

/** Every expression of every panel and mark, by dashboard and title. */
export function expressions(): { readonly where: string; readonly expr: string }[] {
  return [fleet, asset, daemon].flatMap(({ uid, panels, marks }) => [
    ...panels.flatMap(({ title, queries }) =>
      Object.keys(queries).map((expr) => ({ where: `${uid}: ${title}`, expr })),
    ),
    ...(marks === undefined ? [] : [{ where: `${uid}: mark ${marks.name}`, expr: marks.expr }]),
  ]);
}

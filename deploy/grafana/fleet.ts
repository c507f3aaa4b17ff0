/** The fleet: every machine at a glance. */
import { bandSteps, bandWords, severitySteps } from './panels.js';
import { at, type DashboardSpec, gateway } from './spec.js';

const severity = `max by (asset) (anomalyd_severity{${at}})`;
/** 0 normal, 1 warning, 2 high, 3 critical, as alarms have their bands by default. */
const band = Object.values(severitySteps)
  .map((from) => `(${severity} >= bool ${from})`)
  .join(' + ');
const machine = (asset: string) => ({
  title: 'Open the machine',
  url: `/d/anomalyd-asset?var-asset=\${${asset}}&\${__url_time_range}`,
});

export const fleet: DashboardSpec = {
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
      description: 'Where its severity stands; 1 is the alarm threshold. Click for the machine.',
      queries: { [band]: '{{asset}}' },
      steps: bandSteps,
      words: bandWords,
      width: 24,
      height: 10,
      link: machine('__series.name'),
    },
    {
      kind: 'table',
      title: 'Open alarms',
      description: 'Every alarm that is active, by machine and type. Click for the machine.',
      queries: { [`sort_desc(max by (asset, type) (anomalyd_alarm_band{${at}}))`]: '' },
      steps: bandSteps,
      words: bandWords,
      without: ['Time'],
      width: 12,
      link: machine('__data.fields.asset'),
    },
    {
      kind: 'spread',
      title: 'How many machines at which severity',
      description: 'The darker, the more machines stand there; all is well while the dark is at the bottom.',
      queries: { [severity]: '{{asset}}' },
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
      title: 'Alarms over time',
      description: 'Alarms that are active, by type and severity band.',
      queries: { [`sum by (type, band) (anomalyd_alarms_active{${at}})`]: '{{type}} {{band}}' },
      width: 12,
    },
    {
      kind: 'lines',
      title: 'Alerts',
      description: 'Alerts sent in the last hour, by what happened.',
      queries: { [`sum by (type, event) (increase(anomalyd_alerts_total{${at}}[1h]))`]: '{{type}} {{event}}' },
      width: 12,
    },
    {
      kind: 'lines',
      title: 'What machines are doing',
      description: 'Machines by mode: warming up, steady, or without usable data.',
      queries: { [`sum by (mode) (anomalyd_assets_by_mode{${at}})`]: '{{mode}}' },
      width: 12,
    },
  ],
};

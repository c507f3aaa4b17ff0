/** One machine: how strange it is, since when, and which signals say so. */
import { bandSteps, bandWords, severitySteps } from './panels.js';
import { at, type DashboardSpec, gateway } from './spec.js';

const one = `${at}, asset="$asset"`;
const signal = `{${one}, signal=~"$signal"}`;
/** Widths of the band, in usual distances of actual from expected. */
const width = 3;
const bound = (sign: '+' | '-') =>
  `anomalyd_signal_expected${signal} ${sign} ${width} * anomalyd_signal_spread${signal}`;

export const asset: DashboardSpec = {
  uid: 'anomalyd-asset',
  title: 'anomalyd: asset',
  description:
    'One machine: its severity, what each detector sees, which signals the evidence comes from, and what they should be.',
  variables: {
    ...gateway,
    asset: { query: 'label_values(anomalyd_severity{instance=~"$instance"}, asset)', many: false },
    signal: { query: 'label_values(anomalyd_signal_actual{asset="$asset"}, signal)', many: true },
  },
  marks: { name: 'Alarms', expr: `anomalyd_alarm_band{${one}}`, text: '{{type}}' },
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
      steps: severitySteps,
      width: 12,
    },
    {
      kind: 'states',
      title: 'Alarms',
      description: 'Alarms of this machine while they are active, by type.',
      queries: { [`anomalyd_alarm_band{${one}}`]: '{{type}}' },
      steps: bandSteps,
      words: bandWords,
      width: 12,
      height: 5,
    },
    {
      kind: 'states',
      title: 'Mode',
      description: 'Whether it is scored: warming up, steady, or without usable data.',
      queries: { [`anomalyd_asset_mode{${one}}`]: '{{mode}}' },
      words: { 1: 'yes' },
      width: 12,
      height: 5,
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
      description: 'Scored, or left out of scoring because missing, stuck, spiking or out of range.',
      queries: { [`1 - anomalyd_signal_healthy{${one}}`]: '{{signal}}' },
      steps: { orange: 1 },
      words: { 0: 'scored', 1: 'left out' },
      width: 12,
    },
    {
      kind: 'band',
      title: '$signal',
      description: `What is, what the detector expected, and the band of ${width} usual distances about it, in the unit of the signal.`,
      queries: {
        [`anomalyd_signal_actual${signal}`]: 'actual',
        [`anomalyd_signal_expected${signal}`]: 'expected',
        [bound('+')]: 'upper',
        [bound('-')]: 'lower',
      },
      width: 12,
      repeat: 'signal',
    },
  ],
};

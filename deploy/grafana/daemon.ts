/** The daemon itself: does it hear, keep up, and get its alerts out. */
import { at, type DashboardSpec, gateway, percentile, perSecond } from './spec.js';

const yesNo = { 0: 'no', 1: 'yes' };

export const daemon: DashboardSpec = {
  uid: 'anomalyd-daemon',
  title: 'anomalyd: daemon',
  description: 'Is the gateway well: does it hear, keep up, and get its alerts out.',
  variables: gateway,
  panels: [
    {
      kind: 'stat',
      title: 'Broker',
      description: 'Whether all chosen gateways are connected.',
      queries: { [`min(anomalyd_broker_connected{${at}})`]: 'connected' },
      words: yesNo,
      width: 6,
      height: 5,
    },
    {
      kind: 'stat',
      title: 'Config in force',
      description:
        'Whether the config on disk is the one in force. If not, the last reload failed, and the log says why.',
      queries: { [`min(anomalyd_config_reload_success{${at}})`]: 'in force' },
      words: yesNo,
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
      kind: 'heatmap',
      title: 'Latency, all of it',
      description: 'Frames by the time from reading to result; the darker, the more.',
      queries: { [`sum by (le) (increase(anomalyd_latency_seconds_bucket{${at}}[$__rate_interval]))`]: '{{le}}' },
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
      title: 'Event-loop delay',
      description: 'How late the main thread is; tens of milliseconds are fine.',
      queries: {
        [percentile(0.5, 'anomalyd_event_loop_delay_seconds')]: 'median',
        [percentile(0.99, 'anomalyd_event_loop_delay_seconds')]: '99 %',
      },
      unit: 's',
      width: 12,
    },
    {
      kind: 'lines',
      title: 'Memory',
      description: 'Resident memory of the process, and what it may use.',
      queries: {
        [`process_resident_memory_bytes{${at}, job="anomalyd"}`]: '{{instance}}',
        [`min(anomalyd_memory_limit_bytes{${at}})`]: 'limit',
      },
      unit: 'bytes',
      width: 12,
    },
    {
      kind: 'lines',
      title: 'Outbox',
      description: 'Messages that the broker has not acknowledged, and alerts lost because too many waited.',
      queries: {
        [`sum(anomalyd_outbox_messages{${at}})`]: 'waiting',
        [`sum(increase(anomalyd_outbox_dropped_total{${at}}[1h]))`]: 'lost in the last hour',
      },
      width: 12,
    },
    {
      kind: 'lines',
      title: 'Trouble with the broker',
      description: 'Failed or broken connections in the last hour, by kind.',
      queries: {
        [`sum by (kind) (increase(anomalyd_broker_troubles_total{${at}}[1h]))`]: '{{kind}}',
        [`sum(increase(anomalyd_broker_reconnects_total{${at}}[1h]))`]: 'reconnects',
      },
      width: 12,
    },
    {
      kind: 'lines',
      title: 'Messages by input',
      description: 'As the inputs of the config name them; one that stands at 0 hears nobody.',
      queries: { [perSecond('anomalyd_input_messages_total', 'input')]: '{{input}}' },
      unit: 'cps',
      width: 12,
    },
  ],
};

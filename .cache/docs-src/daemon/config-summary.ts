/** A config that holds, told in a few lines to whoever runs `anomalyd check`. */
import type { Bundle } from '../model/bundle.js';
import type { Config } from './config.js';

/** What the broker said, or undefined when it was not asked. */
export interface BrokerAnswer {
  readonly protocolVersion: number;
}

export function summariseConfig(
  file: string,
  config: Config,
  bundles: readonly Bundle[],
  answer?: BrokerAnswer,
): string {
  const rows: [string, string][] = [
    ['gateway', config.gateway],
    ['broker', `${config.broker.url} ${answer === undefined ? '(not asked)' : `lets us in, ${mqttName(answer)}`}`],
    ...config.bundles.map((entry, i): [string, string] => ['bundle', bundleLine(entry, bundles[i])]),
    ...config.inputs.map(({ topic, bundle, qos }): [string, string] => ['input', `${topic} -> ${bundle}, QoS ${qos}`]),
    ['publish', `${config.publish.base}/..., QoS ${config.publish.qos}${config.publish.scores ? ', with scores' : ''}`],
    ['metrics', config.metrics.listen],
    ['state', config.stateDir],
  ];
  return [`${file} is fine.`, ...rows.map(([name, text]) => `  ${name.padEnd(8)}${text}`)].join('\n');
}

function mqttName({ protocolVersion }: BrokerAnswer): string {
  return protocolVersion === 5 ? 'MQTT 5' : 'MQTT 3.1.1';
}

function bundleLine(entry: Config['bundles'][number], bundle: Bundle | undefined): string {
  if (bundle === undefined) return entry.path;
  const { manifest } = bundle;
  const budget = entry.falseAlarmsPerAssetWeek ?? manifest.falseAlarmsPerAssetWeek;
  return [
    `${entry.name}: ${manifest.name} ${manifest.version}, self-test passed`,
    `${manifest.channels.map(({ name }) => name).join(', ')} every ${manifest.periodMs / 1000} s`,
    `detectors ${manifest.detectors.map(({ name }) => name).join(', ')}`,
    `${budget} false alarms per asset and week`,
  ].join('; ');
}

/** A config that holds, told in a few lines to whoever runs `anomalyd check`. */
import { budgetWarning, forecast, formatForecast } from '../model/budget.js';
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
    ['broker', brokerLine(config, answer)],
    ...config.bundles.map((entry, i): [string, string] => ['bundle', bundleLine(entry, bundles[i])]),
    ...config.inputs.map(({ topic, bundle, qos }): [string, string] => ['input', `${topic} -> ${bundle}, QoS ${qos}`]),
    ['publish', publishLine(config)],
    ['metrics', config.metrics.listen],
    ['state', config.stateDir],
  ];
  const warnings = config.bundles.flatMap((entry, i) => {
    const bundle = bundles[i];
    const warning = bundle && budgetWarning(bundle.manifest, budgetOf(entry, bundle));
    return warning === undefined ? [] : [`Warning: ${entry.name}: ${warning}`];
  });
  return [`${file} is fine.`, ...rows.map(([name, text]) => `  ${name.padEnd(8)}${text}`), ...warnings].join('\n');
}

function brokerLine({ broker: { url, embedded } }: Config, answer: BrokerAnswer | undefined): string {
  if (embedded !== undefined) return `our own, for clients at ${embedded.listen}`;
  if (answer === undefined) return `${url} (not asked)`;
  return `${url} lets us in, ${answer.protocolVersion === 5 ? 'MQTT 5' : 'MQTT 3.1.1'}`;
}

function publishLine({ publish: { base, scores, format, homeAssistant, alertmanager } }: Config): string {
  return [
    `${base}/...`,
    ...(scores ? ['with scores'] : []),
    ...(format === 'lookout' ? ['alerts in the fields of Lookout'] : []),
    ...(homeAssistant.discovery ? [`announced to Home Assistant under ${homeAssistant.prefix}`] : []),
    ...(alertmanager.url === undefined ? [] : [`alarms pushed to ${alertmanager.url}`]),
  ].join(', ');
}

function budgetOf(entry: Config['bundles'][number], { manifest }: Bundle): number {
  return entry.falseAlarmsPerAssetWeek ?? manifest.falseAlarmsPerAssetWeek;
}

function bundleLine(entry: Config['bundles'][number], bundle: Bundle | undefined): string {
  if (bundle === undefined) return entry.path;
  const { manifest } = bundle;
  const budget = budgetOf(entry, bundle);
  return [
    `${entry.name}: ${manifest.name} ${manifest.version}, self-test passed`,
    `${manifest.channels.map(({ name }) => name).join(', ')} every ${manifest.periodMs / 1000} s`,
    `detectors ${manifest.detectors.map(({ name }) => name).join(', ')}`,
    `budget ${budget} a machine and week: ${formatForecast(forecast(manifest, budget))}`,
  ].join('; ');
}

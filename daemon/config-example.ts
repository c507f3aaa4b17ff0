/** The commented example config and the JSON Schema for editors, both made from the schema. */
import { z } from 'zod';
import { configSchema } from './config.js';

export const schemaUrl = './anomalyd.schema.json';

/** As much of JSON Schema as our own schema gives. */
interface Node {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly items?: Node;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Node[];
}

/** Settings that the example has switched on, by path. */
const chosen: Readonly<Record<string, unknown>> = {
  'broker.url': 'mqtt://localhost:1883',
  'bundles[].path': './bundles/pumps',
  'inputs[].topic': 'plant/{area}/{asset}/telemetry',
  'inputs[].time': '$.time',
};

/** What stands beside settings that have no default. */
const shown: Readonly<Record<string, unknown>> = {
  gateway: 'pump-house',
  'broker.embedded': {
    listen: ':8883',
    passwordFile: '/etc/anomalyd/passwords',
    tls: { cert: '/etc/anomalyd/broker.crt', key: '/etc/anomalyd/broker.key' },
  },
  'broker.clientId': 'anomalyd-pump-house',
  'broker.username': 'anomalyd',
  'broker.password': { file: '/etc/anomalyd/mqtt-password' },
  'broker.ca': '/etc/anomalyd/ca.crt',
  'broker.cert': '/etc/anomalyd/client.crt',
  'broker.key': '/etc/anomalyd/client.key',
  'broker.servername': 'broker.plant.local',
  'bundles[].name': 'pumps',
  'bundles[].falseAlarmsPerAssetWeek': 1,
  'bundles[].levelDrift': 1.3,
  'inputs[].bundle': 'pumps',
  'inputs[].asset': '{area}-{asset}',
  'inputs[].rows': '$.rows',
  'inputs[].signal': '$.name',
  'inputs[].values': '$.values',
  'inputs[].signals': { temp_C: 'temperature' },
  'inputs[].waveform': {
    rateHz: 12_800,
    rpm: '$.rpm',
    bearing: { balls: 9, ballDiameter: 7.94, pitchDiameter: 39.04 },
  },
  'alignment.maxGapMs': 10_000,
  'alarms.overrides': [{ assets: 'pump-7', onDelayS: 30 }],
  'alarms.maintenance': [{ assets: 'pump-*', days: ['sun'], start: '02:00', end: '04:00' }],
  'publish.alertmanager.url': 'http://localhost:9093',
  stateDir: '/var/lib/anomalyd',
};

const width = 110;

/** JSON Schema (2020-12) of the config file, for editors. */
export function configJsonSchema(): Record<string, unknown> {
  const context = { env: {}, directory: '/', hostname: '', readFile: () => '' };
  const schema = z.toJSONSchema(configSchema(context), { io: 'input' });
  const gateway = schema.properties?.gateway;
  // The host name is no default that a file could state.
  if (typeof gateway === 'object') delete gateway.default;
  return { ...schema, title: 'anomalyd config' };
}

/** Every setting with its description and default. `#name:` is a setting to switch on by taking the `#` away. */
export function configExample(): string {
  const head = [
    '# The config of anomalyd. Check it with: anomalyd check --config <this file>',
    '# Settings that begin with # show their default, or an example; take the # away to change them.',
    '# ${NAME} and ${NAME:-default} take environment variables. Relative paths start from the folder of this file.',
    `# yaml-language-server: $schema=${schemaUrl}`,
  ];
  return `${[...head, ...settings(configJsonSchema() as Node, '', '')].join('\n')}\n`;
}

function settings(node: Node, path: string, indent: string): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, optional]) => {
    const child = { ...optional, ...optional.anyOf?.find(({ properties }) => properties !== undefined && path === '') };
    const key = path === '' ? name : `${path}.${name}`;
    const isShown = shown[key] !== undefined;
    const item = isShown ? undefined : child.items;
    const inner = isShown
      ? []
      : item === undefined
        ? settings(child, key, `${indent}  `)
        : asItem(settings(item, `${key}[]`, `${indent}    `));
    const text = [...(path === '' ? [''] : []), ...comment(child, indent)];
    return inner.length === 0
      ? [...text, setting(key, name, child, indent)]
      : [...text, `${indent}${path === '' || item !== undefined ? '' : '#'}${name}:`, ...inner];
  });
}

/** The dash of a list's item stands before its first comment, so that any of its settings may be switched on. */
function asItem([first = '', ...lines]: readonly string[]): string[] {
  return first === '' ? [] : [first.replace(/^( *) {2}/, '$1- '), ...lines];
}

function setting(key: string, name: string, node: Node, indent: string): string {
  const value = chosen[key] ?? shown[key] ?? node.default ?? node.enum?.[0];
  return `${indent}${key in chosen ? '' : '#'}${name}: ${yaml(value)}`;
}

/** Flow style, quoted only where YAML needs it. */
function yaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(yaml).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, one]) => (key === '' ? '' : `${key}: ${yaml(one)}`))
      .join(', ')}}`;
  if (typeof value === 'string')
    return /^[A-Za-z./$][\w./$:-]*$/.test(value) && value !== 'off' ? value : JSON.stringify(value);
  return JSON.stringify(value) ?? '';
}

function comment(node: Node, indent: string): string[] {
  const options = node.enum === undefined ? '' : ` [${node.enum.join(' | ')}]`;
  const words = `${node.description ?? ''}${options}`.trim().split(/\s+/);
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width - indent.length)
      lines[lines.length - 1] = `${last} ${word}`;
    else if (word !== '') lines.push(`${indent}# ${word}`);
  }
  return lines;
}

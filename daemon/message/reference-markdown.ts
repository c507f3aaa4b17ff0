/** The MQTT reference as Markdown, made from the table of messages. */
import { jsonSchema, type MessageKind, messageKinds } from './reference.js';

interface Node {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly anyOf?: readonly Node[];
  readonly items?: Node;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly required?: readonly string[];
}

const intro = `# MQTT reference

<!-- Made by \`npm run docs:mqtt\` from the types in daemon/message; do not edit. -->

All topics stand below one base, \`anomalyd/<gateway>\` unless \`publish.base\` says otherwise. Payloads are JSON in UTF-8; times are ISO 8601 in UTC.
A JSON Schema of each message is in [mqtt/](mqtt/). For operators: [read an alert](read-an-alert.md).

## Life of an alarm

\`\`\`
            severity >= 1            for onDelayS                        acknowledge
  normal ------------------> pending ------------> active (unacknowledged) ---------> acknowledged
    ^                                                |                                    |
    |          below clearAt for offDelayS           |                                    |
    +------------------------------------------------+------------------------------------+
    |  acknowledge                                   | where \`acknowledge: required\`
    +----------------- cleared-unacknowledged <------+
\`\`\`

- \`shelved\`, \`suppressed\` (a maintenance window) and \`out-of-service\` lie over all of these: the alarm goes on beneath, no alert goes out. When the last of
  them ends, what is new is told; an alarm that is there still is told again when the silence ended by itself.
- \`startsAt\`, \`updatedAt\` and \`endsAt\` are event time, as the readings say; on-delay, off-delay and maintenance windows go by it. \`ackedAt\`, shelving and
  re-alarm go by the clock of the gateway. \`data-stale\` goes by that clock too, as silence has no event time.
- \`id\` names one occurrence. It is made by the gateway, is the same after a restart and in every format, and is never used again.
- Severity bands: \`warning\` from 1, \`high\` from \`alarms.highAt\`, \`critical\` from \`alarms.criticalAt\`. An escalation is an alert, a de-escalation only shows in
  the retained state. A band is told once an occurrence.
- An alarm that returns within \`alarms.flapWindowS\` is \`flapping\`: it then stays open until it has been quiet for \`alarms.flapHoldS\`, six times as long after
  each further return.
- One fault may raise both \`machine-anomaly\` and \`sensor-fault\` of an asset. While people know of one of them, the end and the return of the other are no alerts:
  the \`cleared\` of the last one says that both are over. The retained state of each shows its own end at once. [All rules](alarm-rules.md).
- \`latch: true\` keeps an alarm active until someone acknowledges it, \`acknowledge: required\` keeps it as \`cleared-unacknowledged\`. By default the state is
  emptied as soon as all is normal, since not every plant has someone to acknowledge.
- An alarm never ends for lack of data.
- When nothing comes in from any asset although the broker is there, one alarm says so, \`bridge/alarm/data-stale\` of the asset \`bridge\` with its alerts on
  \`bridge/event\`, and no asset gets one of its own: nobody was heard during the later half of one asset's patience (\`alarms.staleAfterS\`), though at least five
  messages of others were to be expected. Availability of each asset turns \`offline\` all the same. When one speaks again, each has its full patience again.
- Assets are known over restarts: one that vanished while anomalyd was away is missed too. \`asset/remove\` forgets one.
- A request that was published with QoS 1 while anomalyd was away is carried out when it is back, if the broker kept it for our session; give \`time\` to
  have it refused when it is more than five minutes old. One that the broker keeps retained is refused.
- After each connection all retained states are published anew, and states of alarms that are no more are emptied.

\`\`\`sh skip="needs a running gateway"
mosquitto_sub -h localhost -v -t 'anomalyd/gateway/+/event'
mosquitto_pub -h localhost -t 'anomalyd/gateway/bridge/request/alarm/ack' -m '{"asset":"pump-3","by":"kim","transaction":"1"}'
\`\`\`

## Messages
`;

/** The whole document. */
export function referenceMarkdown(kinds: readonly MessageKind[] = messageKinds): string {
  const rows = kinds.map(
    ({ topic, qos, retained, direction, name }) =>
      `| \`${topic}\` | ${direction === 'out' ? 'we' : 'you'} | ${qos} | ${retained ? 'yes' : ''} | [${name}](mqtt/${name}.json) |`,
  );
  const table = ['| topic | sent by | QoS | retained | schema |', '|---|---|---|---|---|', ...rows].join('\n');
  return `${intro}\n${table}\n\n${kinds.map(section).join('\n')}`;
}

function section(kind: MessageKind): string {
  const schema: Node = jsonSchema(kind);
  const rows = fields(schema, '').map(([name, type, text]) => `| \`${name}\` | ${type} | ${text} |`);
  return [
    `### \`${kind.topic}\`${kind.name === 'event-lookout' ? ' (lookout)' : ''}`,
    '',
    kind.description,
    '',
    '| field | type | |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

/** One row a field, nested ones by their path. */
function fields(node: Node, prefix: string): [string, string, string][] {
  return Object.entries(node.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const optional = node.required?.includes(name) === false ? ' (optional)' : '';
    const inner = (field.anyOf ?? [field]).flatMap((part) => [
      ...fields(part, `${path}.`),
      ...fields(part.items ?? {}, `${path}[].`),
      ...(typeof part.additionalProperties === 'object' ? fields(part.additionalProperties, `${path}.*.`) : []),
    ]);
    return [[path, typeName(field) + optional, (field.description ?? '').replaceAll('|', '\\|')], ...inner];
  });
}

function typeName(node: Node): string {
  if (node.anyOf !== undefined) return node.anyOf.map(typeName).join(' or ');
  if (node.enum !== undefined) return node.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (node.const !== undefined) return `\`${String(node.const)}\``;
  if (node.type === 'array') return `list of ${typeName(node.items ?? {})}`;
  if (node.format === 'date-time') return [node.type].flat().includes('null') ? 'time or null' : 'time';
  if (typeof node.additionalProperties === 'object' && node.properties === undefined)
    return `object of ${typeName(node.additionalProperties)}`;
  return node.type === undefined ? 'anything' : [node.type].flat().join(' or ');
}

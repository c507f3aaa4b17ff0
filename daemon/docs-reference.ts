/** The parts of docs/config.md and docs/metrics.md that are made from code. `npm run docs:reference` writes them. */
import { type SchemaNode, settingsTable } from '../model/schema-table.js';
import { configJsonSchema } from './config-example.js';
import { metricTable } from './metrics-table.js';

/** From `## Reference` to the end of docs/config.md. */
export function configReference(): string {
  return [
    '## Reference',
    '',
    '<!-- Made by `npm run docs:reference` from the schema; do not edit below. -->',
    '',
    settingsTable(configJsonSchema() as SchemaNode),
    '',
  ].join('\n');
}

export function metricsReference(): string {
  const rows = metricTable.map(
    ({ name, type, labels, help }) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help.replaceAll('|', '\\|')} |`,
  );
  return [
    '# Metrics reference',
    '',
    '<!-- Made by `npm run docs:reference` from daemon/metrics-*.ts; do not edit. -->',
    '',
    'At `/metrics`, on `127.0.0.1:9464` unless `metrics.listen` says otherwise. Base units; `_total` counts since the start; histograms have `_bucket`, `_sum`',
    'and `_count`. No label ever holds the id of an alarm. Besides these there are the usual `process_*` and `nodejs_*`.',
    '',
    '```sh skip="needs a running daemon"',
    'curl -s http://127.0.0.1:9464/metrics | grep anomalyd_severity',
    '```',
    '',
    '| metric | type | labels | |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

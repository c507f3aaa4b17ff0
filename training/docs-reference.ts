/** docs/train-config.md, made from the schema of `train.yaml`. */
import { z } from 'zod';
import { type SchemaNode, settingsTable } from '../model/schema-table.js';
import { trainConfigSchema } from './config.js';
import { recipes } from './recipes/index.js';

export function trainConfigReference(): string {
  const schema = z.toJSONSchema(trainConfigSchema, { io: 'input', unrepresentable: 'any' }) as SchemaNode;
  const { data, detectors, ...properties } = schema.properties ?? {};
  const [one = {}] = data?.anyOf ?? [];
  return [
    '# train.yaml',
    '',
    '<!-- Made by `npm run docs:reference` from training/config.ts; do not edit. -->',
    '',
    'What `anomalyd-train fit --config train.yaml --output DIR` reads. Only `data` is required; paths start from the folder of the file.',
    '',
    settingsTable({
      properties: {
        ...properties,
        ...(detectors && { detectors: { ...detectors, default: undefined } as SchemaNode }),
      },
      required: schema.required ?? [],
    })
      .replace(/^\| `detectors\[\]\..*\n?/gm, '')
      .trimEnd(),
    '',
    '## data',
    '',
    `${data?.description ?? ''}: one of these, or a list of them.`,
    '',
    settingsTable(one, 'data.'),
    ...recipes.flatMap((recipe) => [
      '',
      `## recipe: ${recipe.name}`,
      '',
      `${recipe.summary}.`,
      '',
      settingsTable(z.toJSONSchema(recipe.options, { io: 'input', unrepresentable: 'any' }) as SchemaNode),
    ]),
    '',
  ].join('\n');
}

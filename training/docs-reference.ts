/** docs/train-config.md, made from the schema of `train.yaml`, and the lines of docs/recipes.md that tell defaults. */
import { z } from 'zod';
import { type SchemaNode, settingsTable } from '../model/schema-table.js';
import { trainConfigSchema } from './config.js';
import { recipes } from './recipes/index.js';
import { optimiserOptions, spoilingOptions } from './recipes/recipe.js';

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

/** The text of docs/recipes.md with each line that begins with "- Defaults of `name`:" as the schema has it. */
export function withRecipeDefaults(text: string): string {
  return text.replace(
    /^- Defaults of `([^`]+)`:.*$/gm,
    (_, name: string) => `- Defaults of \`${name}\`: ${defaultsOf(name)}`,
  );
}

/** What is a recipe's own; what all networks have in common is told once, in the reference. */
function defaultsOf(name: string): string {
  const { options } = recipes.find((recipe) => recipe.name === name) ?? {};
  if (options === undefined) throw new Error(`no recipe ${name}`);
  const { properties = {} } = z.toJSONSchema(options, { io: 'input', unrepresentable: 'any' }) as SchemaNode;
  const own = Object.entries(properties).filter(([key]) => !(key in optimiserOptions) && !(key in spoilingOptions));
  const told = own.map(
    ([key, { default: value }]) => `\`${key}\` ${value === undefined ? 'by the data' : JSON.stringify(value)}`,
  );
  return `${told.join(', ')}; [all settings](train-config.md#recipe-${name}).`;
}

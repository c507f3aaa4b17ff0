/** `npm run docs:mqtt`: writes docs/mqtt.md and the JSON Schemas beside it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonSchema, messageKinds } from './message/reference.js';
import { referenceMarkdown } from './message/reference-markdown.js';

const docs = process.argv[2] ?? 'docs';
mkdirSync(join(docs, 'mqtt'), { recursive: true });
writeFileSync(join(docs, 'mqtt.md'), referenceMarkdown());
for (const kind of messageKinds)
  writeFileSync(join(docs, 'mqtt', `${kind.name}.json`), `${JSON.stringify(jsonSchema(kind), null, 2)}\n`);

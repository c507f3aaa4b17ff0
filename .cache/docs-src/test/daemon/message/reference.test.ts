import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jsonSchema, messageKinds } from '../../../daemon/message/reference.js';
import { referenceMarkdown } from '../../../daemon/message/reference-markdown.js';

const docs = join(import.meta.dirname, '../../../docs');

describe('the MQTT reference is current (npm run docs:mqtt)', () => {
  it('docs/mqtt.md', () => {
    expect(readFileSync(join(docs, 'mqtt.md'), 'utf8')).toBe(referenceMarkdown());
  });

  it('docs/mqtt/ holds the schema of each message and nothing else', () => {
    expect(readdirSync(join(docs, 'mqtt')).sort()).toEqual(messageKinds.map(({ name }) => `${name}.json`).sort());
    for (const kind of messageKinds)
      expect(JSON.parse(readFileSync(join(docs, 'mqtt', `${kind.name}.json`), 'utf8'))).toEqual(
        JSON.parse(JSON.stringify(jsonSchema(kind))),
      );
  });

  it('names each field of the alarm', () => {
    for (const field of ['startsAt', 'ackedAt', 'diagnostics[].contribution', 'bundle.hash', 'shelvedUntil'])
      expect(referenceMarkdown()).toContain(`| \`${field}\` |`);
  });
});

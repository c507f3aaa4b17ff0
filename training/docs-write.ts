/** `npm run docs:reference`: writes docs/train-config.md. */
import { writeFileSync } from 'node:fs';
import { trainConfigReference } from './docs-reference.js';

writeFileSync('docs/train-config.md', trainConfigReference());

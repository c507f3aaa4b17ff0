/** `npm run docs:reference`: writes docs/metrics.md, and the reference at the end of docs/config.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { configReference, metricsReference } from './docs-reference.js';

writeFileSync('docs/metrics.md', metricsReference());
const [words = ''] = readFileSync('docs/config.md', 'utf8').split(/^## Reference$/m);
writeFileSync('docs/config.md', `${words}${configReference()}`);

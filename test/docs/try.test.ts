/** Scratch. */
import { it } from 'vitest';
import { runPage } from './runner.js';

it('x', async () => {
  const r = await runPage(process.env.PAGE ?? '', { SKAB: '/work/shared/data/skab' });
  console.log(r.exitCode, r.dir, r.output);
}, 300000);

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { layerHandlers } from '../../training/onnx/layers/index.js';
import { root } from './runner.js';

it('docs/export.md names the layers that can be exported, no more and no less', () => {
  const text = readFileSync(path.join(root, 'docs/export.md'), 'utf8');
  const [, section = ''] = /^## Layers\n([\s\S]*?)\n\nA model/m.exec(text) ?? [];
  const named = [...section.matchAll(/`(\w+)`/g)].map(([, name]) => name);
  expect(named.toSorted()).toEqual(Object.keys(layerHandlers).toSorted());
});

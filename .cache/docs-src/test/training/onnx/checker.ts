/** ONNX's own checker, in one Python process for all models. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireReal } from '../../fixtures/tools.js';

const python = ['/usr/bin/python3', 'python3'].find(
  (program) => spawnSync(program, ['-c', 'import onnx']).status === 0,
);

export const hasChecker = requireReal || python !== undefined;

const script = `
import onnx, sys
for path in sys.argv[1:]:
    try:
        onnx.checker.check_model(onnx.load(path), full_check=True)
    except Exception as error:
        print(path, ' '.join(str(error).split())[:300])
`;

/** `full_check`: schema, types and shapes. Returns one line for each model that fails. */
export function checkModels(models: ReadonlyMap<string, Uint8Array>): string[] {
  if (python === undefined) throw new Error('no python3-onnx');
  const dir = mkdtempSync(join(tmpdir(), 'onnx-check-'));
  try {
    const names = new Map([...models.keys()].map((name, i) => [join(dir, `${i}.onnx`), name]));
    for (const [file, name] of names) writeFileSync(file, models.get(name) ?? new Uint8Array());
    const output = execFileSync(python, ['-c', script, ...names.keys()], { encoding: 'utf8' });
    return output
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [file = '', ...rest] = line.split(' ');
        return `${names.get(file) ?? file}: ${rest.join(' ')}`;
      });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

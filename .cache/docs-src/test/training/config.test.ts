import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseYamlConfig } from '../../model/yaml.js';
import { type TrainConfig, trainConfigSchema } from '../../training/config.js';

const folder = join(import.meta.dirname, 'testdata');
const parse = (text: string, file = 'train.yaml'): TrainConfig => parseYamlConfig(text, file, trainConfigSchema);

describe('train.yaml', () => {
  it.each(readdirSync(folder).filter((name) => name.endsWith('.yaml')))('%s gives its message', (file) => {
    const message = readFileSync(join(folder, file.replace('.yaml', '.txt')), 'utf8').trimEnd();
    expect(() => parse(readFileSync(join(folder, file), 'utf8'), file)).toThrow(
      expect.objectContaining({ name: 'UserError', message }),
    );
  });

  it('needs nothing but data', () => {
    const config = parse('data: {files: "*.csv"}');
    expect(config.detectors.map(({ recipe, name }) => [recipe, name])).toEqual([
      ['lstm', 'lstm'],
      ['dense-ae', 'dense-ae'],
    ]);
    expect(config.detectors[0]?.options).toMatchObject({ hidden: 32, window: 32 });
    expect(config).toMatchObject({ seed: 1, falseAlarmsPerAssetWeek: 1, split: { fit: 0.6 } });
  });

  it('takes short forms: a file, a signal by name, a recipe by name', () => {
    const config = parse(
      'data: {files: a.csv}\nsignals: [flow]\ndetectors: [{recipe: lstm, name: slow, hidden: 8}, dense-ae]\n',
    );
    expect(config.data[0]?.files).toEqual(['a.csv']);
    expect(config.signals).toEqual([{ name: 'flow', unit: '' }]);
    expect(config.detectors[0]).toMatchObject({ recipe: 'lstm', name: 'slow', options: { hidden: 8, batch: 128 } });
  });

  it('takes times without a zone for UTC', () => {
    const times = (from: string) => parse(`data: {files: a.csv, from: "${from}"}`).data[0]?.from;
    expect(times('2024-06-01T12:00:00')).toBe(Date.UTC(2024, 5, 1, 12));
    expect(times('2024-06-01T12:00:00+02:00')).toBe(Date.UTC(2024, 5, 1, 10));
  });
});

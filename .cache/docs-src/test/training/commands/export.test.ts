import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { io, LayersModel } from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../../model/errors.js';
import { openSession } from '../../../model/session.js';
import { exportCommand } from '../../../training/commands/export.js';
import { camelCase } from '../../../training/onnx/settings.js';
import type { Tf } from '../onnx/cases.js';
import { predict, randomInputs, randomise } from '../onnx/random-model.js';

let tf: Tf;
let dir: string;
beforeAll(async () => {
  tf = (await import('@tensorflow/tfjs')).default;
  tf.enableProdMode();
  await tf.setBackend('cpu');
  dir = await mkdtemp(join(tmpdir(), 'export-'));
});
afterAll(() => rm(dir, { recursive: true }));

function network(): LayersModel {
  const model = tf.sequential({
    layers: [
      tf.layers.lstm({ units: 4, inputShape: [6, 3], returnSequences: true }),
      tf.layers.bidirectional({
        layer: tf.layers.gru({ units: 3, recurrentActivation: 'hardSigmoid' }) as never,
        mergeMode: 'concat',
      }),
      tf.layers.dense({ units: 2, activation: 'hardSigmoid' }),
    ],
  });
  randomise(tf, model, 'saved');
  return model;
}

/** As a browser or tensorflowjs_converter would leave it, weights in two files. */
async function save(
  model: LayersModel,
  name: string,
  change: (topology: object) => object = (same) => same,
): Promise<string> {
  let artifacts: io.ModelArtifacts | undefined;
  await model.save({
    save: async (saved) => {
      artifacts = saved;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    },
  });
  const weights = Buffer.from(artifacts!.weightData as ArrayBuffer);
  const paths = [`${name}.1of2.bin`, `${name}.2of2.bin`];
  await writeFile(join(dir, paths[0]!), weights.subarray(0, 100));
  await writeFile(join(dir, paths[1]!), weights.subarray(100));
  const file = join(dir, `${name}.json`);
  const manifest = [{ paths, weights: artifacts!.weightSpecs }];
  await writeFile(
    file,
    JSON.stringify({
      format: 'layers-model',
      modelTopology: change(artifacts!.modelTopology as object),
      weightsManifest: manifest,
    }),
  );
  return file;
}

async function run(...args: string[]): Promise<string[]> {
  const lines: string[] = [];
  await exportCommand((line) => lines.push(line)).parseAsync(args, { from: 'user' });
  return lines;
}

const camelKeys = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(camelKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [camelCase(key), camelKeys(inner)]));
};

describe.each([
  ['snake_case, as saved', (topology: object) => topology],
  ['camelCase', (topology: object) => camelKeys(topology) as object],
  ['inside a Keras config', (topology: object) => ({ keras_version: '2.9', model_config: topology })],
])('keys in %s', (_, change) => {
  test('the written file gives what the model gave before it was saved', async () => {
    const model = network();
    const file = await save(model, 'model', change);
    const output = join(dir, 'model.onnx');
    const [line, ...more] = await run('--layers', file, '--output', output);
    expect(more).toEqual([]);
    expect(line).toMatch(
      /model\.onnx: \d+ nodes, \d+ parameters, \d+ bytes, opset 17; differs from tfjs by \d\.\de-\d+ at/,
    );
    const session = await openSession(await readFile(output));
    const inputs = randomInputs(model, 'saved', 3);
    const [expected] = predict(tf, model, inputs);
    const [actual] = Object.values(await session.run({ [session.inputNames[0]!]: inputs[0]! }));
    expected!.forEach((value, i) => {
      expect(actual![i]).toBeCloseTo(value, 5);
    });
    await session.close();
  });
});

describe('what can not be exported', () => {
  const model = (content: unknown) => async () => {
    const file = join(dir, 'bad.json');
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  };
  const bad: readonly (readonly [string, () => Promise<string>, RegExp])[] = [
    ['a missing file', async () => join(dir, 'none.json'), /none\.json: This file can not be read/],
    ['no JSON', model('x'), /bad\.json: This is not JSON\. Name the model\.json/],
    ['another JSON', model({ a: 1 }), /it has no modelTopology/],
    ['a graph model', model({ format: 'graph-model', modelTopology: {} }), /This is a graph model/],
    [
      'an unknown layer',
      model({ modelTopology: { class_name: 'Nobody', config: {} } }),
      /The model does not load: .*Nobody/,
    ],
    [
      'missing weights',
      async () => {
        const file = await save(network(), 'lost');
        await rm(join(dir, 'lost.2of2.bin'));
        return file;
      },
      /lost\.2of2\.bin: This file can not be read\. The weight files must stand beside/,
    ],
    [
      'a layer without handler',
      () => save(tf.sequential({ layers: [tf.layers.masking({ inputShape: [3, 2], name: 'gone' })] }), 'masked'),
      /layer "gone" \(Masking\) is of a class/,
    ],
  ];
  test.each(bad)('%s', async (_, prepare, message) => {
    const file = await prepare();
    const output = join(dir, 'never.onnx');
    const error: unknown = await run('--layers', file, '--output', output).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(message);
    await expect(readFile(output)).rejects.toThrow('ENOENT');
  });
});

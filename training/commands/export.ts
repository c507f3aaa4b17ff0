/** `anomalyd-train export`: any tfjs layers model as an .onnx file, checked against tfjs before it is written. */
import { writeFile } from 'node:fs/promises';
import type { LayersModel } from '@tensorflow/tfjs';
import { Command, Option } from 'commander';
import { UserError } from '../../model/errors.js';
import { Random } from '../../model/random.js';
import type { GraphInput } from '../../model/session.js';
import { readLayersModel } from '../layers-file.js';
import { toOnnx } from '../onnx/export.js';
import type { Opset } from '../onnx/graph.js';
import { decodeModel } from '../onnx/proto.js';
import { checkParity, type Parity } from '../parity.js';
import { loadTensorFlow, type TensorFlow } from '../tensorflow/load.js';

/** Batches that are compared, and the length that stands in for lengths that the model leaves open. */
const batches = [1, 2, 7, 64];
const openLength = 8;

interface ExportArguments {
  readonly layers: string;
  readonly output: string;
  readonly opset: string;
}

export function exportCommand(print: (line: string) => void = console.log): Command {
  return new Command('export')
    .description('writes a TensorFlow.js layers model as ONNX')
    .requiredOption('--layers <file>', 'model.json of the layers model; its weight files stand beside it')
    .requiredOption('--output <file>', 'the .onnx file to write')
    .addOption(new Option('--opset <number>', 'operator set: 13 for old runtimes').choices(['17', '13']).default('17'))
    .action(async ({ layers, output, opset }: ExportArguments) => {
      const { tf } = await loadTensorFlow({ choice: 'wasm' });
      const model = await readLayersModel(tf, layers);
      const bytes = toOnnx(model, { opset: Number(opset) as Opset });
      const { maxDifference, compared } = await compare(tf, model, bytes);
      await writeFile(output, bytes).catch((cause: unknown) => {
        throw new UserError('This file can not be written.', { file: output }, '', { cause });
      });
      const { node } = decodeModel(bytes).graph;
      print(
        `${output}: ${node.length} nodes, ${model.countParams()} parameters, ${bytes.length} bytes, opset ${opset}; ` +
          `differs from tfjs by ${maxDifference.toExponential(1)} at most (relative, of numbers above 1) in ${compared} numbers`,
      );
    });
}

/** @throws UserError above the parity limit */
async function compare(tf: TensorFlow, model: LayersModel, bytes: Uint8Array): Promise<Parity> {
  const { graph } = decodeModel(bytes);
  const names = { inputs: graph.input.map(({ name }) => name), outputs: graph.output.map(({ name }) => name) };
  const random = new Random('export');
  const feeds = batches.map((batch) =>
    Object.fromEntries(names.inputs.map((name, i) => [name, randomInput(model, i, batch, random)])),
  );
  return checkParity(
    (inputs) =>
      tf.tidy(() => {
        const tensors = names.inputs.flatMap((name) => {
          const input = inputs[name];
          return input === undefined ? [] : [tf.tensor(input.data, [...input.dims])];
        });
        const outputs = [model.predict(tensors, { batchSize: batches.at(-1) ?? 1 })].flat();
        return Object.fromEntries(outputs.map((tensor, i) => [names.outputs[i], Float32Array.from(tensor.dataSync())]));
      }),
    bytes,
    feeds,
  );
}

function randomInput(model: LayersModel, i: number, batch: number, random: Random): GraphInput {
  const tensor = model.inputs[i];
  const dims = (tensor?.shape ?? []).map((length, axis) => length ?? (axis === 0 ? batch : openLength));
  const vocabulary = model.layers
    .filter((layer) => layer.getClassName() === 'Embedding')
    .filter((layer) => layer.inboundNodes.some(({ inputTensors }) => inputTensors.some(({ id }) => id === tensor?.id)))
    .map((layer) => Number(layer.getConfig().inputDim));
  const draw = () => (vocabulary.length > 0 ? Math.floor(random.uniform(0, Math.min(...vocabulary))) : random.normal());
  return { data: Float32Array.from({ length: dims.reduce((size, length) => size * length, 1) }, draw), dims };
}

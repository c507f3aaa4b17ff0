/** `toOnnx`: a tfjs LayersModel as the bytes of an `.onnx` file. */
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';
import type { LayerHandler } from './call.js';
import { type Dim, GraphBuilder, type Opset } from './graph.js';
import { emitModel } from './model.js';

export interface ToOnnxOptions {
  /** 17 (IR 8), or 13 (IR 7) for old runtimes. */
  readonly opset?: Opset;
  /** Of the graph; the model's by default. */
  readonly name?: string;
  /** In the model's order; by default the names of its input and output layers. */
  readonly inputNames?: readonly string[];
  readonly outputNames?: readonly string[];
  /** Goes into the file's metadata_props. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** How to emit layers of your own classes, by `className`; also replaces built-in handlers. */
  readonly handlers?: Readonly<Record<string, LayerHandler>>;
}

/**
 * Exports what `model.predict` computes: dropout and noise are gone, batch normalisation has its running statistics.
 *
 * Lengths that tfjs does not know stay symbolic: the batch is `N`, others are named after their input and axis. Inputs are float32; outputs differ from
 * tfjs's CPU backend by rounding only (1e-5 at values around 1).
 * @throws UserError that names layer and class where a layer or one of its settings can't be exported
 */
export function toOnnx(model: LayersModel, options: ToOnnxOptions = {}): Uint8Array {
  const graph = new GraphBuilder({
    name: options.name ?? model.name,
    ...(options.opset === undefined ? {} : { opset: options.opset }),
    ...(options.metadata === undefined ? {} : { metadata: options.metadata }),
  });
  const names = distinct([
    ...model.inputs.map((tensor, i) => options.inputNames?.[i] ?? tensor.sourceLayer.name),
    ...model.outputs.map((tensor, i) => options.outputNames?.[i] ?? tensor.sourceLayer.name),
  ]);
  const inputs = model.inputs.map((tensor, i) => {
    const name = names[i] ?? '';
    return graph.input(name, dims(tensor, name));
  });
  const outputs = emitModel(graph, model, inputs, options.handlers === undefined ? {} : { handlers: options.handlers });
  outputs.forEach((value, i) => {
    const name = names[model.inputs.length + i] ?? '';
    const tensor = model.outputs[i];
    if (tensor !== undefined) graph.output(name, value, dims(tensor, name));
  });
  return graph.encode();
}

function dims({ shape }: SymbolicTensor, name: string): Dim[] {
  return shape.map((length, axis) => length ?? (axis === 0 ? 'N' : `${name}_${axis}`));
}

/** Adds `_1`, `_2` ... to names that come again. */
function distinct(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.map((base) => {
    let name = base;
    for (let i = 1; seen.has(name); i++) name = `${base}_${i}`;
    seen.add(name);
    return name;
  });
}

/** Layers that hold layers: TimeDistributed, and a model as a layer. */
import type { LayersModel, layers } from '@tensorflow/tfjs';
import type { LayerHandler } from '../call.js';
import type { Value } from '../graph.js';

/** Classes that work on the last axis alone and so need no reshaping. */
const lastAxisOnly = new Set(['Dense', 'Activation', 'Dropout', 'ReLU', 'LeakyReLU', 'ELU', 'ThresholdedReLU']);

/** One layer for every step: steps become examples, [N, T, ...] -> [N T, ...], and come back. */
export const timeDistributed: LayerHandler = (call) => {
  const { graph } = call;
  // Not in the d.ts.
  const inner = (call.layer as unknown as { readonly layer: layers.Layer }).layer;
  const [, steps, ...rest] = call.inputShape;
  if (lastAxisOnly.has(inner.getClassName())) return call.emit(inner, [call.input], [call.inputShape]);
  const outer = call.outputShape.slice(2);
  if (rest.some((length) => length === null) || outer.some((length) => length === null))
    call.refuse('has steps of unknown shape', 'Give its input a fixed shape.');
  const flat = graph.node('Reshape', [call.input, graph.integers([-1, ...rest.map(Number)])]);
  const [y] = call.emit(inner, [flat], [[null, ...rest]]);
  if (y === undefined) return call.refuse('wraps a layer without output');
  return graph.node('Reshape', [y, shape()]);

  function shape(): Value {
    if (typeof steps === 'number') return graph.integers([-1, steps, ...outer.map(Number)]);
    const batchAndSteps = graph.node('Slice', [
      graph.node('Shape', [call.input]),
      graph.integers([0]),
      graph.integers([2]),
    ]);
    return graph.node('Concat', [batchAndSteps, graph.integers(outer.map(Number))], { axis: 0 });
  }
};

export function isModel(layer: layers.Layer): layer is LayersModel {
  const { inputs, outputs } = layer as Partial<LayersModel>;
  return Array.isArray(inputs) && Array.isArray(outputs);
}

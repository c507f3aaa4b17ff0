/** A LayersModel, functional or sequential, as nodes of a graph: the walk from its outputs back to its inputs. */
import type { LayersModel, layers, SymbolicTensor } from '@tensorflow/tfjs';
import { type EmitLayer, LayerCall, type LayerHandler, refusal, type Shape, type StateCarrier } from './call.js';
import type { GraphBuilder, Value } from './graph.js';
import { layerHandlers } from './layers/index.js';
import { isModel } from './layers/wrapper.js';

export interface EmitOptions {
  /** Handlers of the caller's own layers, by class name; they go before the built-in ones. */
  readonly handlers?: Readonly<Record<string, LayerHandler>>;
  /** States of recurrent layers, in the order in which they are met. */
  readonly carrier?: StateCarrier | undefined;
}

/**
 * Emits `model` applied to `inputs`.
 * @returns its outputs, in the model's order
 * @throws UserError that names the layer and its class where one can't be exported
 */
export function emitModel(
  graph: GraphBuilder,
  model: LayersModel,
  inputs: readonly Value[],
  options: EmitOptions = {},
): Value[] {
  if (inputs.length !== model.inputs.length)
    throw new Error(`${model.inputs.length} inputs wanted, ${inputs.length} given`);
  const known = new Map<number, Value>();
  model.inputs.forEach((tensor, i) => {
    const value = inputs[i];
    if (value !== undefined) known.set(tensor.id, value);
  });
  return model.outputs.map(resolve);

  function resolve(tensor: SymbolicTensor): Value {
    const value = known.get(tensor.id);
    if (value !== undefined) return value;
    const layer = tensor.sourceLayer;
    const node = layer.inboundNodes[tensor.nodeIndex];
    if (node === undefined) throw new Error(`layer ${layer.name} has no node ${tensor.nodeIndex}`);
    const values = emitLayer(
      layer,
      node.inputTensors.map(resolve),
      node.inputTensors.map(({ shape }) => shape),
      node.outputTensors.map(({ shape }) => shape),
    );
    node.outputTensors.forEach(({ id }, i) => {
      const output = values[i];
      if (output !== undefined) known.set(id, output);
    });
    const output = known.get(tensor.id);
    if (output === undefined) throw refusal(layer, `has more outputs than its handler gives`);
    return output;
  }

  function emitLayer(
    layer: layers.Layer,
    values: readonly Value[],
    inputShapes: readonly Shape[],
    outputShapes: readonly Shape[],
  ): readonly Value[] {
    return graph.within(layer.name, () => {
      const name = layer.getClassName();
      const own = options.handlers;
      const handler = own !== undefined && Object.hasOwn(own, name) ? own[name] : undefined;
      if (handler === undefined && isModel(layer)) return emitModel(graph, layer, values, options);
      const chosen = handler ?? (Object.hasOwn(layerHandlers, name) ? layerHandlers[name] : undefined);
      if (chosen === undefined)
        throw refusal(
          layer,
          'is of a class that can not be exported',
          'Replace it, or register a handler for its class (option `handlers` of toOnnx).',
        );
      const call = new LayerCall(graph, layer, values, inputShapes, outputShapes, emitInner, options.carrier);
      const outputs = chosen(call);
      return isList(outputs) ? outputs : [outputs];
    });
  }

  function emitInner(...[layer, values, shapes]: Parameters<EmitLayer>): readonly Value[] {
    const outputShape = layer.computeOutputShape(shapes.map((shape) => [...shape]));
    const list = Array.isArray(outputShape[0]) ? (outputShape as Shape[]) : [outputShape as Shape];
    return emitLayer(layer, values, shapes, list);
  }
}

function isList(outputs: Value | readonly Value[]): outputs is readonly Value[] {
  return Array.isArray(outputs);
}

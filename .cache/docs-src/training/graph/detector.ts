/** What detector graphs share: their options, what is told of them, and small moves between frames. */
import type { LayersModel } from '@tensorflow/tfjs';
import type { StateCarrier } from '../onnx/call.js';
import type { GraphBuilder, GraphOptions, Value } from '../onnx/graph.js';
import { emitModel } from '../onnx/model.js';
import { clip, type Frames, inputLimit, networkInput, type Scaling } from './frames.js';
import { frameInput, type NetworkOptions } from './network.js';
import type { Whitening } from './scores.js';

export interface DetectorOptions extends Scaling, NetworkOptions, GraphOptions {
  /** [N, T, C] scaled frames or [N, T, 2C] with what is known (1 or 0) behind, -> [N, T, C] or [N, C], scaled. */
  readonly model: LayersModel;
  /** Absent: residuals count as they are; for the run that whitening is learned from. */
  readonly whitening?: Whitening;
  /** What enters the network is within +- this many spreads; 8 by default. The residual is not clipped. */
  readonly limit?: number;
}

/** A graph of the detector contract, with what the manifest says of it. */
export interface DetectorGraph {
  readonly bytes: Uint8Array;
  readonly kind: 'window' | 'recurrent';
  /** T; 1 for recurrent graphs, which take any T. */
  readonly window: number;
  /** S; 0 for window graphs. */
  readonly stateSize: number;
  readonly opset: number;
  /** Numbers in the graph. */
  readonly parameters: number;
}

/** Applies the network to scaled frames [N, T, C], with what is known where it asks for it. */
export function applyNetwork(
  graph: GraphBuilder,
  frames: Frames,
  options: DetectorOptions,
  carrier?: StateCarrier,
): Value {
  const { model, center, limit = inputLimit } = options;
  const { masked } = frameInput(model, center.length);
  const input = masked ? networkInput(graph, frames, limit) : clip(graph, frames.scaled, limit);
  const [output] = emitModel(graph, model, [input], { ...options, carrier });
  if (output === undefined) throw new Error('a model without output');
  return output;
}

/** [N, T, C] -> [N, 1, C], the last frame; [N, C] gets its axis. */
export function newest(graph: GraphBuilder, value: Value, rank = 3): Value {
  const axis = graph.integers([1]);
  if (rank === 2) return graph.node('Unsqueeze', [value, axis]);
  return graph.node('Slice', [value, graph.integers([-1]), graph.integers([2 ** 31 - 1]), axis]);
}

export function describe(
  graph: GraphBuilder,
  kind: DetectorGraph['kind'],
  window: number,
  stateSize: number,
): DetectorGraph {
  return { bytes: graph.encode(), kind, window, stateSize, opset: graph.opset, parameters: graph.parameters };
}

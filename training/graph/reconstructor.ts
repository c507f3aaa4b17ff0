/** Detector graphs that judge the newest frame by how a network rebuilds it from its window. */
import { UserError } from '../../model/errors.js';
import { GraphBuilder } from '../onnx/graph.js';
import { applyNetwork, type DetectorGraph, type DetectorOptions, describe, newest } from './detector.js';
import { scaleFrames } from './frames.js';
import { frameInput, outputShape } from './network.js';
import { scoreOutputs } from './scores.js';

/**
 * Window form: x [N, T, C] -> score [N, 1] and the others of the newest frame, which `model` reconstructs from all T frames;
 * of an output [N, T, C] the last frame counts.
 */
export function reconstructorGraph(options: DetectorOptions): DetectorGraph {
  const { model, center } = options;
  const C = center.length;
  const { frames: window } = frameInput(model, C);
  if (window === null) throw new UserError('A reconstructor needs a network with a fixed number of frames.');
  const graph = new GraphBuilder(options);
  const frames = scaleFrames(graph, graph.input('x', ['N', window, C]), options);
  const reconstruction = applyNetwork(graph, frames, options);
  const expected = newest(graph, reconstruction, outputShape(model, C).length);
  scoreOutputs(
    graph,
    { scaled: newest(graph, frames.scaled), known: newest(graph, frames.known), expected },
    options,
    options.whitening,
  );
  return describe(graph, 'window', window, 0);
}

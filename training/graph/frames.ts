/** The shared beginning of every detector graph: raw frames with gaps -> scaled values and what is known. */
import type { GraphBuilder, Value } from '../onnx/graph.js';

/** What is normal for each signal, in engineering units; [C] each. */
export interface Scaling {
  readonly center: readonly number[];
  /** Above 0. */
  readonly scale: readonly number[];
}

export interface Frames {
  /** [N, T, C] 1 where there is a finite value, else 0 */
  readonly known: Value;
  /** [N, T, C] (x - center) / scale, 0 where missing, within +-`farLimit` */
  readonly scaled: Value;
}

/** Beyond this many spreads a value is as strange as it gets; squares and sums of it stay finite in float32. */
export const farLimit = 1e6;
/** What enters a network: it has seen no more, and must not saturate for all other signals. */
export const inputLimit = 8;

const largestFloat = 3.4028234663852886e38;

/** @param x [N, T, C] in engineering units; NaN and infinities are missing */
export function scaleFrames(graph: GraphBuilder, x: Value, { center, scale }: Scaling): Frames {
  const middle = spread(graph, center, x, 'center');
  // False for NaN and infinities, in two nodes instead of four.
  const isKnown = graph.node('LessOrEqual', [graph.node('Abs', [x]), graph.constant(largestFloat)]);
  const filled = graph.node('Where', [isKnown, x, middle]);
  const scaled = graph.node('Div', [graph.node('Sub', [filled, middle]), spread(graph, scale, x, 'scale')]);
  return { known: graph.node('Cast', [isKnown], { to: 1 }), scaled: clip(graph, scaled, farLimit) };
}

/** `values` [C] in every row of what `like` [..., C] holds: onnxruntime is slow to do so within an operation, a row of a few signals at a time, and quick beforehand. */
export function spread(graph: GraphBuilder, values: readonly number[], like: Value, hint: string): Value {
  return graph.node('Expand', [graph.constant(values, [values.length], hint), graph.node('Shape', [like])]);
}

/** [N, T, 2C]: values within +-`limit`, then what is known: so a gap is not taken for a normal value. */
export function networkInput(graph: GraphBuilder, { scaled, known }: Frames, limit = inputLimit): Value {
  return graph.node('Concat', [clip(graph, scaled, limit), known], { axis: -1 });
}

export function clip(graph: GraphBuilder, x: Value, limit: number): Value {
  return graph.node('Clip', [x, graph.constant(-limit), graph.constant(limit)]);
}

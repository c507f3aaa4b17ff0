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

/**
 * @param x [N, T, C] in engineering units; NaN and infinities are missing
 * @param frames T, where it is fixed: onnxruntime is slow to spread [C] over many short rows, so that each window is scaled as one long row
 */
export function scaleFrames(graph: GraphBuilder, x: Value, { center, scale }: Scaling, frames = 1): Frames {
  const C = center.length;
  const long = (values: readonly number[], hint: string) =>
    graph.constant(Array.from({ length: frames }, () => values).flat(), [frames * C], hint);
  const shaped = (value: Value, ...shape: number[]) =>
    frames === 1 ? value : graph.node('Reshape', [value, graph.integers(shape)]);
  const rows = shaped(x, -1, frames * C);
  const middle = long(center, 'center');
  // False for NaN and infinities, in two nodes instead of four.
  const isKnown = graph.node('LessOrEqual', [graph.node('Abs', [rows]), graph.constant(largestFloat)]);
  const filled = graph.node('Where', [isKnown, rows, middle]);
  const scaled = graph.node('Div', [graph.node('Sub', [filled, middle]), long(scale, 'scale')]);
  return {
    known: shaped(graph.node('Cast', [isKnown], { to: 1 }), -1, frames, C),
    scaled: shaped(clip(graph, scaled, farLimit), -1, frames, C),
  };
}

/** [N, T, 2C]: values within +-`limit`, then what is known: so a gap is not taken for a normal value. */
export function networkInput(graph: GraphBuilder, { scaled, known }: Frames, limit = inputLimit): Value {
  return graph.node('Concat', [clip(graph, scaled, limit), known], { axis: -1 });
}

export function clip(graph: GraphBuilder, x: Value, limit: number): Value {
  return graph.node('Clip', [x, graph.constant(-limit), graph.constant(limit)]);
}

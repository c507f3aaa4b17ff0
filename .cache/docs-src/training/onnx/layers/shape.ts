/** Layers that move values and compute nothing: reshape, permute, repeat, pad, crop, resize. */
import type { LayerCall, LayerHandler } from '../call.js';

export const flatten: LayerHandler = (call) => {
  const { graph, rank } = call;
  // A flattened channelsFirst tensor has its channels last.
  const last = Array.from({ length: rank - 2 }, (_, i) => i + 2);
  const x =
    call.settings.text('dataFormat', 'channelsLast') === 'channelsFirst'
      ? graph.node('Transpose', [call.input], { perm: [0, ...last, 1] })
      : call.input;
  return graph.node('Flatten', [x], { axis: 1 });
};

/** 0 keeps the batch, -1 is what is left over. */
export const reshape: LayerHandler = (call) => {
  const target = call.settings.value('targetShape');
  if (!Array.isArray(target)) return call.refuse('has no targetShape');
  const dims = target.map((dim: unknown) => (typeof dim === 'number' && dim >= 0 ? dim : -1));
  return call.graph.node('Reshape', [call.input, call.graph.integers([0, ...dims])]);
};

export const permute: LayerHandler = (call) =>
  call.graph.node('Transpose', [call.input], { perm: [0, ...(call.settings.numbers('dims') ?? [])] });

/** [N, F] -> [N, n, F] */
export const repeatVector: LayerHandler = ({ graph, input, settings }) => {
  const row = graph.node('Unsqueeze', [input, graph.integers([1])]);
  return graph.node('Tile', [row, graph.integers([1, settings.number('n', 1), 1])]);
};

/** Pairs [before, after] of rows and columns. */
type Margins = readonly [readonly [number, number], readonly [number, number]];

function margins(call: LayerCall, key: string): Margins {
  return (call.settings.value(key) ?? call.refuse(`has no ${key}`)) as Margins;
}

function firstSpatialAxis(call: LayerCall): number {
  return call.settings.text('dataFormat', 'channelsLast') === 'channelsFirst' ? 2 : 1;
}

export const zeroPadding2d: LayerHandler = (call) => {
  const { graph, input, rank } = call;
  const first = firstSpatialAxis(call);
  const pads = new Array<number>(2 * rank).fill(0);
  margins(call, 'padding').forEach(([before, after], i) => {
    pads[first + i] = before;
    pads[rank + first + i] = after;
  });
  return graph.node('Pad', [input, graph.integers(pads), graph.constant(0)], { mode: 'constant' });
};

export const cropping2d: LayerHandler = (call) => {
  const { graph } = call;
  const first = firstSpatialAxis(call);
  const cut = margins(call, 'cropping');
  const starts = cut.map(([before]) => before);
  // An end of 0 would be the first row: take one that is beyond any.
  const ends = cut.map(([, after]) => (after === 0 ? 2 ** 31 - 1 : -after));
  return graph.node('Slice', [
    call.input,
    graph.integers(starts),
    graph.integers(ends),
    graph.integers([first, first + 1]),
  ]);
};

/** Pixel i of the output is at i / size of the input ("asymmetric"), unlike Keras' half pixels. */
export const upSampling2d: LayerHandler = (call) => {
  const { graph, settings } = call;
  const [rows, columns] = settings.numbers('size') ?? [2, 2];
  if (rows === undefined || columns === undefined) return call.refuse('has no size of two numbers');
  const first = settings.text('dataFormat', 'channelsLast') === 'channelsFirst';
  const x = first ? call.input : graph.node('Transpose', [call.input], { perm: [0, 3, 1, 2] });
  const nearest = settings.text('interpolation', 'nearest') === 'nearest';
  const y = graph.node('Resize', [x, undefined, graph.constant([1, 1, rows, columns])], {
    coordinate_transformation_mode: 'asymmetric',
    mode: nearest ? 'nearest' : 'linear',
    ...(nearest ? { nearest_mode: 'floor' } : {}),
  });
  return first ? y : graph.node('Transpose', [y], { perm: [0, 2, 3, 1] });
};

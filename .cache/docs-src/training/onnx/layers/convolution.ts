/** Convolutions of one to three spatial axes: plain, depthwise, separable, transposed. */
import type { LayerCall, LayerHandler, Weight } from '../call.js';
import type { Value } from '../graph.js';
import { activate } from './dense.js';
import {
  fromChannelsFirst,
  isChannelsFirst,
  pads,
  perAxis,
  permuted,
  toChannelsFirst,
  type Window,
} from './spatial.js';

function window(call: LayerCall): Window {
  const axes = call.rank - 2;
  return {
    kernel: perAxis(call, 'kernelSize', axes),
    strides: perAxis(call, 'strides', axes),
    dilations: perAxis(call, 'dilationRate', axes),
  };
}

function attributes(call: LayerCall, { kernel, strides, dilations }: Window) {
  return { kernel_shape: kernel, strides, dilations, pads: pads(call, { kernel, strides, dilations }) };
}

/** [k..., I, O] -> [O, I, k...] */
function convolutionKernel(call: LayerCall, weight: Weight): Value {
  const axes = weight.shape.length - 2;
  const { data, shape } = permuted(weight, [axes + 1, axes, ...Array.from({ length: axes }, (_, i) => i)]);
  return call.graph.constant(data, shape, 'kernel');
}

function bias(call: LayerCall): Value | undefined {
  return call.optionalWeight('bias') === undefined ? undefined : call.constant('bias');
}

/** y[n, t, o] = f(b[o] + sum x[n, stride t + dilation k - pad, i] K[k, i, o]) */
export const convolution: LayerHandler = (call) => {
  // tfjs's Conv1D leaves the channels last when it was told they come first.
  if (call.rank === 3 && isChannelsFirst(call)) call.refuse('has channelsFirst, which tfjs itself gets wrong');
  const x = toChannelsFirst(call, call.input);
  const kernel = convolutionKernel(call, call.weight('kernel'));
  const y = call.graph.node('Conv', [x, kernel, bias(call)], attributes(call, window(call)));
  return activate(call, fromChannelsFirst(call, y));
};

/** One group a channel: [kh, kw, C, M] -> [C M, 1, kh, kw] */
function depthwise(call: LayerCall, x: Value, size: Window, b: Value | undefined): Value {
  const weight = call.weight('depthwise_kernel');
  const [kh = 1, kw = 1, channels = 1, multiplier = 1] = weight.shape;
  const { data } = permuted(weight, [2, 3, 0, 1]);
  const kernel = call.graph.constant(data, [channels * multiplier, 1, kh, kw], 'depthwise_kernel');
  return call.graph.node('Conv', [x, kernel, b], { ...attributes(call, size), group: channels });
}

export const depthwiseConvolution: LayerHandler = (call) => {
  // tfjs ignores the dilation of this layer, and so must who wants its numbers.
  const size = { ...window(call), dilations: [1, 1] };
  const y = depthwise(call, toChannelsFirst(call, call.input), size, bias(call));
  return activate(call, fromChannelsFirst(call, y));
};

/** A depthwise convolution without bias, then one of 1 x 1. */
export const separableConvolution: LayerHandler = (call) => {
  // tfjs adds the bias along the wrong axis and applies the activation before it moves the channels.
  if (isChannelsFirst(call)) call.refuse('has channelsFirst, which tfjs itself gets wrong');
  const middle = depthwise(call, toChannelsFirst(call, call.input), window(call), undefined);
  const pointwise = convolutionKernel(call, call.weight('pointwise_kernel'));
  const y = call.graph.node('Conv', [middle, pointwise, bias(call)], { kernel_shape: [1, 1] });
  return activate(call, fromChannelsFirst(call, y));
};

/**
 * The gradient of a convolution: [k..., O, I] -> [I, O, k...]. Lengths: "same" L stride; "valid" L stride + max(k - stride, 0).
 * "same" cuts max(k - stride, 0) off, the odd one at the end; where the kernel is shorter than the stride, zeros fill up at the end.
 */
export const transposedConvolution: LayerHandler = (call) => {
  const weight = call.weight('kernel');
  const axes = call.rank - 2;
  const { kernel, strides } = window(call);
  if (call.settings.numbers('dilationRate')?.some((rate) => rate !== 1)) call.refuse('has a dilation');
  const spatial = Array.from({ length: axes }, (_, i) => i);
  const { data, shape } = permuted(weight, [axes + 1, axes, ...spatial]);
  const same = call.settings.text('padding', 'valid') === 'same';
  const totals = kernel.map((length, i) => (same ? Math.max(length - (strides[i] ?? 1), 0) : 0));
  const begins = totals.map((total) => Math.floor(total / 2));
  const y = call.graph.node(
    'ConvTranspose',
    [toChannelsFirst(call, call.input), call.graph.constant(data, shape, 'kernel'), bias(call)],
    {
      kernel_shape: kernel,
      strides,
      pads: [...begins, ...totals.map((total, i) => total - (begins[i] ?? 0))],
      output_padding: kernel.map((length, i) => Math.max((strides[i] ?? 1) - length, 0)),
    },
  );
  return activate(call, fromChannelsFirst(call, y));
};

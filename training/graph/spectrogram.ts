/**
 * Spectrograms inside detector graphs: a window of frames -> the logarithm of its power by time and frequency, by short-time Fourier transform (Allen & Rabiner 1977). The transform is
 * a convolution with Hann-windowed sines, which onnxruntime computes faster and more closely than its own STFT.
 */
import { GraphBuilder, type Value } from '../onnx/graph.js';
import { clip, type Frames, type Scaling, scaleFrames } from './frames.js';

export interface SpectrogramShape {
  /** Frames of one spectrum, a power of two; spectra overlap by half. */
  readonly fft: number;
  /** S: spectra side by side. */
  readonly columns: number;
}

/** In scaled units, of which white noise of a normal spread has 1 in each bin; what is quieter is no sound. */
const leastPower = 1e-3;
/** More is not told apart: sums of larger values lose what is small. */
const loudest = 100;

/** T: frames of a window. */
export function windowOf({ fft, columns }: SpectrogramShape): number {
  return fft + ((columns - 1) * fft) / 2;
}

/** F: bins of 1..fft/2 periods a spectrum. Bin 0 is the signal's level, which others judge. */
export function binsOf({ fft }: SpectrogramShape): number {
  return fft / 2;
}

/** [2F, fft] cosines, then sines, under a Hann window, free of the mean, and scaled so that white noise of variance 1 has power 1. */
function kernels(fft: number): number[][] {
  const hann = Array.from({ length: fft }, (_, t) => Math.sin((Math.PI * (t + 0.5)) / fft) ** 2);
  const energy = hann.reduce((sum, w) => sum + w * w, 0);
  const wave = (form: (phase: number) => number, bin: number) => {
    const values = hann.map((w, t) => (w * form((2 * Math.PI * bin * t) / fft)) / Math.sqrt(energy));
    const mean = values.reduce((sum, value) => sum + value, 0) / fft;
    return values.map((value) => Math.fround(value - mean));
  };
  const bins = Array.from({ length: fft / 2 }, (_, f) => f + 1);
  return [...bins.map((bin) => wave(Math.cos, bin)), ...bins.map((bin) => wave(Math.sin, bin))];
}

export interface Spectrogram {
  /** [N, S, F, C] */
  readonly log: Value;
  /** [N, 1, C] 1 where the signal is whole, else 0: a hole sounds like a knock */
  readonly known: Value;
}

/** @param frames [N, T, C] */
export function spectrogram(graph: GraphBuilder, frames: Frames, shape: SpectrogramShape, C: number): Spectrogram {
  const { fft, columns: S } = shape;
  const [T, F] = [windowOf(shape), binsOf(shape)];
  const op = (name: string, ...inputs: Parameters<GraphBuilder['node']>[1]) => graph.node(name, inputs);
  const signals = graph.node('Transpose', [clip(graph, frames.scaled, loudest)], { perm: [0, 2, 1] });
  const each = op('Reshape', signals, graph.integers([-1, 1, T]));
  const waves = graph.constant(kernels(fft).flat(), [2 * F, 1, fft], 'waves');
  const parts = graph.node('Conv', [each, waves], { strides: [fft / 2] });
  const squares = op('Mul', parts, parts);
  const half = (from: number) =>
    op('Slice', squares, graph.integers([from]), graph.integers([from + F]), graph.integers([1]));
  const power = op('Add', half(0), half(F));
  const log = op('Log', op('Add', power, graph.constant(leastPower)));
  const image = op('Reshape', log, graph.integers([-1, C, F, S]));
  const known = graph.node('ReduceMin', [frames.known], { axes: [1], keepdims: 1 });
  return { log: graph.node('Transpose', [image], { perm: [0, 3, 2, 1] }), known };
}

/** x [N, T, C] -> `log` and `known` of `Spectrogram`: what training learns from is computed as the daemon does. */
export function spectrogramGraph(scaling: Scaling, shape: SpectrogramShape): Uint8Array {
  const C = scaling.center.length;
  const T = windowOf(shape);
  const graph = new GraphBuilder({ name: 'spectrogram' });
  const frames = scaleFrames(graph, graph.input('x', ['N', T, C]), scaling);
  const { log, known } = spectrogram(graph, frames, shape, C);
  graph.output('log', log, ['N', shape.columns, binsOf(shape), C]);
  graph.output('known', known, ['N', 1, C]);
  return graph.encode();
}

/** The same in plain loops. @param scaled [T, C]; @returns [S, F, C] */
export function spectrogramReference(scaled: ArrayLike<number>, shape: SpectrogramShape, C: number): Float64Array {
  const { fft, columns: S } = shape;
  const F = binsOf(shape);
  const waves = kernels(fft);
  const log = new Float64Array(S * F * C);
  for (let s = 0; s < S; s++)
    for (let c = 0; c < C; c++) {
      const at = (t: number) => Math.max(-loudest, Math.min(loudest, scaled[((s * fft) / 2 + t) * C + c] ?? 0));
      const sum = (row: number) => (waves[row] ?? []).reduce((total, wave, t) => total + wave * at(t), 0);
      for (let f = 0; f < F; f++) log[(s * F + f) * C + c] = Math.log(leastPower + sum(f) ** 2 + sum(F + f) ** 2);
    }
  return log;
}

import type { LayersModel } from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../../model/errors.js';
import { openSession } from '../../../model/session.js';
import {
  type DetectorGraph,
  type DetectorOptions,
  forecasterGraph,
  referenceOutputs,
  windowForecasterGraph,
} from '../../../training/graph/index.js';
import { decodeModel } from '../../../training/onnx/proto.js';
import { checkParity } from '../../../training/parity.js';
import type { Tf } from '../onnx/cases.js';
import { checkModels, hasChecker } from '../onnx/checker.js';
import { type Cell, constants, denseAutoencoder, frames, mlpForecaster, recurrentNetwork } from './networks.js';

let tf: Tf;
beforeAll(async () => {
  tf = (await import('@tensorflow/tfjs')).default;
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

const stacks: readonly (readonly Cell[])[] = [
  ['lstm'],
  ['gru'],
  ['simpleRNN'],
  ['lstm', 'lstm'],
  ['gru', 'lstm', 'simpleRNN'],
];

function build(cells: readonly Cell[], C: number, units = 8): { graph: DetectorGraph; options: DetectorOptions } {
  const options = { ...constants(C), model: recurrentNetwork(tf, C, cells, units) };
  return { graph: forecasterGraph(options), options };
}

type Outputs = Readonly<Record<string, Float32Array>>;
type Run = (x: Float32Array, n: number, T: number, state?: Float32Array) => Promise<Outputs>;

async function using<T>({ bytes, stateSize }: DetectorGraph, C: number, work: (run: Run) => Promise<T>): Promise<T> {
  const session = await openSession(bytes);
  try {
    return await work((x, n, T, state = new Float32Array(n * stateSize)) =>
      session.run({
        x: { data: x, dims: [n, T, C] },
        ...(stateSize > 0 ? { state: { data: state, dims: [n, stateSize] } } : {}),
      }),
    );
  } finally {
    await session.close();
  }
}

const differing = (a: Float32Array, b: Float32Array): number =>
  Math.abs(a.length - b.length) + a.filter((value, i) => value !== b[i]).length;

describe.each(stacks.map((cells) => [cells.join(' and '), cells] as const))('recurrent form, %s', (_, cells) => {
  test('equals the network and the scoring computed beside it, within 1e-5', async () => {
    const { graph, options } = build(cells, 4);
    const { maxDifference } = await checkParity(
      ({ x }) => referenceOutputs(tf, 'forecaster', options, x!.data, x!.dims[0]!) as unknown as Outputs,
      graph.bytes,
      [1, 3].map((n) => ({
        x: { data: frames('parity', n, 20, options), dims: [n, 20, 4] },
        state: { data: new Float32Array(n * graph.stateSize), dims: [n, graph.stateSize] },
      })),
    );
    expect(maxDifference).toBeLessThan(1e-5);
  });

  test('has one operator a layer, no loop, and declares its state', () => {
    const { graph } = build(cells, 4);
    const { node, input, output } = decodeModel(graph.bytes).graph;
    const count = (operator: string) => node.filter(({ op_type }) => op_type === operator).length;
    const sum = (cell: Cell) => cells.filter((other) => other === cell).length;
    expect([count('LSTM'), count('GRU'), count('RNN'), count('Loop'), count('Scan')]).toEqual([
      sum('lstm'),
      sum('gru'),
      sum('simpleRNN'),
      0,
      0,
    ]);
    expect(graph.stateSize).toBe(8 * (2 * sum('lstm') + sum('gru') + sum('simpleRNN')) + 4);
    expect(input.map(({ name }) => name)).toEqual(['x', 'state']);
    expect(output.map(({ name }) => name)).toEqual(['score', 'contribution', 'expected', 'residual', 'state_out']);
  });

  test.each([
    [1, 1, 3],
    [1, 4, 16],
    [3, 5, 8],
    [7, 9, 32],
    [64, 4, 32],
    [1, 38, 24],
    [2, 17, 64],
  ])('T steps give the same bits as one call: %i assets, %i signals, %i units', async (n, C, units) => {
    const T = 12;
    const { graph, options } = build(cells, C, units);
    const x = frames('steps', n, T, options);
    await using(graph, C, async (run) => {
      const whole = await run(x, n, T);
      for (const length of [1, 5]) {
        const parts: Outputs[] = [];
        let state = new Float32Array(n * graph.stateSize);
        for (let from = 0; from < T; from += length) {
          const size = Math.min(length, T - from);
          const part = new Float32Array(n * size * C);
          for (let row = 0; row < n; row++)
            part.set(x.subarray((row * T + from) * C, (row * T + from + size) * C), row * size * C);
          const outputs = await run(part, n, size, state);
          parts.push(outputs);
          state = Float32Array.from(outputs.state_out!);
        }
        expect(differing(state, whole.state_out!), 'state').toBe(0);
        for (const [name, width] of [
          ['score', 1],
          ['contribution', C],
          ['expected', C],
          ['residual', C],
        ] as const) {
          const joined = new Float32Array(n * T * width);
          parts.forEach((outputs, i) => {
            const size = Math.min(length, T - i * length);
            for (let row = 0; row < n; row++)
              joined.set(
                outputs[name]!.subarray(row * size * width, (row + 1) * size * width),
                (row * T + i * length) * width,
              );
          });
          expect(differing(joined, whole[name]!), name).toBe(0);
        }
      }
    });
  });

  test('without memory the first frame is held against the centers', async () => {
    const { graph, options } = build(cells, 4);
    await using(graph, 4, async (run) => {
      const x = frames('first', 2, 3, options, 0);
      const { expected, residual } = await run(x, 2, 3);
      expect(Array.from(expected!.subarray(0, 4))).toEqual(Array.from(Float32Array.from(options.center)));
      for (let c = 0; c < 4; c++) expect(residual![c]).toBeCloseTo((x[c]! - options.center[c]!) / options.scale[c]!, 4);
    });
  });

  test('is finite and consistent for any input', async () => {
    const { graph } = build(cells, 3);
    const odd = [0, -0, 1e-40, 3.4e38, -3.4e38, 1e30, Infinity, -Infinity, Number.NaN, 1e6, -7];
    const T = odd.length ** 2;
    const x = Float32Array.from(
      { length: T * 3 },
      (_, i) => odd[Math.floor(i / 3 / odd.length ** (i % 3)) % odd.length]!,
    );
    await using(graph, 3, async (run) => {
      const outputs = await run(x, 1, T);
      for (const [name, values] of Object.entries(outputs)) expect(values.every(Number.isFinite), name).toBe(true);
      for (let t = 0; t < T; t++) {
        const shares = outputs.contribution!.subarray(3 * t, 3 * t + 3);
        const sum = shares.reduce((a, b) => a + b, 0);
        expect(Math.abs(sum - outputs.score![t]!)).toBeLessThanOrEqual(1e-5 * sum);
        for (let c = 0; c < 3; c++) {
          expect(shares[c]).toBeGreaterThanOrEqual(0);
          if (Number.isFinite(x[3 * t + c])) continue;
          expect(shares[c]).toBe(0);
          expect(Math.abs(outputs.residual![3 * t + c]!)).toBe(0);
        }
      }
    });
  });

  test('a frame without any value has score 0, and what is missing does not change the rest', async () => {
    const { graph, options } = build(cells, 3);
    await using(graph, 3, async (run) => {
      const x = frames('gap', 1, 6, options, 0);
      x.fill(Number.NaN, 9, 12);
      const { score } = await run(x, 1, 6);
      expect(score![3]).toBe(0);
      expect([score![2], score![4]].every((value) => value! > 0)).toBe(true);
      const infinite = Float32Array.from(x, (value) => (Number.isNaN(value) ? Infinity : value));
      expect((await run(infinite, 1, 6)).score).toEqual(score);
    });
  });
});

test.each(['lstm', 'gru', 'simpleRNN'] as const)(
  '%s: after 10,000 steps, each with the state of the one before, it is still the network, within 1e-4',
  async (cell) => {
    const [C, T, length] = [2, 10_000, 500];
    const { graph, options } = build([cell], C, 4);
    const x = frames('long', 1, T, options);
    const wanted = referenceOutputs(tf, 'forecaster', options, x, 1) as unknown as Outputs;
    await using(graph, C, async (run) => {
      let state = new Float32Array(graph.stateSize);
      const score = new Float32Array(T);
      for (let from = 0; from < T; from += length) {
        const outputs = await run(x.subarray(from * C, (from + length) * C), 1, length, state);
        score.set(outputs.score!, from);
        state = Float32Array.from(outputs.state_out!);
      }
      const off = score.map((value, t) => Math.abs(value - wanted.score![t]!) / Math.max(C, wanted.score![t]!));
      expect(Math.max(...off.subarray(T / 2))).toBeLessThan(1e-4);
      expect(Math.max(...score)).toBeGreaterThan(1);
    });
  },
);

test('the residual that is scored is not clipped, what the network sees is', async () => {
  const { graph, options } = build(['lstm'], 2);
  await using(graph, 2, async (run) => {
    const far = (spreads: number) => {
      const x = frames('far', 1, 3, options, 0);
      x[2] = options.center[0]! + spreads * options.scale[0]!;
      return run(x, 1, 3);
    };
    const [near, distant] = [await far(100), await far(1000)];
    expect(distant.residual![2]! - near.residual![2]!).toBeCloseTo(900, 1);
    expect(distant.expected!.subarray(4)).toEqual(near.expected!.subarray(4));
  });
});

test('window forecaster: equals the reference, one score for the newest frame', async () => {
  const options = { ...constants(4), model: mlpForecaster(tf, 4, 7) };
  const graph = windowForecasterGraph(options);
  expect(graph).toMatchObject({ kind: 'window', window: 8, stateSize: 0, opset: 17 });
  const inputs = [1, 5].map((n) => ({ x: { data: frames('window', n, 8, options), dims: [n, 8, 4] } }));
  const parity = await checkParity(
    ({ x }) => referenceOutputs(tf, 'window-forecaster', options, x!.data, x!.dims[0]!) as unknown as Outputs,
    graph.bytes,
    inputs,
  );
  expect(parity.maxDifference).toBeLessThan(1e-5);
  expect(parity.compared).toBe(6 * (1 + 3 * 4));
});

test('window forecaster of a network that forecasts after every frame takes the last forecast', async () => {
  const C = 3;
  const options = { ...constants(C), model: recurrentNetworkOf(6, C) };
  const windowed = windowForecasterGraph(options);
  const recurrent = forecasterGraph(options);
  const x = frames('same', 2, 7, options);
  const a = await using(windowed, C, (run) => run(x, 2, 7));
  const b = await using(recurrent, C, (run) => run(x, 2, 7));
  for (let row = 0; row < 2; row++) expect(a.score![row]).toBeCloseTo(b.score![7 * row + 6]!, 4);
});

function recurrentNetworkOf(T: number, C: number): LayersModel {
  const input = tf.input({ shape: [T, 2 * C] });
  const model = recurrentNetwork(tf, C, ['lstm']);
  return tf.model({ inputs: input, outputs: model.apply(input) as ReturnType<Tf['input']> });
}

describe('networks that do not fit are refused', () => {
  const refused: readonly (readonly [string, () => DetectorGraph, RegExp])[] = [
    [
      'a wrong number of signals',
      () => forecasterGraph({ ...constants(3), model: recurrentNetwork(tf, 4, ['lstm']) }),
      /A detector of 3 signals needs a network with one input .*; this one has \[\?, \?, 8\]/,
    ],
    [
      'a layer across frames',
      () => forecasterGraph({ ...constants(3), model: denseAutoencoder(tf, 3, 5) }),
      /\(Flatten\) may look at other frames, so the network can't run frame by frame\. Use a window/,
    ],
    [
      'one output a window',
      () => forecasterGraph({ ...constants(3), model: mlpForecaster(tf, 3, 5) }),
      /a forecast after every frame/,
    ],
    [
      'a window of open length',
      () => windowForecasterGraph({ ...constants(3), model: recurrentNetwork(tf, 3, ['lstm']) }),
      /a fixed number of frames/,
    ],
  ];
  test.each(refused)('%s', (_, make, message) => {
    expect(make).toThrow(UserError);
    expect(make).toThrow(message);
  });
});

test.skipIf(!hasChecker)('onnx.checker with full_check accepts them (needs python3-onnx)', () => {
  const models = new Map(stacks.map((cells) => [cells.join(' '), build(cells, 4).graph.bytes]));
  models.set('window', windowForecasterGraph({ ...constants(4), model: mlpForecaster(tf, 4, 7) }).bytes);
  expect(checkModels(models)).toEqual([]);
});

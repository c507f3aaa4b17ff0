/** Activation functions of tfjs as ONNX nodes. */
import { float, type GraphBuilder, type Value } from './graph.js';
import { camelCase } from './settings.js';

type Emit = (graph: GraphBuilder, x: Value) => Value;

const unary =
  (op: string): Emit =>
  (graph, x) =>
    graph.node(op, [x]);

const table: Readonly<Record<string, Emit>> = {
  linear: (_, x) => x,
  relu: unary('Relu'),
  tanh: unary('Tanh'),
  sigmoid: unary('Sigmoid'),
  softplus: unary('Softplus'),
  softsign: unary('Softsign'),
  // Both libraries take alpha 1 (elu), 1.67326 and gamma 1.05070 (selu; Klambauer et al. 2017).
  elu: unary('Elu'),
  selu: unary('Selu'),
  // min(max(x, 0), 6)
  relu6: (graph, x) => graph.node('Clip', [x, graph.constant(0), graph.constant(6)]),
  // min(max(0.2 x + 0.5, 0), 1)
  hardSigmoid: (graph, x) => graph.node('HardSigmoid', [x], { alpha: float(0.2), beta: float(0.5) }),
  softmax: (graph, x) => graph.node('Softmax', [x], { axis: -1 }),
  logSoftmax: (graph, x) => graph.node('LogSoftmax', [x], { axis: -1 }),
  // x sigmoid(x)
  swish: (graph, x) => graph.node('Mul', [x, graph.node('Sigmoid', [x])]),
  // x tanh(ln(1 + e^x))
  mish: (graph, x) => graph.node('Mul', [x, graph.node('Tanh', [graph.node('Softplus', [x])])]),
  // x (1 + erf(x / sqrt 2)) / 2
  gelu: (graph, x) => {
    const erf = graph.node('Erf', [graph.node('Div', [x, graph.constant(Math.SQRT2)])]);
    const twice = graph.node('Mul', [x, graph.node('Add', [erf, graph.constant(1)])]);
    return graph.node('Mul', [twice, graph.constant(0.5)]);
  },
  // x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2
  geluNew: (graph, x) => {
    const cube = graph.node('Mul', [x, graph.node('Mul', [x, x])]);
    const sum = graph.node('Add', [x, graph.node('Mul', [cube, graph.constant(0.044715)])]);
    const tanh = graph.node('Tanh', [graph.node('Mul', [sum, graph.constant(Math.sqrt(2 / Math.PI))])]);
    const twice = graph.node('Mul', [x, graph.node('Add', [tanh, graph.constant(1)])]);
    return graph.node('Mul', [twice, graph.constant(0.5)]);
  },
};

/** Emits the activation of this name, `hardSigmoid` or `hard_sigmoid`; undefined for an unknown one. */
export function emitActivation(graph: GraphBuilder, name: string, x: Value): Value | undefined {
  const key = camelCase(name);
  return Object.hasOwn(table, key) ? table[key]?.(graph, x) : undefined;
}

/** An activation inside ONNX's LSTM, GRU and RNN. */
export interface RecurrentActivation {
  readonly name: string;
  readonly alpha?: number;
  readonly beta?: number;
}

const recurrent: Readonly<Record<string, RecurrentActivation>> = {
  tanh: { name: 'Tanh' },
  sigmoid: { name: 'Sigmoid' },
  relu: { name: 'Relu' },
  softsign: { name: 'Softsign' },
  softplus: { name: 'Softplus' },
  hardSigmoid: { name: 'HardSigmoid', alpha: 0.2, beta: 0.5 },
  elu: { name: 'Elu', alpha: 1 },
  linear: { name: 'Affine', alpha: 1, beta: 0 },
};

export function recurrentActivation(name: string): RecurrentActivation | undefined {
  const key = camelCase(name);
  return Object.hasOwn(recurrent, key) ? recurrent[key] : undefined;
}

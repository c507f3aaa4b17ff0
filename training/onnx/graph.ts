/** Builds one ONNX graph: unique names, shared constants, typed references to values. */
import { createHash } from 'node:crypto';
import {
  type AttributeMessage,
  attributeType,
  type ElementType,
  elementType,
  encodeModel,
  type GraphMessage,
  type NodeMessage,
  type TensorMessage,
  type ValueMessage,
} from './proto.js';

/** A value of one graph: an input, a constant or a node's output. */
export interface Value {
  readonly name: string;
}

/** A length, or the name of one that is not known before the graph runs. */
export type Dim = number | string;

/** Integers become INT, other numbers FLOAT: write `float(1)` for a float that happens to be whole. */
export type Attribute = number | string | readonly number[] | readonly string[] | Float | Floats | Body;
interface Float {
  readonly float: number;
}
interface Floats {
  readonly floats: readonly number[];
}
interface Body {
  readonly graph: GraphMessage;
}

/** What one step of a scan leaves, [N, width] each. */
export interface ScanStep {
  readonly states: readonly Value[];
  readonly outputs: readonly Value[];
}

export const float = (value: number): Float => ({ float: value });
export const floats = (values: readonly number[]): Floats => ({ floats: values });

export interface GraphOptions {
  readonly name?: string;
  readonly description?: string;
  /** 17 with IR 8 by default; 13 with IR 7 for runtimes that are years old. */
  readonly opset?: Opset;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Operator set -> the IR version that goes with it, so that older runtimes accept the file. */
export const irVersions = { 13: 7, 17: 8 } as const;
export type Opset = keyof typeof irVersions;

type Data = Float32Array | BigInt64Array;

export class GraphBuilder {
  readonly opset: Opset;
  private nodes: NodeMessage[] = [];
  private readonly initializers: TensorMessage[] = [];
  private readonly inputs: ValueMessage[] = [];
  private readonly outputs: { readonly value: Value; readonly message: ValueMessage }[] = [];
  private readonly names = new Set<string>();
  private readonly constants = new Map<string, Value>();
  private readonly produced = new Set<string>();
  private scope = '';

  constructor(private readonly options: GraphOptions = {}) {
    this.opset = options.opset ?? 17;
  }

  /** Numbers in the float constants so far. */
  get parameters(): number {
    return this.initializers
      .filter(({ data_type }) => data_type === elementType.float32)
      .reduce((sum, { dims }) => sum + dims.reduce((size, dim) => size * dim, 1), 0);
  }

  input(name: string, dims: readonly Dim[], type: ElementType = 'float32'): Value {
    if (this.names.has(name)) throw new Error(`two values of the name ${name}`);
    this.names.add(name);
    this.inputs.push(valueMessage(name, dims, type));
    return { name };
  }

  /** Gives a value its name as an output of the graph; the same value may be several outputs. */
  output(name: string, value: Value, dims: readonly Dim[], type: ElementType = 'float32'): void {
    if (this.names.has(name)) throw new Error(`two values of the name ${name}`);
    this.names.add(name);
    this.outputs.push({ value, message: valueMessage(name, dims, type) });
  }

  /** A float constant; equal ones are stored once. A plain number is a scalar. */
  constant(data: number | readonly number[] | Float32Array, dims?: readonly number[], hint = 'constant'): Value {
    const array = typeof data === 'number' ? Float32Array.of(data) : Float32Array.from(data);
    return this.tensor(array, dims ?? (typeof data === 'number' ? [] : [array.length]), 'float32', hint);
  }

  /** An int64 constant: shapes, axes, indices. */
  integers(data: readonly number[], dims: readonly number[] = [data.length]): Value {
    return this.tensor(BigInt64Array.from(data, BigInt), dims, 'int64', 'integers');
  }

  /** A node with one output. An undefined input is one left out. */
  node(
    op: string,
    inputs: readonly (Value | undefined)[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value {
    return this.nodeWith(op, 1, inputs, attributes)[0] as Value;
  }

  /** A node with `count` outputs. */
  nodeWith(
    op: string,
    count: number,
    inputs: readonly (Value | undefined)[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value[] {
    const name = this.unique(`${this.scope}${op}`);
    const outputs = Array.from({ length: count }, (_, i) => ({
      name: count === 1 ? this.unique(`${name}_out`) : this.unique(`${name}_out${i}`),
    }));
    for (const output of outputs) this.produced.add(output.name);
    this.nodes.push({
      name,
      op_type: op,
      // Left out at the end is not there at all: an empty name there crashes onnxruntime 1.30's LayerNormalization.
      input: inputs
        .slice(0, inputs.findLastIndex((input) => input !== undefined) + 1)
        .map((input) => input?.name ?? ''),
      output: outputs.map((output) => output.name),
      attribute: Object.entries(attributes).map(([key, value]) => attributeMessage(key, value)),
    });
    return outputs;
  }

  /** Takes in what another graph consists of; its names must be free here. */
  adopt(nodes: readonly NodeMessage[], initializers: readonly TensorMessage[]): void {
    this.nodes.push(...nodes);
    this.initializers.push(...initializers);
  }

  /** Names of nodes made in `work` start with `name/`. */
  within<T>(name: string, work: () => T): T {
    const before = this.scope;
    this.scope = `${before}${name}/`;
    try {
      return work();
    } finally {
      this.scope = before;
    }
  }

  /**
   * Steps through axis 1 of `inputs` (`Scan`). `step` sees the states and one element of each input, and gives the next states and what to stack along axis 1.
   * Inside it, only its arguments, constants and its own nodes may be used.
   * @param states with the widths of [N, width] each
   */
  scan(
    states: readonly { readonly value: Value; readonly width: number }[],
    inputs: readonly { readonly value: Value; readonly width: number }[],
    step: (states: readonly Value[], elements: readonly Value[]) => ScanStep,
  ): { readonly states: readonly Value[]; readonly outputs: readonly Value[] } {
    const declared = [...states, ...inputs].map(({ width }, i) => {
      const name = this.unique(`${this.scope}${i < states.length ? 'state' : 'element'}`);
      return { value: { name }, message: valueMessage(name, ['N', width], 'float32') };
    });
    const values = declared.map(({ value }) => value);
    const outside = this.nodes;
    this.nodes = [];
    const after = this.within('scan', () => step(values.slice(0, states.length), values.slice(states.length)));
    const results = [...after.states, ...after.outputs];
    const widths = [...states.map(({ width }) => width), ...after.outputs.map(() => undefined)];
    const body = {
      name: this.unique(`${this.scope}step`),
      node: this.nodes,
      initializer: [],
      input: declared.map(({ message }) => message),
      // Names of their own: the same value may be two of them, or one of the inputs.
      output: results.map((result, i) => {
        const name = this.unique(`${this.scope}scanned`);
        this.nodes.push({
          name: this.unique('Identity'),
          op_type: 'Identity',
          input: [result.name],
          output: [name],
          attribute: [],
        });
        return valueMessage(name, ['N', widths[i] ?? 'W'], 'float32');
      }),
    };
    this.nodes = outside;
    const axes = (count: number) => new Array<number>(count).fill(1);
    const made = this.nodeWith(
      'Scan',
      results.length,
      [...states, ...inputs].map(({ value }) => value),
      {
        num_scan_inputs: inputs.length,
        scan_input_axes: axes(inputs.length),
        scan_output_axes: axes(after.outputs.length),
        body: { graph: body },
      },
    );
    return { states: made.slice(0, states.length), outputs: made.slice(states.length) };
  }

  /** The bytes of the `.onnx` file. */
  encode(): Uint8Array {
    // Nodes give their outputs the graph's names; what has a name already (inputs, constants, a second output) goes through an Identity.
    const renamed = new Map<string, string>();
    const identities: NodeMessage[] = [];
    for (const { value, message } of this.outputs) {
      if (this.produced.has(value.name) && !renamed.has(value.name)) renamed.set(value.name, message.name);
      else
        identities.push({
          name: this.unique(`${message.name}_identity`),
          op_type: 'Identity',
          input: [value.name],
          output: [message.name],
          attribute: [],
        });
    }
    const rename = (name: string): string => renamed.get(name) ?? name;
    return encodeModel({
      ir_version: irVersions[this.opset],
      producer_name: 'anomalyd',
      ...(this.options.description === undefined ? {} : { doc_string: this.options.description }),
      opset_import: [{ domain: '', version: this.opset }],
      metadata_props: Object.entries(this.options.metadata ?? {}).map(([key, value]) => ({ key, value })),
      graph: {
        name: this.options.name ?? 'graph',
        node: [...this.nodes, ...identities].map((node) => ({
          ...node,
          input: node.input.map(rename),
          output: node.output.map(rename),
        })),
        initializer: this.initializers,
        input: this.inputs,
        output: this.outputs.map(({ message }) => message),
      },
    });
  }

  private tensor(data: Data, dims: readonly number[], type: ElementType, hint: string): Value {
    const size = dims.reduce((product, dim) => product * dim, 1);
    if (size !== data.length) throw new Error(`${data.length} numbers do not fill [${dims.join(', ')}]`);
    const raw = littleEndian(data);
    const key = `${type} ${dims.join('x')} ${createHash('sha256').update(raw).digest('base64')}`;
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const value = { name: this.unique(`${this.scope}${hint}`) };
    this.constants.set(key, value);
    this.initializers.push({ name: value.name, dims: [...dims], data_type: elementType[type], raw_data: raw });
    return value;
  }

  private unique(base: string): string {
    let name = base;
    for (let i = 1; this.names.has(name); i++) name = `${base}_${i}`;
    this.names.add(name);
    return name;
  }
}

function valueMessage(name: string, dims: readonly Dim[], type: ElementType): ValueMessage {
  const dim = dims.map((size) => (typeof size === 'number' ? { dim_value: size } : { dim_param: size }));
  return { name, type: { tensor_type: { elem_type: elementType[type], shape: { dim } } } };
}

function attributeMessage(name: string, value: Attribute): AttributeMessage {
  const text = (characters: string) => new TextEncoder().encode(characters);
  if (typeof value === 'string') return { name, type: attributeType.string, s: text(value) };
  if (typeof value === 'number')
    return Number.isInteger(value)
      ? { name, type: attributeType.int, i: value }
      : { name, type: attributeType.float, f: value };
  if ('graph' in value) return { name, type: attributeType.graph, g: value.graph };
  if ('float' in value) return { name, type: attributeType.float, f: value.float };
  if ('floats' in value) return { name, type: attributeType.floats, floats: [...value.floats] };
  if (isStrings(value)) return { name, type: attributeType.strings, strings: value.map(text) };
  return { name, type: attributeType.ints, ints: [...value] };
}

function isStrings(list: readonly number[] | readonly string[]): list is readonly string[] {
  return typeof list[0] === 'string';
}

function littleEndian(data: Data): Uint8Array {
  const bytes = new Uint8Array(data.byteLength);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of data.entries()) {
    if (typeof value === 'bigint') view.setBigInt64(8 * i, value, true);
    else view.setFloat32(4 * i, value, true);
  }
  return bytes;
}

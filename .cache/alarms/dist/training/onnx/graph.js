/** Builds one ONNX graph: unique names, shared constants, typed references to values. */
import { createHash } from 'node:crypto';
import { attributeType, elementType, encodeModel, } from './proto.js';
export const float = (value) => ({ float: value });
export const floats = (values) => ({ floats: values });
/** Operator set -> the IR version that goes with it, so that older runtimes accept the file. */
export const irVersions = { 13: 7, 17: 8 };
export class GraphBuilder {
    options;
    opset;
    nodes = [];
    initializers = [];
    inputs = [];
    outputs = [];
    names = new Set();
    constants = new Map();
    produced = new Set();
    scope = '';
    constructor(options = {}) {
        this.options = options;
        this.opset = options.opset ?? 17;
    }
    /** Numbers in the float constants so far. */
    get parameters() {
        return this.initializers
            .filter(({ data_type }) => data_type === elementType.float32)
            .reduce((sum, { dims }) => sum + dims.reduce((size, dim) => size * dim, 1), 0);
    }
    input(name, dims, type = 'float32') {
        if (this.names.has(name))
            throw new Error(`two values of the name ${name}`);
        this.names.add(name);
        this.inputs.push(valueMessage(name, dims, type));
        return { name };
    }
    /** Gives a value its name as an output of the graph; the same value may be several outputs. */
    output(name, value, dims, type = 'float32') {
        if (this.names.has(name))
            throw new Error(`two values of the name ${name}`);
        this.names.add(name);
        this.outputs.push({ value, message: valueMessage(name, dims, type) });
    }
    /** A float constant; equal ones are stored once. A plain number is a scalar. */
    constant(data, dims, hint = 'constant') {
        const array = typeof data === 'number' ? Float32Array.of(data) : Float32Array.from(data);
        return this.tensor(array, dims ?? (typeof data === 'number' ? [] : [array.length]), 'float32', hint);
    }
    /** An int64 constant: shapes, axes, indices. */
    integers(data, dims = [data.length]) {
        return this.tensor(BigInt64Array.from(data, BigInt), dims, 'int64', 'integers');
    }
    /** A node with one output. An undefined input is one left out. */
    node(op, inputs, attributes = {}) {
        return this.nodeWith(op, 1, inputs, attributes)[0];
    }
    /** A node with `count` outputs. */
    nodeWith(op, count, inputs, attributes = {}) {
        const name = this.unique(`${this.scope}${op}`);
        const outputs = Array.from({ length: count }, (_, i) => ({
            name: count === 1 ? this.unique(`${name}_out`) : this.unique(`${name}_out${i}`),
        }));
        for (const output of outputs)
            this.produced.add(output.name);
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
    /** Names of nodes made in `work` start with `name/`. */
    within(name, work) {
        const before = this.scope;
        this.scope = `${before}${name}/`;
        try {
            return work();
        }
        finally {
            this.scope = before;
        }
    }
    /** The bytes of the `.onnx` file. */
    encode() {
        // Nodes give their outputs the graph's names; what has a name already (inputs, constants, a second output) goes through an Identity.
        const renamed = new Map();
        const identities = [];
        for (const { value, message } of this.outputs) {
            if (this.produced.has(value.name) && !renamed.has(value.name))
                renamed.set(value.name, message.name);
            else
                identities.push({
                    name: this.unique(`${message.name}_identity`),
                    op_type: 'Identity',
                    input: [value.name],
                    output: [message.name],
                    attribute: [],
                });
        }
        const rename = (name) => renamed.get(name) ?? name;
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
    tensor(data, dims, type, hint) {
        const size = dims.reduce((product, dim) => product * dim, 1);
        if (size !== data.length)
            throw new Error(`${data.length} numbers do not fill [${dims.join(', ')}]`);
        const raw = littleEndian(data);
        const key = `${type} ${dims.join('x')} ${createHash('sha256').update(raw).digest('base64')}`;
        const known = this.constants.get(key);
        if (known !== undefined)
            return known;
        const value = { name: this.unique(`${this.scope}${hint}`) };
        this.constants.set(key, value);
        this.initializers.push({ name: value.name, dims: [...dims], data_type: elementType[type], raw_data: raw });
        return value;
    }
    unique(base) {
        let name = base;
        for (let i = 1; this.names.has(name); i++)
            name = `${base}_${i}`;
        this.names.add(name);
        return name;
    }
}
function valueMessage(name, dims, type) {
    const dim = dims.map((size) => (typeof size === 'number' ? { dim_value: size } : { dim_param: size }));
    return { name, type: { tensor_type: { elem_type: elementType[type], shape: { dim } } } };
}
function attributeMessage(name, value) {
    const text = (characters) => new TextEncoder().encode(characters);
    if (typeof value === 'string')
        return { name, type: attributeType.string, s: text(value) };
    if (typeof value === 'number')
        return Number.isInteger(value)
            ? { name, type: attributeType.int, i: value }
            : { name, type: attributeType.float, f: value };
    if ('float' in value)
        return { name, type: attributeType.float, f: value.float };
    if ('floats' in value)
        return { name, type: attributeType.floats, floats: [...value.floats] };
    if (isStrings(value))
        return { name, type: attributeType.strings, strings: value.map(text) };
    return { name, type: attributeType.ints, ints: [...value] };
}
function isStrings(list) {
    return typeof list[0] === 'string';
}
function littleEndian(data) {
    const bytes = new Uint8Array(data.byteLength);
    const view = new DataView(bytes.buffer);
    for (const [i, value] of data.entries()) {
        if (typeof value === 'bigint')
            view.setBigInt64(8 * i, value, true);
        else
            view.setFloat32(4 * i, value, true);
    }
    return bytes;
}
//# sourceMappingURL=graph.js.map
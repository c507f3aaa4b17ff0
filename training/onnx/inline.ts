/** A finished graph as a part of another: its nodes under names of their own, its inputs tied to values of the other. */
import { UserError } from '../../model/errors.js';
import { type GraphBuilder, irVersions, type Value } from './graph.js';
import { decodeModel, type GraphMessage, type NodeMessage } from './proto.js';

/**
 * @param prefix of all its names; of its own for each graph taken in
 * @param inputs a value for each of its inputs
 * @returns its outputs by name
 * @throws UserError for a graph of another operator set
 */
export function inlineGraph(
  into: GraphBuilder,
  onnx: Uint8Array,
  prefix: string,
  inputs: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> {
  const { graph, opset_import } = decodeModel(onnx);
  const version = opset_import.find(({ domain = '' }) => domain === '')?.version;
  if (version !== into.opset)
    throw new UserError(
      `The graph has operator set ${version}, not ${into.opset}.`,
      {},
      `Known: ${Object.keys(irVersions).join(', ')}.`,
    );
  // An empty name is an input left out.
  const rename = (name: string): string => (name === '' ? '' : (inputs[name]?.name ?? `${prefix}/${name}`));
  into.adopt(
    graph.node.map((node) => renamed(node, rename)),
    graph.initializer.map((tensor) => ({ ...tensor, name: rename(tensor.name) })),
  );
  return Object.fromEntries(graph.output.map(({ name }) => [name, { name: rename(name) }]));
}

function renamed(node: NodeMessage, rename: (name: string) => string): NodeMessage {
  return {
    ...node,
    name: rename(node.name),
    input: node.input.map(rename),
    output: node.output.map(rename),
    attribute: node.attribute.map((one) => (one.g === undefined ? one : { ...one, g: body(one.g, rename) })),
  };
}

/** A body sees the names of the graph around it, so all are renamed alike. */
function body(graph: GraphMessage, rename: (name: string) => string): GraphMessage {
  const value = <V extends { name: string }>(one: V): V => ({ ...one, name: rename(one.name) });
  return {
    ...graph,
    node: graph.node.map((node) => renamed(node, rename)),
    initializer: graph.initializer.map(value),
    input: graph.input.map(value),
    output: graph.output.map(value),
  };
}

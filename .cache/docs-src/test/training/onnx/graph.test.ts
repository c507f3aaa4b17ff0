import { describe, expect, test } from 'vitest';
import { openSession } from '../../../model/session.js';
import { float, GraphBuilder } from '../../../training/onnx/graph.js';
import { decodeModel } from '../../../training/onnx/proto.js';

describe('GraphBuilder', () => {
  test('gives nodes unique names and shares equal constants', () => {
    const graph = new GraphBuilder({ name: 'g' });
    const x = graph.input('x', ['N', 2]);
    const y = graph.within('layer', () => graph.node('Add', [x, graph.constant([1, 2])]));
    const z = graph.within('layer', () => graph.node('Add', [y, graph.constant([1, 2])]));
    graph.output('z', z, ['N', 2]);
    const { node, initializer } = decodeModel(graph.encode()).graph;
    expect(node.map(({ name }) => name)).toEqual(['layer/Add', 'layer/Add_1']);
    expect(node[1]!.output).toEqual(['z']);
    expect(initializer.length).toBe(1);
    expect(new Float32Array(Uint8Array.from(initializer[0]!.raw_data).buffer)).toEqual(Float32Array.of(1, 2));
    expect(graph.parameters).toBe(2);
  });

  test('tells constants of other shape or sign of zero apart', () => {
    const graph = new GraphBuilder();
    expect(graph.constant([1, 2]).name).toBe(graph.constant([1, 2]).name);
    expect(graph.constant([1, 2]).name).not.toBe(graph.constant([1, 2], [2, 1]).name);
    expect(graph.constant(0).name).not.toBe(graph.constant(-0).name);
    expect(graph.integers([1]).name).not.toBe(graph.constant([1]).name);
    expect(() => graph.constant([1, 2], [3])).toThrow('do not fill');
  });

  test('one value may be two outputs, and an input an output', async () => {
    const graph = new GraphBuilder();
    const x = graph.input('x', ['N']);
    const y = graph.node('Neg', [x]);
    for (const name of ['a', 'b']) graph.output(name, y, ['N']);
    graph.output('same', x, ['N']);
    expect(() => graph.output('a', y, ['N'])).toThrow('two values of the name a');
    const session = await openSession(graph.encode());
    const { a, b, same } = await session.run({ x: { data: Float32Array.of(3), dims: [1] } });
    expect([a, b, same]).toEqual([Float32Array.of(-3), Float32Array.of(-3), Float32Array.of(3)]);
    await session.close();
  });

  test('attributes keep their types', () => {
    const graph = new GraphBuilder({ opset: 13, metadata: { key: 'value' } });
    const x = graph.input('x', [1]);
    graph.output(
      'y',
      graph.node('Test', [x, undefined, x, undefined], { a: 1, b: float(1), c: 0.5, d: 's', e: [1, 2], f: ['p', 'q'] }),
      [1],
    );
    const { graph: decoded, opset_import, ir_version, metadata_props } = decodeModel(graph.encode());
    expect({ opset_import, ir_version, metadata_props }).toEqual({
      opset_import: [{ version: 13 }],
      ir_version: 7,
      metadata_props: [{ key: 'key', value: 'value' }],
    });
    expect(decoded.node[0]!.input).toEqual(['x', '', 'x']);
    expect(decoded.node[0]!.attribute.map(({ type }) => type)).toEqual([2, 1, 1, 3, 7, 8]);
    expect(decoded.node[0]!.attribute[4]!.ints).toEqual([1, 2]);
    expect(decoded.node[0]!.attribute[5]!.strings!.map((bytes) => new TextDecoder().decode(bytes))).toEqual(['p', 'q']);
  });
});

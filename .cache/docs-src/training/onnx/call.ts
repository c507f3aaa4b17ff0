/** What a layer's handler gets: the layer, its inputs as graph values, its weights, and a way to refuse. */
import type { layers } from '@tensorflow/tfjs';
import { UserError } from '../../model/errors.js';
import type { GraphBuilder, Value } from './graph.js';
import { Settings } from './settings.js';

/** As tfjs has it, batch first; null = known only when the graph runs. */
export type Shape = readonly (number | null)[];

export interface Weight {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/**
 * Turns one layer into nodes.
 * @returns the layer's output, or its outputs in tfjs's order
 */
export type LayerHandler = (call: LayerCall) => Value | readonly Value[];

/** Where recurrent layers take their first state from and leave their last. Without one, they start from zeros. */
export interface StateCarrier {
  /** [N, units] */
  take(units: number): Value;
  /** @param state [N, units]; in the order of `take` */
  leave(state: Value): void;
}

/** Emits a layer that stands inside another: `TimeDistributed`, a model in a model. */
export type EmitLayer = (
  layer: layers.Layer,
  inputs: readonly Value[],
  inputShapes: readonly Shape[],
) => readonly Value[];

export class LayerCall {
  readonly settings: Settings;

  constructor(
    readonly graph: GraphBuilder,
    readonly layer: layers.Layer,
    readonly inputs: readonly Value[],
    readonly inputShapes: readonly Shape[],
    readonly outputShapes: readonly Shape[],
    readonly emit: EmitLayer,
    readonly carrier: StateCarrier | undefined,
  ) {
    this.settings = new Settings(layer);
  }

  /** The first input, for most layers the only one. */
  get input(): Value {
    return this.inputs[0] ?? this.refuse('has no input');
  }

  get inputShape(): Shape {
    return this.inputShapes[0] ?? this.refuse('has no input');
  }

  get outputShape(): Shape {
    return this.outputShapes[0] ?? this.refuse('has no output');
  }

  get rank(): number {
    return this.inputShape.length;
  }

  /** `axis` as tfjs counts it, from the front. */
  axis(axis: number): number {
    return axis < 0 ? axis + this.rank : axis;
  }

  /** A weight by the last part of its name, e.g. `kernel`. */
  weight(name: string): Weight {
    return this.weightOf(this.layer, name) ?? this.refuse(`has no weight "${name}"`);
  }

  optionalWeight(name: string): Weight | undefined {
    return this.weightOf(this.layer, name);
  }

  /** A weight of `layer`, which may be one inside this one. */
  weightOf(layer: layers.Layer, name: string): Weight | undefined {
    const found = layer.weights.find(({ originalName }) => originalName.split('/').at(-1) === name);
    if (found === undefined) return undefined;
    const tensor = found.read();
    return { data: Float32Array.from(tensor.dataSync()), shape: tensor.shape };
  }

  /** A weight as a constant of the graph, as it is. */
  constant(name: string): Value {
    const { data, shape } = this.weight(name);
    return this.graph.constant(data, shape, name);
  }

  /** @throws UserError always: this layer or this setting of it has no ONNX form here */
  refuse(what: string, remedy = ''): never {
    throw refusal(this.layer, what, remedy);
  }
}

/** One error for all that can't be exported; names the layer and its class. */
export function refusal(layer: layers.Layer, what: string, remedy = ''): UserError {
  return new UserError(`ONNX export: layer "${layer.name}" (${layer.getClassName()}) ${what}.`, {}, remedy);
}

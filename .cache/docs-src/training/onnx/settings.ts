/** A layer's config, read with types: keys in camelCase or, as in a saved model.json, in snake_case. */
import type { layers } from '@tensorflow/tfjs';

export class Settings {
  private readonly values: Readonly<Record<string, unknown>>;

  constructor(layer: layers.Layer) {
    this.values = Object.fromEntries(
      Object.entries(layer.getConfig()).map(([key, value]) => [camelCase(key), value as unknown]),
    );
  }

  /** Undefined where the layer has no such setting or it is null. */
  value(key: string): unknown {
    return this.values[key] ?? undefined;
  }

  flag(key: string, otherwise = false): boolean {
    const value = this.value(key);
    return typeof value === 'boolean' ? value : otherwise;
  }

  number(key: string, otherwise: number): number {
    const value = this.value(key);
    return typeof value === 'number' ? value : otherwise;
  }

  text(key: string, otherwise: string): string {
    const value = this.value(key);
    return typeof value === 'string' ? camelCase(value) : otherwise;
  }

  /** A list of numbers; a single number is a list of one. */
  numbers(key: string): readonly number[] | undefined {
    const value = this.value(key);
    if (typeof value === 'number') return [value];
    return Array.isArray(value) ? value.map(Number) : undefined;
  }
}

/** `hard_sigmoid` -> `hardSigmoid`; camelCase stays as it is. */
export function camelCase(text: string): string {
  return text.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

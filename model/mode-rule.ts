/** Rules about modes as people write them: `current < 1 A and flow < 2`. */
import { z } from 'zod';
import type { Condition } from './manifest.js';

const comparison =
  /^([A-Za-z0-9_.-]+)\s*(<=|>=|<|>)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)(?:\s+((?!(?:and|or)$)\S+))?$/i;

/** A comparison with the unit that it was written with, if it was. */
export type WrittenCondition = Condition & { readonly unit?: string };

/** The comparisons of a rule; undefined where it is none. */
export function parseRule(text: string): WrittenCondition[] | undefined {
  const conditions: WrittenCondition[] = [];
  for (const part of text.trim().split(/\s+and\s+/i)) {
    const [, signal, op, value, unit] = comparison.exec(part.trim()) ?? [];
    if (signal === undefined || op === undefined) return undefined;
    conditions.push({
      signal,
      op: op as Condition['op'],
      value: Number(value),
      ...(unit === undefined ? {} : { unit }),
    });
  }
  return conditions;
}

/** A rule in a config. */
export const ruleSchema = z.string().transform((text, context): WrittenCondition[] => {
  const conditions = parseRule(text);
  if (conditions !== undefined) return conditions;
  context.addIssue({
    code: 'custom',
    message: 'must be comparisons of signals with numbers, such as current < 1, or current < 1 A and flow < 2',
  });
  return z.NEVER;
});

/** A condition as people read it. */
export function formatCondition({ signal, op, value }: Condition): string {
  return `${signal} ${op} ${value}`;
}

/** What is wrong with the signals of a rule, in a few words; undefined = nothing. */
export function ruleProblem(
  conditions: readonly WrittenCondition[],
  signals: readonly { readonly name: string; readonly unit: string }[],
): string | undefined {
  for (const { signal, unit } of conditions) {
    const known = signals.find(({ name }) => name === signal);
    if (known === undefined)
      return `there is no signal ${signal}; there are: ${signals.map(({ name }) => name).join(', ')}`;
    if (unit !== undefined && known.unit !== '' && known.unit !== unit)
      return `${signal} is in ${known.unit}, not in ${unit}`;
  }
  return undefined;
}

/** Without units: they were checked. */
export function plain(conditions: readonly WrittenCondition[]): Condition[] {
  return conditions.map(({ signal, op, value }) => ({ signal, op, value }));
}

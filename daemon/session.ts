/** What our session at the broker may be subscribed to: it outlives us, and the config may be another one when we are back. */
import { z } from 'zod';
import type { Publisher } from './publish.js';

export interface SessionMemory {
  /** Topic filters of the last connection. */
  readonly filters: readonly string[];
  keep(filters: readonly string[]): void;
}

const memo = 'subscriptions';
const schema = z.array(z.string()).catch([]);

/** Kept among the memos of the outbox. */
export function sessionMemory(memos: ReadonlyMap<string, unknown>, put: Publisher['put']): SessionMemory {
  return {
    get filters() {
      return schema.parse(memos.get(memo));
    },
    keep(filters) {
      const before = new Set(this.filters);
      if (filters.length !== before.size || filters.some((filter) => !before.has(filter)))
        put([], { [memo]: [...filters] });
    },
  };
}

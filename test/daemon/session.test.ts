/** What the session at the broker holds, over restarts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { Outbox } from '../../daemon/outbox.js';
import { sessionMemory } from '../../daemon/session.js';

it('keeps the filters over a restart, and writes only what is new', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'anomalyd-session-'));
  const life = () => {
    const outbox = Outbox.open(dir);
    let writes = 0;
    const memory = sessionMemory(outbox.memos, (messages, memos) => {
      writes++;
      outbox.put(messages, memos);
    });
    return { outbox, memory, writes: () => writes };
  };
  const first = life();
  expect(first.memory.filters).toEqual([]);
  first.memory.keep(['a', 'b/+']);
  first.memory.keep(['b/+', 'a']);
  expect(first.writes()).toBe(1);
  first.outbox.close();
  const second = life();
  expect(second.memory.filters).toEqual(['a', 'b/+']);
  second.memory.keep(['a']);
  expect(second.memory.filters).toEqual(['a']);
  second.outbox.close();
  rmSync(dir, { recursive: true });
});

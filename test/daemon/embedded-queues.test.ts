import { expect, it } from 'vitest';
import { bound, type Store } from '../../daemon/embedded-queues.js';

function store() {
  const done: string[] = [];
  const inner: Store = {
    outgoingEnqueue: async ({ clientId }, { topic }) => void done.push(`${clientId}:${topic}`),
    outgoingEnqueueCombi: async (sessions, { topic }) => {
      for (const { clientId } of sessions) done.push(`${clientId}:${topic}`);
    },
    outgoingClearMessageId: async () => ({}),
    storeRetained: async ({ topic }) => void done.push(`retained:${topic}`),
  };
  bound(inner, { maxOwed: 2, maxRetained: 1 });
  return { inner, done };
}
const message = (topic: string, payload = 'x') => ({ topic, payload: Buffer.from(payload) });

it('owes each session only so much, until it has taken some', async () => {
  const { inner, done } = store();
  const both = [{ clientId: 'a' }, { clientId: 'b' }];
  await inner.outgoingEnqueueCombi(both, message('1'));
  await inner.outgoingEnqueue({ clientId: 'a' }, message('2'));
  await inner.outgoingEnqueueCombi(both, message('3'));
  await inner.outgoingClearMessageId({ id: 'a' }, {});
  await inner.outgoingEnqueue({ clientId: 'a' }, message('4'));
  expect(done).toEqual(['a:1', 'b:1', 'a:2', 'b:3', 'a:4']);
});

it('retains only so many topics', async () => {
  const { inner, done } = store();
  for (const topic of ['a', 'b', 'a']) await inner.storeRetained(message(topic));
  await inner.storeRetained(message('a', ''));
  await inner.storeRetained(message('b'));
  expect(done).toEqual(['retained:a', 'retained:a', 'retained:a', 'retained:b']);
});

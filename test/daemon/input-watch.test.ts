import { describe, expect, it } from 'vitest';
import { InputWatch } from '../../daemon/input-watch.js';
import type { Log } from '../../daemon/log.js';

const start = 1_000_000;

function watch(topics: readonly string[]) {
  const said: string[] = [];
  const asked: number[] = [];
  const note = (fields: { input: string }, text: string) => said.push(`${fields.input}: ${text}`);
  const inputs = new InputWatch({
    log: { warn: note, info: note } as unknown as Log,
    rejected: new Float64Array(0),
    resubscribe: () => asked.push(1),
  });
  inputs.setInputs(topics, start);
  return { inputs, said, asked };
}

describe('the watch over inputs', () => {
  it('asks for the subscriptions anew once a connection when an input falls silent, and says so', () => {
    const { inputs, said, asked } = watch(['a/#', 'b/#']);
    inputs.connected(start);
    for (let k = 0; k < 30; k++) for (const input of [0, 1]) inputs.heard(input, start + k * 1000);
    for (let k = 30; k < 200; k++) {
      inputs.heard(1, start + k * 1000);
      inputs.tick(start + k * 1000);
    }
    expect(asked).toHaveLength(1);
    expect(said).toEqual([
      'a/#: connected, but nothing comes in on this input any more; asking the broker for the subscriptions anew',
    ]);
    expect(inputs.views()).toEqual([
      { topic: 'a/#', messages: 30, lastMs: start + 29_000, silent: true },
      { topic: 'b/#', messages: 200, lastMs: start + 199_000, silent: false },
    ]);
    inputs.heard(0, start + 200_000);
    expect(said.at(-1)).toBe('a/#: the input is heard again');
    inputs.tick(start + 400_000);
    expect([asked.length, inputs.resubscriptions]).toEqual([1, 1]);
  });

  it('audits after a reconnection: what was heard before and is not heard now', () => {
    const { inputs, asked } = watch(['a/#']);
    inputs.connected(start);
    inputs.heard(0, start);
    inputs.disconnected();
    inputs.tick(start + 500_000);
    expect(asked).toEqual([]);
    inputs.connected(start + 500_000);
    inputs.tick(start + 559_000);
    expect(asked).toEqual([]);
    inputs.tick(start + 560_000);
    expect(asked).toHaveLength(1);
  });

  it('counts inputs of one topic as one, and tells one that was never heard', () => {
    const { inputs, said } = watch(['a/#', 'a/#']);
    inputs.connected(start);
    inputs.tick(start + 60_000);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('nothing has come in on this input yet');
    inputs.heard(1, start + 61_000);
    expect(inputs.views()).toMatchObject([{ topic: 'a/#', messages: 1, silent: false }]);
    inputs.setInputs(['a/#', 'c'], start);
    expect(inputs.views().map(({ messages }) => messages)).toEqual([1, 0]);
  });
});

import { describe, expect, it } from 'vitest';
import { RingReader, RingWriter, ringMemory } from '../../daemon/embedded-ring.js';

function ring(capacity = 1024) {
  const memory = ringMemory(capacity);
  let rung = 0;
  const writer = new RingWriter(memory, () => rung++);
  const reader = new RingReader(memory);
  const read = (limit = Number.POSITIVE_INFINITY) => {
    const messages: [string, string][] = [];
    reader.hear();
    reader.drain((topic, payload) => messages.push([topic, payload.toString()]), limit);
    return messages;
  };
  return { writer, reader, read, rung: () => rung };
}

describe('the ring between broker and main thread', () => {
  it('keeps order and bytes over many rounds through its end', () => {
    const { writer, read } = ring();
    for (let i = 0; i < 500; i++) {
      const payload = 'x'.repeat(i % 150) + i;
      expect(writer.write(`t/${i % 7}`, Buffer.from(payload))).toBe(true);
      if (i % 3 === 0) expect(writer.write('ü', Buffer.from('é'))).toBe(true);
      expect(read()).toEqual([[`t/${i % 7}`, payload], ...(i % 3 === 0 ? [['ü', 'é']] : [])]);
    }
  });

  it('takes nothing without room, and says once that the writer wants it', () => {
    const { writer, reader, read } = ring();
    const payload = Buffer.alloc(100);
    let taken = 0;
    while (writer.write('t', payload)) taken++;
    expect(taken).toBeGreaterThan(5);
    expect(reader.wanted).toBe(false);
    read(taken - 1);
    expect([reader.wanted, reader.wanted]).toEqual([true, false]);
    expect(writer.write('t', payload)).toBe(true);
    expect(read()).toHaveLength(2);
  });

  it('rings once until it is heard', () => {
    const { writer, read, rung } = ring();
    writer.write('t', Buffer.from('1'));
    writer.write('t', Buffer.from('2'));
    expect(rung()).toBe(1);
    expect(read(1)).toEqual([['t', '1']]);
    writer.write('t', Buffer.from('3'));
    expect(rung()).toBe(2);
    expect(read()).toEqual([
      ['t', '2'],
      ['t', '3'],
    ]);
  });
});

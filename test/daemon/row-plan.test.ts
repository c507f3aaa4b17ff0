import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../daemon/config.js';
import { Decoder, type RowSink } from '../../daemon/decode.js';
import { readingRejections } from '../../daemon/rejections.js';

const nowMs = Date.UTC(2026, 0, 5, 8);
const channels = ['temperature', 'pressure', 'flow'];

function decoder(settings: object): Decoder {
  const context = { env: {}, directory: '/', hostname: 'gw', readFile: () => '' };
  const config = configSchema(context).parse({
    broker: { url: 'mqtt://h' },
    bundles: [{ path: 'b' }],
    inputs: [{ topic: 'plant/{asset}/row', ...settings }],
  });
  return new Decoder(config.inputs[0]!, channels);
}

/** All that the decoder says of the message, in order. Rows of `refused` assets are not wanted. */
function heard(decoder: Decoder, text: string, retained = false): unknown[] {
  const calls: unknown[] = [];
  const sink: RowSink = {
    row: (asset, timeMs) => {
      calls.push(['row', asset, timeMs]);
      return asset !== 'refused';
    },
    reading: (channel, value) => void calls.push([channels[channel], value]),
    reject: (reason) => void calls.push(['reject', readingRejections[reason]?.[0]]),
  };
  decoder.decode(Buffer.from(text), { retained, nowMs }, sink);
  return calls;
}

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.constantFrom(-0, 1e300, nowMs),
);
const time = fc.oneof(
  fc.constantFrom(nowMs, nowMs / 1000, '2026-01-05T08:00:00Z', '1767600000', 'noon', 0, null),
  fc.nat(),
);
const reading = fc.oneof(
  { weight: 5, arbitrary: number },
  fc.constantFrom<unknown>(null, true, '12', 'bad', [1], { value: 2 }),
);
const row = fc.record(
  {
    ts: time,
    id: fc.constantFrom<unknown>('pump-1', 'pümp', 'refused', 7, null),
    temperature: reading,
    pressure: reading,
    more: fc.record({ flow: reading, list: fc.array(number, { maxLength: 2 }) }),
    values: fc.record({ temperature: reading, flow: reading }),
  },
  { requiredKeys: ['temperature'] },
);
const message = fc.oneof(
  row,
  fc.array(row, { minLength: 1, maxLength: 3 }),
  fc.record({ ts: time, id: fc.constantFrom('pump-2', 3), rows: fc.array(row, { maxLength: 3 }) }),
);

const inputs: Readonly<Record<string, object>> = {
  'the time of arrival': {},
  'a time': { time: '$.ts' },
  'a time that must be there': { time: '$.ts', missingTime: 'reject' },
  seconds: { time: '$.ts', timeUnit: 's' },
  'rows at a path': { time: '$.ts', rows: '$.rows' },
  'an asset in the row': { topic: 'plant/rows', asset: '$.id', time: '$.ts' },
  'values at a path': { time: '$.ts', values: '$.more' },
  'values by paths, with scale and offset': {
    time: '$.ts',
    values: {
      flow: { path: '$.more.flow', scale: 2, offset: -3 },
      pressure: '$.more.list[1]',
      temperature: '$.temperature',
    },
  },
};

describe('rows of messages of a known shape', () => {
  it.each(Object.entries(inputs))('come as those of the first message did: %s', (_, settings) => {
    let rows = 0;
    fc.assert(
      fc.property(message, fc.boolean(), (value, retained) => {
        const text = JSON.stringify(value);
        const known = decoder(settings);
        const first = heard(known, text, retained);
        expect(heard(known, text, retained)).toEqual(first);
        // Other numbers and texts in the same shape: a decoder that has seen another message says what one says that has seen none.
        const other = text.replace(/(?<=[:[,])-?\d[\d.e+-]*(?=[,}\]])/g, '41.5').replaceAll('pump-1', 'refused');
        expect(heard(known, other, retained)).toEqual(heard(decoder(settings), other, retained));
        rows += first.filter((call) => (call as unknown[])[0] === 'row').length;
      }),
      { numRuns: 300 },
    );
    expect(rows).toBeGreaterThan(50);
  });

  it('are told by their numbers, ten in a message', () => {
    const known = decoder({ time: '$.ts' });
    const text = (from: number) =>
      JSON.stringify(Array.from({ length: 10 }, (_, i) => ({ ts: nowMs + i, temperature: from + i, flow: i / 2 })));
    const expected = (from: number) =>
      Array.from({ length: 10 }, (_, i) => [
        ['row', undefined, nowMs + i],
        ['temperature', from + i],
        ['flow', i / 2],
      ]).flat();
    for (const from of [20, 30.5, 1e3]) expect(heard(known, text(from))).toEqual(expected(from));
  });
});

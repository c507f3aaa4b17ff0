import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonReader, JsonShape } from '../../daemon/json-shape.js';

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** What a reader makes of each of `texts`, in order, copied before the next. */
function readAll(texts: readonly string[]): unknown[] {
  const reader = new JsonReader(parse);
  return texts.map((text) => structuredClone(reader.read(Buffer.from(text))));
}

/** Whether the second text is read into the shape of the first. */
function fits(first: string, second: string): boolean {
  return JsonShape.of(Buffer.from(first), JSON.parse(first))?.fill(Buffer.from(second)) === true;
}

describe('a reader of JSON messages', () => {
  it('gives what JSON.parse gives, whatever came before', () => {
    const number = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.constantFrom(-0, 1e21, 5e-324),
    );
    const row = fc.record({
      time: fc.oneof(fc.integer(), fc.string()),
      value: number,
      more: fc.array(number, { maxLength: 3 }),
    });
    const blanks = fc.constantFrom(undefined, 1, '\t');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.oneof(row, fc.array(row, { maxLength: 3 }), fc.jsonValue()), blanks)),
        (list) => {
          const texts = list.map(([value, space]) => JSON.stringify(value, undefined, space));
          expect(readAll(texts)).toEqual(texts.map((text) => JSON.parse(text)));
        },
      ),
    );
  });

  it('gives what JSON.parse gives for texts that were changed somewhere', () => {
    const first = '{"t":1700000000123,"a":-12.5,"name":"pump-1","list":[1e3,0.25],"on":true,"odd":"\\u0041ä"}';
    const change = fc.tuple(
      fc.nat({ max: first.length }),
      fc.nat({ max: 3 }),
      fc.constantFrom('', '0', '-', '.', 'e', '1', '"', '\\', ',', '}', ' ', 'ä'),
    );
    fc.assert(
      fc.property(change, ([at, cut, put]) => {
        const second = first.slice(0, at) + put + first.slice(at + cut);
        expect(readAll([first, second, first])).toEqual([parse(first), parse(second), parse(first)]);
      }),
      { numRuns: 2000 },
    );
  });

  it('reads each number as the language does', () => {
    const numbers = [
      '0',
      '-0',
      '0.1',
      '-0.1',
      '12.50',
      '23.450000000000003',
      '9007199254740993',
      '123456789012345678901234567890',
      '0.00000000000000000000000000001',
      '1e5',
      '1E+5',
      '2.5e-7',
      '1e400',
      '4.35',
      '0.3',
      '8.41',
      '179.99999999999997',
      '1700000000123.456',
    ];
    const reader = new JsonReader(parse);
    for (const text of ['1', ...numbers])
      expect(reader.read(Buffer.from(`{"a":${text}}`))).toEqual({ a: JSON.parse(text) });
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.nat({ max: 20 }), (value, digits) => {
        const text = Math.abs(value) < 1e21 ? value.toFixed(digits) : String(value);
        expect(reader.read(Buffer.from(`{"a":${text}}`))).toEqual({ a: JSON.parse(text) });
      }),
    );
  });

  it('knows a message again whose numbers and texts alone are others', () => {
    const first = '{"time":"2026-01-01T00:00:00Z","values":{"a":1,"b":-2.5},"ok":true}';
    expect(fits(first, '{"time":"2027","values":{"a":1e3,"b":200.25},"ok":true}')).toBe(true);
    expect(fits(first, '{"time":"2027","values":{"a":1e3,"b":200.25},"ok":false}')).toBe(false);
    expect(fits(first, '{"time":"2027","values":{"a":1e3,"c":200.25},"ok":true}')).toBe(false);
  });

  it.each([
    ['a leading zero', '{"a":1}', '{"a":01}'],
    ['a point without digits', '{"a":1}', '{"a":1.}'],
    ['no number', '{"a":1}', '{"a":}'],
    ['a sign alone', '{"a":1}', '{"a":-}'],
    ['an exponent without digits', '{"a":1}', '{"a":1e}'],
    ['a plus', '{"a":1}', '{"a":+1}'],
    ['an end too soon', '{"a":1}', '{"a":1'],
    ['something behind it', '{"a":1}', '{"a":1}}'],
    ['a line break in a text', '{"a":"x"}', '{"a":"\n"}'],
    ['a text that does not end', '{"a":"x"}', '{"a":"x'],
  ])('refuses %s', (_, first, second) => {
    const reader = new JsonReader(parse);
    reader.read(Buffer.from(first));
    expect(reader.read(Buffer.from(first))).toEqual(JSON.parse(first));
    expect(reader.read(Buffer.from(second))).toBeUndefined();
    expect(reader.read(Buffer.from(first))).toEqual(JSON.parse(first));
  });

  it('learns no shape in which a name comes twice', () => {
    const texts = ['{"a":{"x":1,"y":2},"a":{"x":3}}', '{"a":1,"a":2}', '{"a":1,"a":{"a":2}}', '{"\\u0061":1,"a":2}'];
    for (const text of texts) expect(JsonShape.of(Buffer.from(text), JSON.parse(text))).toBeUndefined();
    for (const text of texts) expect(readAll([text, text, text])).toEqual([1, 2, 3].map(() => JSON.parse(text)));
  });

  it('keeps a name like __proto__ to itself', () => {
    const texts = ['{"__proto__":1,"a":2}', '{"__proto__":{"a":3}}', '{"__proto__":{"a":4}}', '{"__proto__":{"a":5}}'];
    const reader = new JsonReader(parse);
    for (const text of texts) expect(JSON.stringify(reader.read(Buffer.from(text)))).toBe(text);
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });

  it('reads several shapes in turn, and goes on where every message is another', () => {
    const shapes = (i: number) => [`{"a":${i}}`, `[{"b":${i}},{"b":2}]`, `{"c":"${i}"}`][i % 3] ?? '';
    const texts = Array.from({ length: 60 }, (_, i) => shapes(i));
    expect(readAll(texts)).toEqual(texts.map((text) => JSON.parse(text)));
    const odd = Array.from({ length: 300 }, (_, i) => `{"k${i}":${i}}`);
    expect(readAll(odd)).toEqual(odd.map((text) => JSON.parse(text)));
  });

  it('does without a shape for what is deep, long or of many numbers', () => {
    const deep = `${'['.repeat(500)}1${']'.repeat(500)}`;
    const many = JSON.stringify(Array.from({ length: 600 }, (_, i) => i));
    const long = JSON.stringify({ a: 'x'.repeat(20_000) });
    for (const text of [deep, many, long]) {
      expect(JsonShape.of(Buffer.from(text), JSON.parse(text))).toBeUndefined();
      expect(readAll([text, text])).toHaveLength(2);
    }
  });
});

import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../model/errors.js';
import { openRecordingWriter, type RecordingOptions, type Row, readRecording } from '../../model/recording.js';
import { alignRecording } from '../../model/segment.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'recording-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function read(name: string, content: string | Uint8Array, options?: RecordingOptions): Promise<Row[]> {
  const file = path.join(dir, name);
  await writeFile(file, content);
  return all(readRecording(file, options));
}

async function all(rows: AsyncIterable<Row>): Promise<Row[]> {
  const list: Row[] = [];
  for await (const row of rows) list.push(row);
  return list;
}

const noon = Date.UTC(2024, 5, 1, 12);

describe('readRecording, CSV', () => {
  it('sniffs the delimiter, guesses the time column, names the asset after the file', async () => {
    for (const d of [',', ';', '\t', '|']) {
      const rows = await read(
        'pump-7.csv',
        `\uFEFFa b${d}Datetime${d}flow\n1.5${d}2024-06-01 12:00:00${d}2\r\n\n-1e3${d}2024-06-01 12:00:01.5${d}\n`,
      );
      expect(rows).toEqual([
        { asset: 'pump-7', timeMs: noon, values: { 'a b': 1.5, flow: 2 } },
        { asset: 'pump-7', timeMs: noon + 1500, values: { 'a b': -1000 } },
      ]);
    }
  });

  it.each([
    ['2024-06-01T12:00:00Z', noon],
    ['2024-06-01T14:00:00.250+02:00', noon + 250],
    ['2024-06-01 12:00', noon],
    ['2024/06/01', noon - 12 * 3_600_000],
    ['1717243200', noon],
    ['1717243200.5', noon + 500],
    ['1717243200000', noon],
    ['1717243200000000', noon],
    ['17', 17_000],
  ])('reads the time %s', async (text, timeMs) => {
    expect((await read('t.csv', `time,v\n${text},1\n`))[0]?.timeMs).toBe(timeMs);
  });

  it('keeps to the unit of the first time, or to the one that is given', async () => {
    expect((await read('t.csv', 'ts,v\n99999999998,1\n100000000001,1\n')).map(({ timeMs }) => timeMs)).toEqual([
      99999999998e3, 100000000001e3,
    ]);
    expect((await read('t.csv', 'ts,v\n5,1\n', { timeUnit: 'ms' }))[0]?.timeMs).toBe(5);
  });

  it('takes an asset column, a decimal comma, and only the signals that are asked for', async () => {
    const rows = await read('x.csv', 'time;machine;a;b;note\n0;p1;1,5;2;hello\n1;;nan;-0,5;x\n', {
      assetColumn: 'machine',
      decimalComma: true,
      asset: 'other',
      channels: ['b', 'a'],
    });
    expect(rows).toEqual([
      { asset: 'p1', timeMs: 0, values: { b: 2, a: 1.5 } },
      { asset: 'other', timeMs: 1000, values: { b: -0.5, a: Number.NaN } },
    ]);
  });

  it('leaves out columns of words when no signals are named, and says which', async () => {
    const told: string[] = [];
    const onLeftOut = (columns: readonly string[]) => told.push(...columns);
    expect((await read('x.csv', 'time,asset,state,v,note\n0,a,run,1,\n', { onLeftOut }))[0]).toEqual({
      asset: 'a',
      timeMs: 0,
      values: { v: 1 },
    });
    expect(told).toEqual(['state']);
  });

  it('tells decimal commas by the values alone: seconds may have a point', async () => {
    const rows = await read('x.csv', 'time;a\n1717200000.5;12,5\n1717200001.5;13,5\n');
    expect(rows.map(({ timeMs, values }) => [timeMs, values.a])).toEqual([
      [1717200000500, 12.5],
      [1717200001500, 13.5],
    ]);
  });

  it('reads gzip', async () => {
    expect((await read('z.csv.gz', gzipSync('time,v\n1,2\n')))[0]).toEqual({
      asset: 'z',
      timeMs: 1000,
      values: { v: 2 },
    });
  });

  it.each<[string, string, string, RecordingOptions, RegExp]>([
    [
      'no time column',
      'a.csv',
      'x,y\n1,2\n',
      {},
      /a\.csv:1: No column is known to be the time\. Name the time column; the columns are "x", "y"/,
    ],
    [
      'another time column',
      'a.csv',
      'time,y\n1,2\n',
      { timeColumn: 'when' },
      /a\.csv:1: There is no time column "when"/,
    ],
    [
      'a missing signal',
      'a.csv',
      'time,y\n1,2\n',
      { channels: ['y', 'z'] },
      /a\.csv:1: There is no signal column "z"\. The columns are "time", "y"/,
    ],
    ['a time that is none', 'a.csv', 'time,y\n1,2\n3,4\nsoon,5\n', {}, /a\.csv:4 \(time\): "soon" is no time/],
    ['a day that is none', 'a.csv', 'time,y\n2024-02-30,2\n', {}, /a\.csv:2 \(time\): "2024-02-30" is no time/],
    ['no time', 'a.csv', 'time,y\n,2\n', {}, /a\.csv:2 \(time\): "" is no time/],
    ['a word for a number', 'a.csv', 'time,y\n1,2\n2,two\n', {}, /a\.csv:3 \(y\): "two" is no number/],
    [
      'a decimal comma',
      'a.csv',
      'time,y\n1,"2,5"\n',
      { channels: ['y'], decimalComma: false },
      /a\.csv:2 \(y\): "2,5" is no number.*`decimalComma: true`/,
    ],
    [
      'a comma that may part thousands',
      'a.csv',
      'time\ty\n1\t2,500\n',
      {},
      /a\.csv: It can't be told whether .* Say `decimalComma: true` or/,
    ],
    [
      'marks between thousands',
      'a.csv',
      'time,x,y\n1,"1,234.5",2\n',
      {},
      /a\.csv:2 \(x\): "1,234.5" is no number.*without marks/,
    ],
    [
      'the same in German',
      'a.csv',
      'time;x;y\n1;1.234,5;2\n',
      {},
      /a\.csv:2 \(x\): "1.234,5" is no number.*without marks/,
    ],
    [
      'a point in one column, a comma in another',
      'a.csv',
      'time;x;y\n1;2.5;3,5\n',
      {},
      /a\.csv:2 \(y\): "3,5" is no number.*`decimalComma: true`/,
    ],
    ['a quoted comma', 'a.csv', 'time,y\n1,"2,5"\n', {}, /a\.csv: It can't be told/],
    [
      'a word of its own for nothing',
      'a.csv',
      'time,y\n1,2\n2,Kaputt\n',
      {},
      /a\.csv:3 \(y\): "Kaputt" is no number\. .*`missing: \["Kaputt"\]`/,
    ],
    [
      'a date that may be either',
      'a.csv',
      'time,y\n3/4/2024 10:00,2\n',
      {},
      /a\.csv:2 \(time\): "3\/4\/2024 10:00" is no time\. Say which is first.*`dateOrder: dmy`/,
    ],
    ['a workbook', 'a.csv', 'PK\u0003\u0004....', {}, /a\.csv: This is no CSV but a workbook.*Save it as CSV/],
    [
      'a row a reading without values',
      'a.csv',
      'time,what,y\n1,T1,2\n',
      { signalColumn: 'what' },
      /a\.csv:1: With a row a reading, `valueColumn` must be known/,
    ],
    ['a short line', 'a.csv', 'time,y,z\n1,2,3\n2,3\n', {}, /a\.csv:3: Not CSV/],
    ['no gzip', 'a.csv.gz', 'time,y\n1,2\n', {}, /a\.csv\.gz: It cannot be read: incorrect header/],
  ])('says where: %s', async (_, name, content, options, message) => {
    const failure = await read(name, content, options).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UserError);
    expect((failure as Error).message).toMatch(message);
  });

  it('says that there is no such file', async () => {
    await expect(all(readRecording(path.join(dir, 'none.csv')))).rejects.toThrow(/none\.csv: There is no such file/);
    await expect(all(readRecording(dir))).rejects.toThrow(/It cannot be read: EISDIR/);
  });
});

describe('exports of historians', () => {
  const hour = (text: string) => Date.parse(`2024-06-01T${text}Z`);
  const values = (rows: readonly Row[]) => rows.map((row) => row.values);

  it('have a row a reading: the column of tags names the signal', async () => {
    const text =
      'Tag,Timestamp,Value,Quality\n' +
      'P1.T,01-Jun-24 12:00:00,20.5,Good\nP1.P,01-Jun-24 12:00:00,5,Good\nP1.T,01-Jun-24 12:00:10,21,Bad\n' +
      'P1.P,01-Jun-24 12:00:10,No Data,Good\nP1.T,01-Jun-24 12:00:20,,Good\n';
    const rows = await read('pump.csv', text);
    expect(rows.map(({ asset, timeMs }) => [asset, timeMs])).toEqual([
      ['pump', noon],
      ['pump', noon + 10_000],
    ]);
    expect(values(rows)).toEqual([
      { 'P1.T': 20.5, 'P1.P': 5 },
      { 'P1.T': Number.NaN, 'P1.P': Number.NaN },
    ]);
    expect(values(await read('pump.csv', text, { channels: ['P1.P'] }))).toEqual([
      { 'P1.P': 5 },
      { 'P1.P': Number.NaN },
    ]);
    expect(values(await read('o.csv', 'time,what,v\n1,a,2\n', { signalColumn: 'what', valueColumn: 'v' }))).toEqual([
      { a: 2 },
    ]);
    // One signal after the other, of two machines, by the names that training made.
    const grouped = 'tag,asset,time,value\nA (x),p,2,1\nA (x),p,1,2\nA (x),q,1,3\nB,p,1,4\nB,p,2,5\n';
    expect(await read('o.csv', grouped, { channels: ['A_x_', 'B'] })).toEqual([
      { asset: 'p', timeMs: 1000, values: { A_x_: 2, B: 4 } },
      { asset: 'q', timeMs: 1000, values: { A_x_: 3 } },
      { asset: 'p', timeMs: 2000, values: { A_x_: 1, B: 5 } },
    ]);
    await expect(read('o.csv', grouped, { channels: ['C'] })).rejects.toThrow(
      /o\.csv \(tag\): It has none of the signals C\. It has A \(x\), B\./,
    );
    // OPC's numbers of quality: 0 is bad, 64 uncertain, 192 good.
    const opc = 'tag,time,value,quality\na,1,1,192\na,2,2,0\na,3,3,64\na,4,4,28\n';
    expect(values(await read('o.csv', opc)).map(({ a }) => a)).toEqual([1, Number.NaN, 3, Number.NaN]);
  });

  it('have a column a signal though one of them is called `name` or `value`', async () => {
    expect(values(await read('x.csv', 'time,value,sensor\n1,2,3\n'))).toEqual([{ value: 2, sensor: 3 }]);
  });

  it('are in German: decimal commas behind semicolons, and the day first', async () => {
    const rows = await read('x.csv', 'Zeit;Druck;Menge\n01.06.2024 12:00:00;1,25;3\n01.06.2024 12:00:10;1,5;4\n');
    expect(rows).toEqual([
      { asset: 'x', timeMs: noon, values: { Druck: 1.25, Menge: 3 } },
      { asset: 'x', timeMs: noon + 10_000, values: { Druck: 1.5, Menge: 4 } },
    ]);
    expect(values(await read('x.csv', 'time;a\n1;2,500\n'))).toEqual([{ a: 2.5 }]);
    expect(values(await read('x.csv', 'time\ta\n1\t2,500\n2\t2,5\n'))).toEqual([{ a: 2.5 }, { a: 2.5 }]);
    expect(values(await read('x.csv', 'time;a;b\n1;2,500;1.5\n', { channels: ['b'] }))).toEqual([{ b: 1.5 }]);
  });

  it('tell day and hour in two columns, in local time', async () => {
    const text = 'Date;Time;a\n01.06.2024;14:00:00;1\n';
    expect((await read('x.csv', text, { timeZone: 'Europe/Berlin' }))[0]?.timeMs).toBe(noon);
    expect((await read('x.csv', 'time,date,a\n12:00,2024-06-01,1\n'))[0]?.timeMs).toBe(noon);
    // A column that is a time by itself needs no other.
    expect((await read('x.csv', 'date,time,a\n2024-01-01,2024-06-01 12:00,1\n'))[0]?.timeMs).toBe(noon);
    expect((await read('x.csv', 'time,a\n6/1/2024 2:00:00 PM,1\n', { dateOrder: 'mdy' }))[0]?.timeMs).toBe(
      hour('14:00:00'),
    );
  });

  it('have a second line of units', async () => {
    expect(values(await read('x.csv', 'time,a,b\n,degC,bar\n2024-06-01,1,2\n'))).toEqual([{ a: 1, b: 2 }]);
    expect(values(await read('x.csv', 'time,a,b\nUTC,degC,-\n2024-06-01,1,2\n'))).toEqual([{ a: 1, b: 2 }]);
  });

  it('say in words that there is no value, from the first row on', async () => {
    const words = ['Bad', 'no data', 'I/O Timeout', '#N/A', '[-11059] No Good Data For Calculation', 'Off'];
    const text = `time,state,a\n${words.map((word, i) => `${i},Running,${word}`).join('\n')}\n9,Stopped,7\n`;
    const rows = values(await read('x.csv', text, { missing: ['OFF'] }));
    expect(rows).toEqual([...words.map(() => ({ a: Number.NaN })), { a: 7 }]);
  });

  it('are in the encodings of Windows', async () => {
    const text = 'time,Öl °C\n1,2\n';
    const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le');
    for (const content of [bytes, Buffer.from(bytes).swap16(), Buffer.from(text, 'latin1'), text])
      expect(values(await read('x.csv', content))).toEqual([{ 'Öl °C': 2 }]);
  });

  it('end at any piece of a character', async () => {
    const rows = Array.from({ length: 40_000 }, (_, i) => `${i},ä,${i}`);
    const read1 = values(await read('x.csv', `time,ö,a\n${rows.join('\n')}\n`));
    expect(read1).toHaveLength(40_000);
    expect(read1.every(({ a }, i) => a === i)).toBe(true);
    const wide = values(await read('x.csv', Buffer.from(`\uFEFFtime,ö,a\n${rows.join('\n')}\n`, 'utf16le')));
    expect(wide).toEqual(read1);
  });

  it('may be empty, or a header alone', async () => {
    expect(await read('x.csv', '')).toEqual([]);
    expect(await read('x.csv', 'time,a\n')).toEqual([]);
  });
});

describe('NDJSON', () => {
  it('reads what the writer wrote, plain and gzipped', async () => {
    const rows: Row[] = Array.from({ length: 5000 }, (_, i) => ({
      asset: `ä${i % 3}`,
      timeMs: i * 10,
      values: { a: i / 7, b: i % 5 ? 1 : Number.NaN },
    }));
    for (const name of ['r.ndjson', 'r.ndjson.gz']) {
      const file = path.join(dir, name);
      const writer = await openRecordingWriter(file);
      for (const row of rows) await writer.write(row);
      await writer.close();
      expect(await all(readRecording(file))).toEqual(rows);
    }
    expect(gunzipSync(readFileSync(path.join(dir, 'r.ndjson.gz')))).toEqual(readFileSync(path.join(dir, 'r.ndjson')));
  });

  it('finds a column of a CSV by the name that training made of its header, the exact header first', async () => {
    const channels = ['Volume_Flow_l_min_', 'a b'];
    const text = 'time,a_b,a b,Volume Flow (l/min)\n2024-06-01T12:00:00Z,1,2,3\n';
    expect(await read('h.csv', text, { channels })).toEqual([
      { asset: 'h', timeMs: noon, values: { Volume_Flow_l_min_: 3, 'a b': 2 } },
    ]);
  });

  it.each([
    ['c.csv', 'time,FT-101,b\n2024-06-01T12:00:00Z,1,2\n'],
    ['n.csv', 'time,flow,b\n2024-06-01T12:00:00Z,1,2\n'],
    ['both.csv', 'time,flow,FT-101,b\n2024-06-01T12:00:00Z,9,1,2\n'],
    ['t.csv', 'tag,time,value\nFT-101,2024-06-01T12:00:00Z,1\nTI-1,2024-06-01T12:00:00Z,7\nb,2024-06-01T12:00:00Z,2\n'],
    ['c.ndjson', '{"time":"2024-06-01T12:00:00Z","values":{"FT-101":1,"b":2,"TI-1":7}}\n'],
    ['n.ndjson', '{"time":"2024-06-01T12:00:00Z","values":{"flow":1,"b":2}}\n'],
  ])('%s: a signal by the column, tag or key of its own, else by its name', async (name, text) => {
    const rows = await read(name, text, { channels: [{ name: 'flow', column: 'FT-101' }, 'b'] });
    expect(rows.map(({ values }) => values)).toEqual([{ flow: 1, b: 2 }]);
  });

  it.each([
    ['x.csv', 'time,FT-1,b\n1,1,2\n', /no signal column "FT-101"/],
    ['y.csv', 'tag,time,value\nFT-1,2024-06-01T12:00:00Z,1\n', /none of the signals FT-101/],
  ])('%s: says what it looked for', async (name, text, message) => {
    await expect(read(name, text, { channels: [{ name: 'flow', column: 'FT-101' }] })).rejects.toThrow(message);
  });

  it('reads ISO times, null as missing, blank lines and rows without asset', async () => {
    expect(
      await read('m.jsonl', '{"time":"2024-06-01T12:00:00Z","values":{"a":null,"b":1,"c":2}}\n\n', {
        channels: ['a', 'b'],
      }),
    ).toEqual([{ asset: 'm', timeMs: noon, values: { a: Number.NaN, b: 1 } }]);
  });

  it.each([
    ['{"time":1,"values":{}}\n{"time":', /m\.ndjson:2: Not JSON/],
    ['[1]', /m\.ndjson:1: Not an object/],
    ['{"values":{}}', /m\.ndjson:1 \(time\): nothing is no time/],
    ['{"time":"later","values":{}}', /m\.ndjson:1 \(time\): "later" is no time/],
    ['{"time":1}', /m\.ndjson:1 \(values\): No object/],
    ['{"time":1,"asset":5,"values":{}}', /m\.ndjson:1 \(asset\): Not a name/],
    ['{"time":1,"values":{"a":"x"}}', /m\.ndjson:1 \(values\.a\): "x" is no number/],
  ])('says where: %s', async (content, message) => {
    const failure = await read('m.ndjson', content).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UserError);
    expect((failure as Error).message).toMatch(message);
  });

  it('says that it cannot write', async () => {
    await expect(openRecordingWriter(path.join(dir, 'no', 'r.ndjson'))).rejects.toThrow(
      /no\/r\.ndjson: It cannot be written/,
    );
  });
});

describe('alignRecording', () => {
  const options = { channels: ['a', 'b'], periodMs: 1000, holdMs: 2000 };
  const row = (asset: string, timeMs: number, values: Record<string, number>): Row => ({ asset, timeMs, values });

  it('makes frames an asset, and begins a segment after a long gap', async () => {
    const fates: string[] = [];
    const segments = await alignRecording(
      [
        row('y', 0, { a: 1, b: 2 }),
        row('x', 5000, { a: 5, b: 6, c: 9 }),
        row('y', 1000, { a: 3 }),
        row('y', 3000, { a: 4, b: Number.NaN }),
        row('y', 3000, { a: 4 }),
        row('y', 60_000, { a: 7, b: 8 }),
      ],
      { ...options, onReading: (fate) => fates.push(fate) },
    );
    expect([...segments.keys()]).toEqual(['y', 'x']);
    const [first, second] = segments.get('y')!;
    expect([...first!.timesMs]).toEqual([0, 1000, 2000, 3000]);
    expect([...first!.values]).toEqual([1, 2, 3, 2, 3, 2, 4, Number.NaN]);
    expect([...second!.timesMs]).toEqual([60_000]);
    expect([...segments.get('x')![0]!.values]).toEqual([5, 6]);
    expect(fates.filter((fate) => fate === 'duplicate')).toHaveLength(1);
    expect(fates).toHaveLength(10);
  });

  it('takes every row of a long regular recording', async () => {
    const rows = Array.from({ length: 1000 }, (_, i) => row('x', i * 1000, { a: i, b: -i }));
    const [segment, ...more] = (await alignRecording(rows, options)).get('x')!;
    expect(more).toEqual([]);
    expect([...segment!.values.filter((_, i) => i % 2 === 0)]).toEqual(rows.map((_, i) => i));
  });
});

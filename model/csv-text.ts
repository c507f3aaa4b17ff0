/** The lines of a CSV as they are written by whatever program: encodings, delimiters, quotes. */
import { Readable } from 'node:stream';
import { type CsvError, parse } from 'csv-parse';
import { UserError } from './errors.js';

const delimiters = [',', ';', '\t', '|'];

export interface CsvRecord {
  readonly cells: readonly string[];
  /** 1-based, of the record's end. */
  readonly line: number;
}

export interface CsvRecords {
  readonly delimiter: string;
  readonly records: AsyncGenerator<CsvRecord>;
}

/** Empty lines are left out. @throws UserError with file and line, also while records are read */
export async function openCsv(
  file: string,
  chunks: AsyncIterable<Buffer>,
  delimiter: string | undefined,
): Promise<CsvRecords> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    head = Buffer.concat([head, next.value]);
    if (head.includes(10)) break;
  }
  if (head.subarray(0, 2).toString('latin1') === 'PK') {
    throw new UserError(
      'This is no CSV but a workbook or a zip file.',
      { file },
      'Save it as CSV in the program that made it.',
    );
  }
  const decoder = new TextDecoder(encodingOf(head));
  const text = async function* (): AsyncGenerator<string> {
    yield decoder.decode(head, { stream: true });
    for (let next = await iterator.next(); !next.done; next = await iterator.next())
      yield decoder.decode(next.value, { stream: true });
    yield decoder.decode();
  };
  const found = delimiter ?? sniff(new TextDecoder(decoder.encoding).decode(head));
  const records = readRecords(file, Readable.from(text()), found, async () => void (await iterator.return?.()));
  return { delimiter: found, records };
}

async function* readRecords(
  file: string,
  input: Readable,
  delimiter: string,
  close: () => Promise<void>,
): AsyncGenerator<CsvRecord> {
  const parser = input.pipe(
    parse({ delimiter, bom: true, trim: true, info: true, skip_empty_lines: true, relax_quotes: true }),
  );
  // `pipe` passes no errors on.
  input.on('error', (error) => parser.destroy(error));
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      yield { cells: record, line: info.lines };
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { message, lines } = error as CsvError & { lines?: number };
    const place = lines === undefined ? { file } : { file, line: lines };
    throw new UserError(`Not CSV: ${message}.`, place, 'Check the delimiter and the quotes.', { cause: error });
  } finally {
    input.destroy();
    await close();
  }
}

/** By its mark, as Windows programs write it; else UTF-8, or where the header is none, what Western European Windows writes. */
function encodingOf(head: Buffer): string {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const header = head.subarray(0, Math.max(0, head.indexOf(10)));
  return header.equals(Buffer.from(header.toString())) ? 'utf-8' : 'windows-1252';
}

/** The delimiter that the header has most of; comma if none. */
function sniff(head: string): string {
  const [line = ''] = head.split('\n', 1);
  const counts = delimiters.map((delimiter) => line.split(delimiter).length);
  return delimiters[counts.indexOf(Math.max(...counts))] ?? ',';
}

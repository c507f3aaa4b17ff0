/** Files by the piece and by the line, plain or gzipped. */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { UserError } from './errors.js';

/** @param remedy what to give instead of a file that cannot be read. @throws UserError for that file */
export async function* readChunks(file: string, remedy: string): AsyncGenerator<Buffer> {
  const plain = createReadStream(file);
  let stream: Readable = plain;
  if (/\.gz$/i.test(file)) {
    const gunzip = createGunzip();
    plain.on('error', (error) => gunzip.destroy(error));
    stream = plain.pipe(gunzip);
  }
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const problem = code === 'ENOENT' ? 'There is no such file.' : `It cannot be read: ${message}.`;
    throw new UserError(problem, { file }, remedy, { cause });
  } finally {
    plain.destroy();
  }
}

/** The lines that each piece of the file completes. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield [rest];
}

/** The outbox's file: appended line by line, rewritten whole (tmp, fsync, rename, fsync of the folder) when most of it is dead. */
import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../model/errors.js';

/** `soon`: written at once (a kill loses nothing), on the disk some milliseconds later (a power cut loses those). `always`: on the disk before we go on. */
export type FsyncPolicy = 'always' | 'soon' | 'never';

const name = 'outbox.ndjson';
const mode = 0o600;

export class OutboxLog {
  #fd: number;
  #bytes: number;
  #syncing = false;
  #dirty = false;
  /** The last line may be half there: the next one must not be glued to it. */
  #torn = false;
  /** Writes that the disk refused. */
  failures = 0;
  /** Why it refused the last one. */
  refusal = '';

  private constructor(
    private readonly dir: string,
    private readonly fsync: FsyncPolicy,
    bytes: number,
    torn: boolean,
  ) {
    this.#fd = openSync(join(dir, name), 'a', mode);
    this.#bytes = bytes;
    this.#torn = torn;
  }

  /** The log and its lines so far, those of a torn end or of bad blocks left out and counted. @throws UserError for a folder that can't be used. */
  static open(dir: string, fsync: FsyncPolicy): { log: OutboxLog; lines: Record<string, unknown>[]; broken: number } {
    try {
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      const text = read(join(dir, name));
      const lines: Record<string, unknown>[] = [];
      let broken = 0;
      for (const line of text.split('\n')) {
        if (line === '') continue;
        const parsed = parse(line);
        if (parsed === undefined) broken++;
        else lines.push(parsed);
      }
      const torn = text !== '' && !text.endsWith('\n');
      return { log: new OutboxLog(dir, fsync, Buffer.byteLength(text), torn), lines, broken };
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new UserError(
        `the state folder can't be used: ${why}.`,
        { file: dir },
        'Make it writable, or set stateDir.',
        { cause },
      );
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** False when the disk refused; what was to be kept then lives in memory until `rewrite` succeeds. */
  append(line: object): boolean {
    const text = `${this.#torn ? '\n' : ''}${JSON.stringify(line)}\n`;
    const data = Buffer.from(text);
    try {
      for (let at = 0; at < data.length; ) at += writeSync(this.#fd, data, at);
      if (this.fsync === 'always') fdatasyncSync(this.#fd);
      else if (this.fsync === 'soon') this.#syncSoon();
    } catch (error) {
      this.#refused(error);
      this.#torn = true;
      return false;
    }
    this.#torn = false;
    this.#bytes += data.length;
    return true;
  }

  /** Replaces everything by these lines: all or nothing. False when the disk refused. */
  rewrite(lines: Iterable<object>): boolean {
    const tmp = join(this.dir, `${name}.tmp`);
    let bytes = 0;
    let fd: number | undefined;
    try {
      fd = openSync(tmp, 'w', mode);
      for (const line of lines) {
        const data = Buffer.from(`${JSON.stringify(line)}\n`);
        for (let at = 0; at < data.length; ) at += writeSync(fd, data, at);
        bytes += data.length;
      }
      fsyncSync(fd);
      renameSync(tmp, join(this.dir, name));
      const folder = openSync(this.dir, 'r');
      try {
        fsyncSync(folder);
      } finally {
        closeSync(folder);
      }
    } catch (error) {
      if (fd !== undefined) closeSync(fd);
      this.#refused(error);
      return false;
    }
    closeSync(this.#fd);
    closeSync(fd);
    this.#fd = openSync(join(this.dir, name), 'a', mode);
    this.#bytes = bytes;
    this.#torn = false;
    return true;
  }

  close(): void {
    if (this.fsync !== 'never') fdatasyncSync(this.#fd);
    closeSync(this.#fd);
    this.#fd = -1;
  }

  #refused(error: unknown): void {
    this.failures++;
    this.refusal = error instanceof Error ? error.message : String(error);
  }

  /** One flush at a time; whatever is written meanwhile goes with the next. */
  #syncSoon(): void {
    if (this.#syncing) {
      this.#dirty = true;
      return;
    }
    this.#syncing = true;
    fdatasync(this.#fd, () => {
      this.#syncing = false;
      const again = this.#dirty && this.#fd >= 0;
      this.#dirty = false;
      if (again) this.#syncSoon();
    });
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

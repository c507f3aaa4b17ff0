/** The audit log: who asked for what, when, and what became of it; one JSON line a request, and the memory of transactions behind it. */
import { appendFileSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../model/errors.js';
import { responseSchema } from './message/request.js';

const entrySchema = z.object({
  time: z.string(),
  command: z.string(),
  /** SHA-256 of command and payload. */
  digest: z.string(),
  by: z.string().nullable(),
  request: z.unknown(),
  response: responseSchema,
});
export type AuditEntry = z.infer<typeof entrySchema>;

/** Size at which the log is put aside as `audit.ndjson.1`; the one before that is gone. */
const rotateBytes = 8_388_608;
/** Transactions remembered. */
const remembered = 1000;

export class AuditLog {
  readonly #file: string;
  /** Newest transactions, oldest first. */
  readonly #transactions = new Map<string, AuditEntry>();
  #bytes = 0;

  /** `onRefusal`: the disk did not take an entry, and why. @throws UserError when the folder can't be used. */
  constructor(
    dir: string,
    private readonly onRefusal: (why: string) => void = () => {},
  ) {
    this.#file = join(dir, 'audit.ndjson');
    try {
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      appendFileSync(this.#file, '', { mode: 0o600 });
      this.#bytes = statSync(this.#file).size;
      for (const file of [`${this.#file}.1`, this.#file]) this.#load(file);
      // The end may be torn; what follows must be a line of its own.
      if (this.#bytes > 0) appendFileSync(this.#file, '\n');
    } catch (cause) {
      throw new UserError(
        `the audit log can't be written: ${reason(cause)}.`,
        { file: this.#file },
        'Make it writable, or set stateDir.',
        { cause },
      );
    }
  }

  /** The entry of a transaction, if it is remembered. */
  find(transaction: string): AuditEntry | undefined {
    return this.#transactions.get(transaction);
  }

  /** Writes an entry before its answer goes out. A full disk is told, not thrown: it must not keep people from silencing an alarm. */
  write(entry: AuditEntry): void {
    const line = `${JSON.stringify(entry)}\n`;
    this.#remember(entry);
    try {
      if (this.#bytes + line.length > rotateBytes) {
        renameSync(this.#file, `${this.#file}.1`);
        this.#bytes = 0;
      }
      appendFileSync(this.#file, line, { mode: 0o600 });
      this.#bytes += line.length;
    } catch (error) {
      this.onRefusal(reason(error));
    }
  }

  #remember(entry: AuditEntry): void {
    const { transaction, status } = entry.response;
    // What was refused changed nothing and may be tried again.
    if (transaction === undefined || status === 'error') return;
    this.#transactions.delete(transaction);
    this.#transactions.set(transaction, entry);
    const oldest = this.#transactions.keys().next();
    if (this.#transactions.size > remembered && oldest.done !== true) this.#transactions.delete(oldest.value);
  }

  #load(file: string): void {
    for (const line of readIfThere(file).split('\n')) {
      if (line === '') continue;
      try {
        const entry = entrySchema.safeParse(JSON.parse(line));
        if (entry.success) this.#remember(entry.data);
      } catch {
        // A torn line: its request was not answered, so it will be asked again.
      }
    }
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

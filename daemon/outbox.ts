/** Messages that must arrive: kept on disk, with the state they tell of, until the broker has acknowledged them. */
import { z } from 'zod';
import { type FsyncPolicy, OutboxLog } from './outbox-log.js';

export interface OutMessage {
  readonly topic: string;
  /** A function gets the event's sequence number: it counts all events without a gap, restarts included. */
  readonly payload: string | ((seq: number) => string);
  /** Of retained messages of a topic only the newest counts; older ones that still wait are left out. */
  readonly retain: boolean;
}

export interface OutboxOptions {
  /** Messages that wait at most; then the oldest that is not retained is dropped. */
  readonly maxMessages?: number;
  readonly maxBytes?: number;
  readonly fsync?: FsyncPolicy;
  /** Messages sent ahead of their acknowledgement. */
  readonly inFlight?: number;
  /** File size below which it is never rewritten. */
  readonly compactBytes?: number;
  /** The disk refuses what is put, and why; undefined: it has all again, what it refused before too. */
  readonly onDisk?: (refusal: string | undefined) => void;
}

/** Must resolve when the broker has acknowledged, and reject when it will not. */
export type Publish = (
  topic: string,
  payload: string,
  options: { readonly qos: 1; readonly retain: boolean },
) => Promise<void>;

const messageLine = z.object({ topic: z.string(), payload: z.string(), retain: z.boolean() });
const lineSchema = z.object({
  /** Number of the first of `m`. */
  n: z.number().optional(),
  /** Messages put. */
  m: z.array(messageLine).optional(),
  /** Memos kept with them. */
  k: z.record(z.string(), z.unknown()).optional(),
  /** Messages done. */
  d: z.array(z.number()).optional(),
  /** Last sequence number of events. */
  seq: z.number().optional(),
});

interface Entry extends z.infer<typeof messageLine> {
  readonly bytes: number;
  inFlight: boolean;
}

/**
 * At-least-once and in order: messages leave in the order of `put`; one that the broker did not acknowledge leaves again.
 * `put` is one write, so after a kill a change of state and the messages that tell of it are either both there or neither.
 */
export class Outbox {
  /** Waiting messages by number, in order. */
  readonly #queue = new Map<number, Entry>();
  /** Number of the newest retained message by topic, done or not, of this run. */
  readonly #newest = new Map<string, number>();
  readonly #memos = new Map<string, unknown>();
  #next = 1;
  #seq = 0;
  #bytes = 0;
  #liveBytes = 0;
  #pumping: Promise<void> | undefined;
  /** The file lacks something that was put. */
  #lacking = false;
  #closed = false;
  /** Messages dropped because too many waited. */
  dropped = 0;
  /** Messages acknowledged. */
  published = 0;

  private constructor(
    private readonly log: OutboxLog,
    /** Lines of the file that could not be read. */
    readonly broken: number,
    private readonly options: Required<OutboxOptions>,
  ) {}

  /** Opens or makes the outbox in a folder of its own. @throws UserError when the folder can't be used. */
  static open(dir: string, options: OutboxOptions = {}): Outbox {
    const {
      fsync = 'soon',
      maxMessages = 10_000,
      maxBytes = 16_777_216,
      inFlight = 64,
      compactBytes = 1_048_576,
      onDisk = () => {},
    } = options;
    const { log, lines, broken } = OutboxLog.open(dir, fsync);
    const outbox = new Outbox(log, broken, { fsync, maxMessages, maxBytes, inFlight, compactBytes, onDisk });
    for (const line of lines) outbox.#replay(line);
    return outbox;
  }

  /** Messages that wait. */
  get size(): number {
    return this.#queue.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Sequence number of the last event. */
  get seq(): number {
    return this.#seq;
  }

  /** Writes that the disk refused; the messages are kept in memory. */
  get failures(): number {
    return this.log.failures;
  }

  /** What was kept with messages, by key. */
  get memos(): ReadonlyMap<string, unknown> {
    return this.#memos;
  }

  /** Takes messages and memos in one write. A memo of undefined is forgotten. Memos are plain JSON and become the outbox's own. */
  put(messages: readonly OutMessage[], memos: Readonly<Record<string, unknown>> = {}): void {
    const n = this.#next;
    const done: number[] = [];
    const written = messages.map(({ topic, payload, retain }) => ({
      topic,
      payload: typeof payload === 'string' ? payload : payload(++this.#seq),
      retain,
    }));
    for (const message of written) this.#enqueue(this.#next++, message, done);
    this.#shed(done);
    const kept = Object.entries(memos).map(([key, value]) => [key, value ?? null] as const);
    for (const [key, value] of kept) this.#remember(key, value);
    const line = {
      n,
      m: written,
      seq: this.#seq,
      ...(kept.length > 0 && { k: Object.fromEntries(kept) }),
      ...(done.length > 0 && { d: done }),
    };
    if (this.log.append(line) && !this.#lacking) this.#compactIfDue();
    else this.#catchUp();
  }

  /**
   * Sends what waits, oldest first, until nothing waits or a message fails; what is put meanwhile goes too. Resolves then; never rejects. Call it when
   * connected and after each `put`: while it is at work another call joins it.
   */
  pump(publish: Publish): Promise<void> {
    this.#pumping ??= this.#drain(publish).finally(() => {
      this.#pumping = undefined;
    });
    return this.#pumping;
  }

  /** Flushes and closes the file; what waits is sent after the next `open`. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.log.close();
  }

  async #drain(publish: Publish): Promise<void> {
    let failed = false;
    const flying = new Set<Promise<void>>();
    while (!this.#closed) {
      const next = failed || flying.size >= this.options.inFlight ? undefined : this.#firstWaiting();
      if (next !== undefined) {
        const [n, entry] = next;
        entry.inFlight = true;
        const send = async () => publish(entry.topic, entry.payload, { qos: 1, retain: entry.retain });
        const flight: Promise<void> = send()
          .then(
            () => this.#finish(n),
            () => {
              failed = true;
              this.#takeBack(n);
            },
          )
          .finally(() => flying.delete(flight));
        flying.add(flight);
        continue;
      }
      if (flying.size === 0) return;
      await Promise.race(flying);
    }
  }

  #firstWaiting(): [number, Entry] | undefined {
    for (const pair of this.#queue) if (!pair[1].inFlight) return pair;
    return undefined;
  }

  #finish(n: number): void {
    this.published++;
    this.#remove(n);
    if (this.#closed) return;
    this.log.append({ d: [n] });
    this.#compactIfDue();
  }

  /** A message that failed waits again, unless a newer one of its topic has been put: sent late, it would overwrite that. */
  #takeBack(n: number): void {
    const entry = this.#queue.get(n);
    if (entry === undefined) return;
    entry.inFlight = false;
    if (!entry.retain || this.#newest.get(entry.topic) === n) return;
    this.#remove(n);
    if (!this.#closed) this.log.append({ d: [n] });
  }

  #enqueue(n: number, message: z.infer<typeof messageLine>, done: number[]): void {
    if (message.retain) {
      const older = this.#newest.get(message.topic);
      if (older !== undefined && this.#queue.get(older)?.inFlight === false) {
        this.#remove(older);
        done.push(older);
      }
      this.#newest.set(message.topic, n);
    }
    const bytes = Buffer.byteLength(message.payload) + message.topic.length;
    this.#queue.set(n, { ...message, bytes, inFlight: false });
    this.#bytes += bytes;
  }

  /** Drops the oldest messages that are not retained while there are too many. */
  #shed(done: number[]): void {
    const { maxMessages, maxBytes } = this.options;
    if (this.#queue.size <= maxMessages && this.#bytes <= maxBytes) return;
    for (const [n, entry] of this.#queue) {
      if (this.#queue.size <= maxMessages && this.#bytes <= maxBytes) return;
      if (entry.retain || entry.inFlight) continue;
      this.#remove(n);
      done.push(n);
      this.dropped++;
    }
  }

  #remove(n: number): void {
    const entry = this.#queue.get(n);
    if (entry === undefined) return;
    this.#queue.delete(n);
    this.#bytes -= entry.bytes;
  }

  #remember(key: string, value: unknown): void {
    if (value === null || value === undefined) this.#memos.delete(key);
    else this.#memos.set(key, value);
  }

  #replay(raw: Record<string, unknown>): void {
    const parsed = lineSchema.safeParse(raw);
    if (!parsed.success) return;
    const { n, m, k, d, seq } = parsed.data;
    if (n !== undefined) {
      this.#next = n;
      for (const message of m ?? []) this.#enqueue(this.#next++, message, []);
    }
    for (const [key, value] of Object.entries(k ?? {})) this.#remember(key, value);
    for (const number of d ?? []) this.#remove(number);
    if (seq !== undefined) this.#seq = Math.max(this.#seq, seq);
  }

  #compactIfDue(): void {
    const { compactBytes } = this.options;
    if (this.log.bytes > compactBytes && this.log.bytes > 4 * this.#liveBytes) this.#compact();
  }

  /** Writes everything anew, as the file lacks what the disk refused; it is tried with each `put` until it succeeds. */
  #catchUp(): void {
    const before = this.#lacking;
    this.#lacking = !this.#compact();
    if (this.#lacking !== before) this.options.onDisk(this.#lacking ? this.log.refusal : undefined);
  }

  #compact(): boolean {
    const queue = this.#queue;
    const memos = this.#memos;
    const last = { n: this.#next, m: [], seq: this.#seq };
    function* lines(): Generator<object> {
      for (const [key, value] of memos) yield { k: { [key]: value } };
      for (const [n, { topic, payload, retain }] of queue) yield { n, m: [{ topic, payload, retain }] };
      yield last;
    }
    if (!this.log.rewrite(lines())) return false;
    this.#liveBytes = this.log.bytes;
    return true;
  }
}

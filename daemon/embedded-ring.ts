/** Messages on their way from the embedded broker's thread to the main thread: a ring of bytes in shared memory, one producer, one consumer. */

const head = 0;
const tail = 1;
/** 1 from the producer's ring of the bell until the consumer answers it: one wake-up for many messages. */
const bell = 2;
/** 1 while the producer waits for room. */
const waiting = 3;
const headerBytes = 16;

/** Length word of what is left before the end of the buffer: the next record stands at its beginning. */
const skip = -1;
/** Kind of record, beside its topic's number. */
const kinds = { message: 0, topic: 1, forget: 2 } as const;
/** Length, topic number, kind. */
const recordBytes = 12;

/** Topics are numbered so that each crosses as text once; both ends forget all numbers when there are this many. */
const maxTopics = 200_000;

export type MessageReader = (topic: string, payload: Buffer) => void;

/** Memory that both ends are made over; `capacity` a power of two. A record larger than half of it does not fit, ever. */
export function ringMemory(capacity: number): SharedArrayBuffer {
  return new SharedArrayBuffer(headerBytes + capacity);
}

class RingEnd {
  protected readonly words: Int32Array;
  protected readonly records: Int32Array;
  protected readonly bytes: Buffer;
  protected readonly capacity: number;

  constructor(memory: SharedArrayBuffer) {
    this.capacity = memory.byteLength - headerBytes;
    this.words = new Int32Array(memory, 0, headerBytes / 4);
    this.records = new Int32Array(memory, headerBytes);
    this.bytes = Buffer.from(memory, headerBytes);
  }
}

export class RingWriter extends RingEnd {
  private readonly topics = new Map<string, number>();

  /** `ring` wakes the other end's thread. */
  constructor(
    memory: SharedArrayBuffer,
    private readonly ring: () => void,
  ) {
    super(memory);
  }

  /** False when there is no room now: try again when the reader has said so (`RingReader.wanted`). */
  write(topic: string, payload: Uint8Array): boolean {
    if (this.tryWrite(topic, payload)) return true;
    Atomics.store(this.words, waiting, 1);
    // The reader may have made room before it could see that we wait.
    return this.tryWrite(topic, payload);
  }

  /** Largest payload that fits. */
  get maxBytes(): number {
    return this.capacity / 2 - recordBytes;
  }

  private tryWrite(topic: string, payload: Uint8Array): boolean {
    const id = this.topics.get(topic) ?? this.number(topic);
    return id >= 0 && this.put(kinds.message, id, payload);
  }

  /** -1 when there is no room to tell the number. */
  private number(topic: string): number {
    if (this.topics.size >= maxTopics) {
      if (!this.put(kinds.forget, 0, noBytes)) return -1;
      this.topics.clear();
    }
    const id = this.topics.size;
    if (!this.put(kinds.topic, id, Buffer.from(topic))) return -1;
    this.topics.set(topic, id);
    return id;
  }

  private put(kind: number, id: number, payload: Uint8Array): boolean {
    const { words, records, capacity } = this;
    const needed = (recordBytes + payload.length + 3) & ~3;
    let at = Atomics.load(words, head);
    const room = capacity - ((at - Atomics.load(words, tail)) | 0);
    let offset = at & (capacity - 1);
    const toEnd = capacity - offset;
    if (needed > toEnd) {
      if (room < toEnd + needed) return false;
      records[offset >> 2] = skip;
      at = (at + toEnd) | 0;
      offset = 0;
    } else if (room < needed) return false;
    const word = offset >> 2;
    records[word] = payload.length;
    records[word + 1] = id;
    records[word + 2] = kind;
    this.bytes.set(payload, offset + recordBytes);
    Atomics.store(words, head, (at + needed) | 0);
    if (Atomics.exchange(words, bell, 1) === 0) this.ring();
    return true;
  }
}

export class RingReader extends RingEnd {
  private topics: string[] = [];

  /** Hears of the bell: what is written from here on rings again. Call it before `drain`. */
  hear(): void {
    Atomics.store(this.words, bell, 0);
  }

  /** Bytes that wait. */
  get size(): number {
    return (Atomics.load(this.words, head) - Atomics.load(this.words, tail)) | 0;
  }

  /** True once when the writer waits for room and half of the ring is free. */
  get wanted(): boolean {
    return this.size <= this.capacity / 2 && Atomics.exchange(this.words, waiting, 0) === 1;
  }

  /** Hands up to `limit` messages to `reader`; payloads are valid only during the call. Gives their number. */
  drain(reader: MessageReader, limit: number): number {
    const { words, records, bytes, capacity } = this;
    let at = Atomics.load(words, tail);
    const end = Atomics.load(words, head);
    let count = 0;
    while (at !== end && count < limit) {
      const offset = at & (capacity - 1);
      const word = offset >> 2;
      const length = records[word] ?? skip;
      if (length === skip) {
        at = (at + capacity - offset) | 0;
        continue;
      }
      const id = records[word + 1] ?? 0;
      const kind = records[word + 2];
      const from = offset + recordBytes;
      const payload = bytes.subarray(from, from + length);
      if (kind === kinds.topic) this.topics[id] = payload.toString();
      else if (kind === kinds.forget) this.topics = [];
      else {
        count++;
        reader(this.topics[id] ?? '', payload);
      }
      at = (at + recordBytes + length + 3) & ~3;
      // Given back bit by bit, so that the writer need not wait for all.
      if ((count & 63) === 0) Atomics.store(words, tail, at);
    }
    Atomics.store(words, tail, at);
    return count;
  }
}

const noBytes = new Uint8Array(0);

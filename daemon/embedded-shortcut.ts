/** The short way of readings into the daemon: PUBLISH packets that concern nobody else are taken out of a client's bytes before aedes sees them. */

/** A client's socket, as far as it is read here. */
export interface Source {
  /** Null = all there is. Node itself asks for 0 bytes to have the reading go on. */
  read(size: number | null): Buffer | null;
  emit(event: 'readable'): boolean;
}

/** What becomes of a packet. `full`: it must wait until there is room, and all behind it. */
export type Fate = 'taken' | 'left' | 'full';

export interface ShortcutOptions {
  /** Whether the client may publish already: before its login all is left to aedes. */
  readonly isOpen: () => boolean;
  /** Takes a message of QoS 0, not retained, if nobody but the daemon cares. `topic` holds the name's bytes one a character. Payload valid only during the call. */
  readonly take: (topic: string, payload: Buffer) => Fate;
  /** Messages were taken: the client is alive. */
  readonly onTaken: () => void;
}

/** PUBLISH with QoS 0, neither duplicate nor retained (MQTT 3.1.1, 3.3.1). */
const plainPublish = 0x30;
/** A larger packet is left: it would have to be kept whole until it is all there. */
const maxTaken = 65_536;
const maxKnown = 20_000;
const nothing = Buffer.alloc(0);

/**
 * Stands between a socket and aedes, which asks the socket for all its bytes (`read`) when it has dealt with those before. Order is kept: from the first
 * packet that is left on, the rest of the bytes that have come is left, and aedes takes it up before it asks again.
 */
export class Shortcut {
  private readonly readSocket: () => Buffer | null;
  /** Bytes that came and are neither taken nor left yet. */
  private rest: Buffer = nothing;
  /** Bytes of a packet that was left, which are still to come. */
  private owed = 0;
  private full = false;

  constructor(
    private readonly source: Source,
    private readonly options: ShortcutOptions,
  ) {
    const { read } = source;
    this.readSocket = () => read.call(source, null);
    source.read = (size) => (size === null ? this.read() : read.call(source, size));
  }

  /** Packets wait for room. */
  get waits(): boolean {
    return this.full;
  }

  /** There is room again. */
  resume(): void {
    if (!this.full) return;
    this.full = false;
    // Whoever has hung up meanwhile is asked for no more bytes: what came from him is taken here.
    this.rest = this.rest.subarray(this.takeFrom(this.rest));
    if (!this.full) this.source.emit('readable');
  }

  /** What aedes gets. */
  private read(): Buffer | null {
    if (this.full) return null;
    const fresh = this.readSocket();
    if (fresh === null && this.rest.length === 0) return null;
    const bytes =
      this.rest.length === 0 ? (fresh ?? nothing) : fresh === null ? this.rest : Buffer.concat([this.rest, fresh]);
    this.rest = nothing;
    const from = this.owed === 0 && this.options.isOpen() ? this.takeFrom(bytes) : 0;
    const to = this.full ? from : this.endOfLeft(bytes, from);
    this.rest = bytes.subarray(to);
    return to > from ? bytes.subarray(from, to) : null;
  }

  /** Takes packets from the beginning of `bytes`; gives where the first that was not taken begins. */
  private takeFrom(bytes: Buffer): number {
    const { take, onTaken } = this.options;
    let at = 0;
    while (bytes[at] === plainPublish) {
      const length = lengthAt(bytes, at + 1);
      if (length === undefined) break;
      const begin = at + 1 + length.bytes;
      const end = begin + length.value;
      if (length.value > maxTaken) break;
      const topicEnd = begin + 2 + (((bytes[begin] ?? 0) << 8) | (bytes[begin + 1] ?? 0));
      if (end > bytes.length || topicEnd > end) break;
      const fate = take(bytes.toString('latin1', begin + 2, topicEnd), bytes.subarray(topicEnd, end));
      if (fate !== 'taken') {
        this.full = fate === 'full';
        break;
      }
      at = end;
    }
    if (at > 0) onTaken();
    return at;
  }

  /** Where what is left to aedes ends: at a packet of which we can't tell yet how long it is, or with the bytes. */
  private endOfLeft(bytes: Buffer, from: number): number {
    const isOpen = this.options.isOpen();
    let at = from + this.owed;
    while (at < bytes.length) {
      const length = lengthAt(bytes, at + 1);
      if (length === undefined) break;
      const end = at + 1 + length.bytes + length.value;
      // Perhaps one to be taken: wait for the rest of it.
      const mayBeTaken = at === from && isOpen && bytes[at] === plainPublish && length.value <= maxTaken;
      if (mayBeTaken && end > bytes.length) break;
      at = end;
    }
    this.owed = Math.max(0, at - bytes.length);
    return Math.min(at, bytes.length);
  }
}

/** Topics that one client may send the short way; each is looked into once. */
export class ShortTopics {
  private readonly known = new Map<string, string | undefined>();
  private changes = -1;

  constructor(private readonly mayTake: (topic: string) => boolean) {}

  /** The topic if it may; `name` holds its bytes one a character. `changes` tells when what was known holds no longer. */
  find(name: string, changes: number): string | undefined {
    if (changes !== this.changes || this.known.size >= maxKnown) {
      this.known.clear();
      this.changes = changes;
    }
    const known = this.known.get(name);
    if (known !== undefined || this.known.has(name)) return known;
    const bytes = Buffer.from(name, 'latin1');
    const topic = bytes.toString();
    const found = bytes.equals(Buffer.from(topic)) && this.mayTake(topic) ? topic : undefined;
    this.known.set(name, found);
    return found;
  }
}

/** A packet's remaining length (MQTT 3.1.1, 2.2.3) and how many bytes it takes; undefined while it is not all there. */
function lengthAt(bytes: Buffer, at: number): { readonly value: number; readonly bytes: number } | undefined {
  let value = 0;
  for (let i = 0; i < 4; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    value |= (byte & 127) << (7 * i);
    if (byte < 128) return { value, bytes: i + 1 };
  }
  // Malformed: aedes says so when it gets it.
  return { value, bytes: 4 };
}

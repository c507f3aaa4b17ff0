/** The short way of readings into the daemon: plain PUBLISH packets are taken out of a connection's bytes before an MQTT library sees them, which then does all the rest. */

/** What becomes of a packet. `full`: it must wait until there is room, and all behind it. */
export type Fate = 'taken' | 'left' | 'full';

export interface ShortcutOptions {
  /** Whether packets may be taken by now: the login is over, and whatever was left before, `left` packets so far, has been dealt with. */
  readonly isOpen: (left: number) => boolean;
  /** Takes a message of QoS 0, not retained, if it is ours alone. `topic` holds the name's bytes one a character; `payload` is a part of the bytes that came. */
  readonly take: (topic: string, payload: Buffer) => Fate;
  /** Messages were taken: the other side is alive. */
  readonly onTaken?: () => void;
  /** MQTT 5: properties stand between topic and payload. */
  readonly hasProperties?: boolean;
}

/** PUBLISH with QoS 0, neither duplicate nor retained (MQTT 3.1.1 and 5, 3.3.1). */
const plainPublish = 0x30;
/** A larger packet is left: it would have to be kept whole until it is all there. */
const maxTaken = 65_536;
const maxKnown = 20_000;
const nothing = Buffer.alloc(0);

/**
 * Knows where each packet of one connection begins, from its first byte on. Order is kept: from the first packet that is left on, the rest of the bytes that have come is
 * left, up to a last packet that may be taken when it is all there.
 */
export class Shortcut {
  /** Bytes that came and are neither taken nor left yet. */
  private rest: Buffer = nothing;
  /** Bytes of a packet that was left, which are still to come. */
  private owed = 0;
  /** Packets that were left. */
  private left = 0;
  private full = false;

  constructor(private readonly options: ShortcutOptions) {}

  /** Packets wait for room. */
  get waits(): boolean {
    return this.full;
  }

  /** There is room again: takes what waits; true if that was all. */
  resume(): boolean {
    if (!this.full) return false;
    this.full = false;
    this.rest = this.rest.subarray(this.takeFrom(this.rest));
    return !this.full;
  }

  /** `fresh` has come; gives what is left of it and of what was kept before. */
  pass(fresh: Buffer): Buffer {
    const bytes = this.rest.length === 0 ? fresh : fresh.length === 0 ? this.rest : Buffer.concat([this.rest, fresh]);
    const isOpen = this.options.isOpen(this.left);
    const from = this.owed === 0 && isOpen ? this.takeFrom(bytes) : 0;
    const to = this.full ? from : this.endOfLeft(bytes, from, isOpen);
    this.rest = to === bytes.length ? nothing : bytes.subarray(to);
    return bytes.subarray(from, to);
  }

  /** Takes packets from the beginning of `bytes`; gives where the first that was not taken begins. */
  private takeFrom(bytes: Buffer): number {
    const { take, onTaken, hasProperties } = this.options;
    let at = 0;
    while (bytes[at] === plainPublish) {
      const length = lengthAt(bytes, at + 1);
      if (length === undefined) break;
      const begin = at + 1 + length.bytes;
      const end = begin + length.value;
      if (length.value > maxTaken || end > bytes.length) break;
      const topicEnd = begin + 2 + (((bytes[begin] ?? 0) << 8) | (bytes[begin + 1] ?? 0));
      const payload = hasProperties === true ? propertiesEnd(bytes, topicEnd) : topicEnd;
      if (payload > end) break;
      const fate = take(bytes.toString('latin1', begin + 2, topicEnd), bytes.subarray(payload, end));
      if (fate !== 'taken') {
        this.full = fate === 'full';
        break;
      }
      at = end;
    }
    if (at > 0) onTaken?.();
    return at;
  }

  /** Where what is left ends: at a packet of which we can't tell yet how long it is, at one that may be taken when the rest of it is there, or with the bytes. */
  private endOfLeft(bytes: Buffer, from: number, isOpen: boolean): number {
    let at = from + this.owed;
    while (at < bytes.length) {
      const length = lengthAt(bytes, at + 1);
      if (length === undefined) break;
      const end = at + 1 + length.bytes + length.value;
      if (end > bytes.length && isOpen && bytes[at] === plainPublish && length.value <= maxTaken) break;
      this.left++;
      at = end;
    }
    this.owed = Math.max(0, at - bytes.length);
    return Math.min(at, bytes.length);
  }
}

/** A client's socket, as far as aedes reads it. */
export interface Source {
  /** Null = all there is. Node itself asks for 0 bytes to have the reading go on. */
  read(size: number | null): Buffer | null;
}

/** Whoever asks `source` for all its bytes, as aedes does when it has dealt with those before, gets what is left of them. */
export function pullThrough(source: Source, shortcut: Shortcut): void {
  const { read } = source;
  source.read = (size) => {
    if (size !== null) return read.call(source, size);
    if (shortcut.waits) return null;
    const left = shortcut.pass(read.call(source, null) ?? nothing);
    return left.length > 0 ? left : null;
  };
}

/** A stream, as far as its source fills it. */
export interface Sink {
  push(chunk: Buffer | null): boolean;
}

/**
 * What `stream` gets from its source is what is left. Nothing at all is pushed as no bytes: the stream then asks its source for more.
 * @param onLeft called before the stream gets something
 */
export function pushThrough(stream: Sink, shortcut: Shortcut, onLeft: () => void = () => {}): void {
  const push = stream.push.bind(stream);
  stream.push = (chunk) => {
    if (chunk === null) return push(null);
    const left = shortcut.pass(chunk);
    if (left.length > 0) onLeft();
    return push(left);
  };
}

/** Topics that come the short way; each is looked into once. */
export class ShortTopics {
  private readonly known = new Map<string, string | undefined>();
  private changes = 0;

  constructor(private readonly mayTake: (topic: string) => boolean = () => true) {}

  /** The topic if it may; `name` holds its bytes one a character. `changes` tells when what was known holds no longer. */
  find(name: string, changes = 0): string | undefined {
    if (changes !== this.changes || this.known.size >= maxKnown) {
      this.known.clear();
      this.changes = changes;
    }
    const known = this.known.get(name);
    if (known !== undefined || this.known.has(name)) return known;
    const bytes = Buffer.from(name, 'latin1');
    const topic = bytes.toString();
    const found = topic !== '' && bytes.equals(Buffer.from(topic)) && this.mayTake(topic) ? topic : undefined;
    this.known.set(name, found);
    return found;
  }
}

/** A variable byte integer (MQTT 5, 1.5.5; a packet's remaining length in 3.1.1, 2.2.3) and how many bytes it takes; undefined while it is not all there. */
function lengthAt(bytes: Buffer, at: number): { readonly value: number; readonly bytes: number } | undefined {
  let value = 0;
  for (let i = 0; i < 4; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    value |= (byte & 127) << (7 * i);
    if (byte < 128) return { value, bytes: i + 1 };
  }
  // Malformed: the library says so when it gets it.
  return { value, bytes: 4 };
}

/** Where the payload of an MQTT 5 message begins. None of its properties concerns us: aliases of topics are used only with who asks for them. */
function propertiesEnd(bytes: Buffer, at: number): number {
  const length = lengthAt(bytes, at);
  return length === undefined ? Number.POSITIVE_INFINITY : at + length.bytes + length.value;
}

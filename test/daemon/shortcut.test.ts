import { Readable } from 'node:stream';
import fc from 'fast-check';
import mqttPacket, { type Packet } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { type Fate, pullThrough, pushThrough, Shortcut, ShortTopics } from '../../daemon/shortcut.js';

const { generate, parser } = mqttPacket;

/** A socket whose bytes come when the test says so, and a broker that asks for them as aedes does. */
class Line {
  /** Every packet in the order in which it was dealt with; those taken have a +. */
  readonly events: string[] = [];
  room = Number.POSITIVE_INFINITY;
  open = true;
  alive = 0;
  readonly shortcut: Shortcut;
  private pending: Buffer[] = [];
  private readonly parser = parser();
  private readonly source = {
    read: (size: number | null): Buffer | null => {
      if (size === 0) return null;
      const { pending } = this;
      this.pending = [];
      return pending.length === 0 ? null : Buffer.concat(pending);
    },
  };

  constructor() {
    this.parser.on('packet', (packet: Packet) => {
      this.events.push(packet.cmd === 'publish' ? String(packet.payload) : packet.cmd);
    });
    this.shortcut = new Shortcut({
      isOpen: () => this.open,
      take: (topic, payload): Fate => {
        if (!topic.startsWith('in/')) return 'left';
        if (this.room === 0) return 'full';
        this.room--;
        this.events.push(`+${payload}`);
        return 'taken';
      },
      onTaken: () => this.alive++,
    });
    pullThrough(this.source, this.shortcut);
  }

  come(bytes: Buffer): void {
    this.pending.push(bytes);
    this.readable();
  }

  resume(): void {
    if (this.shortcut.resume()) this.readable();
  }

  private readable(): void {
    // As streams do to go on reading.
    expect(this.source.read(0)).toBeNull();
    const bytes = this.source.read(null);
    if (bytes !== null) this.parser.parse(bytes);
  }
}

const publish = (topic: string, payload: string, { qos = 0, retain = false }: { qos?: 0 | 1; retain?: boolean } = {}) =>
  generate({ cmd: 'publish', topic, payload, qos, retain, dup: false, messageId: 7 });

type Kind = 'plain' | 'other' | 'qos1' | 'retained' | 'ping' | 'long';
const kinds = fc.constantFrom<Kind>('plain', 'plain', 'other', 'qos1', 'retained', 'ping', 'long');
const nameOf = (kind: Kind, i: number) =>
  kind === 'ping' ? 'pingreq' : kind === 'long' ? String(i).padEnd(300, '.') : String(i);

describe('a shortcut', () => {
  it('takes plain messages, leaves all others, and keeps their order, however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(kinds, { maxLength: 30 }),
        fc.array(fc.nat({ max: 400 }), { maxLength: 40 }),
        (list, cuts) => {
          const packets = list.map((kind, i) => {
            if (kind === 'ping') return generate({ cmd: 'pingreq' });
            const topic = kind === 'other' ? 'elsewhere' : 'in/a';
            return publish(topic, nameOf(kind, i), { qos: kind === 'qos1' ? 1 : 0, retain: kind === 'retained' });
          });
          const bytes = Buffer.concat(packets);
          const line = new Line();
          let at = 0;
          for (const cut of cuts) {
            line.come(bytes.subarray(at, at + cut));
            at += cut;
          }
          line.come(bytes.subarray(at));
          const told = line.events.map((event) => event.replace('+', ''));
          const wanted = list.map(nameOf);
          expect(told).toEqual(wanted);
          list.forEach((kind, i) => {
            if (kind !== 'plain' && kind !== 'long') expect(line.events[i]?.startsWith('+')).toBe(false);
          });
        },
      ),
    );
  });

  it('takes a message that comes in two pieces, and all of a burst', () => {
    const line = new Line();
    const bytes = Buffer.concat([publish('in/a', '1'), publish('in/a', '2'), publish('in/b', '3')]);
    line.come(bytes.subarray(0, 13));
    line.come(bytes.subarray(13));
    expect(line.events).toEqual(['+1', '+2', '+3']);
    expect(line.alive).toBeGreaterThan(0);
  });

  it('leaves everything before the login', () => {
    const line = new Line();
    line.open = false;
    line.come(publish('in/a', '1'));
    line.open = true;
    line.come(publish('in/a', '2'));
    expect(line.events).toEqual(['1', '+2']);
  });

  it('waits for room, lets nothing overtake, and takes what came from a client that has hung up', () => {
    const line = new Line();
    line.room = 1;
    line.come(Buffer.concat([publish('in/a', '1'), publish('in/a', '2'), publish('elsewhere', '3')]));
    line.come(publish('in/a', '4'));
    expect(line.events).toEqual(['+1']);
    expect(line.shortcut.waits).toBe(true);
    line.room = 10;
    line.resume();
    expect(line.shortcut.waits).toBe(false);
    expect(line.events).toEqual(['+1', '+2', '3', '4']);
    line.come(publish('in/a', '5'));
    expect(line.events.at(-1)).toBe('+5');
  });

  it('leaves what is too large to wait for', () => {
    const line = new Line();
    const large = publish('in/a', 'x'.repeat(100_000));
    line.come(large.subarray(0, 5));
    line.come(large.subarray(5));
    expect(line.events).toEqual(['x'.repeat(100_000)]);
  });
});

describe('a shortcut behind a stream', () => {
  const withProperties = (topic: string, payload: string, qos: 0 | 1, retain: boolean) =>
    generate(
      {
        cmd: 'publish',
        ...{ topic, payload, qos, retain, dup: false, messageId: 7 },
        properties: { contentType: 'text/plain', userProperties: { made: 'x'.repeat(200) } },
      },
      { protocolVersion: 5 },
    );

  it('gives the reader what it does not take, in order, however late the reader is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(kinds, { maxLength: 30 }),
        fc.array(fc.nat({ max: 900 }), { maxLength: 40 }),
        fc.array(fc.boolean(), { minLength: 41, maxLength: 41 }),
        async (list, cuts, late) => {
          const events: string[] = [];
          let handled = 0;
          const stream = new Readable({ read() {}, highWaterMark: 1000 });
          const shortcut = new Shortcut({
            hasProperties: true,
            isOpen: (left) => left === handled,
            take: (topic, payload): Fate => {
              if (!topic.startsWith('in/')) return 'left';
              events.push(String(payload));
              return 'taken';
            },
          });
          pushThrough(stream, shortcut);
          const parse = parser({ protocolVersion: 5 });
          parse.on('packet', (packet: Packet) => {
            handled++;
            events.push(packet.cmd === 'publish' ? String(packet.payload) : packet.cmd);
          });
          stream.on('data', (chunk: Buffer) => parse.parse(chunk));
          const bytes = Buffer.concat(
            list.map((kind, i) => {
              if (kind === 'ping') return generate({ cmd: 'pingreq' });
              const topic = kind === 'other' ? 'elsewhere' : 'in/a';
              return withProperties(topic, nameOf(kind, i), kind === 'qos1' ? 1 : 0, kind === 'retained');
            }),
          );
          let at = 0;
          for (const [i, cut] of [...cuts, bytes.length].entries()) {
            // A reader that rests leaves packets in the stream while others come in behind them.
            if (late[i] === true) stream.pause();
            else stream.resume();
            stream.push(bytes.subarray(at, at + cut));
            at = Math.min(bytes.length, at + cut);
            await new Promise(setImmediate);
          }
          stream.resume();
          stream.push(null);
          await new Promise((resolve) => stream.once('end', resolve));
          expect(events).toEqual(list.map(nameOf));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('takes all of a stream of plain messages, and asks for more', async () => {
    let taken = 0;
    let sent = 0;
    const bytes = publish('in/a', 'x'.repeat(1000));
    const stream = new Readable({
      highWaterMark: 1500,
      read() {
        // As a socket whose kernel has more.
        if (sent++ < 50) setImmediate(() => this.push(bytes));
        else this.push(null);
      },
    });
    const take = (): Fate => {
      taken++;
      return 'taken';
    };
    pushThrough(stream, new Shortcut({ isOpen: () => true, take }));
    let read = 0;
    for await (const chunk of stream) read += (chunk as Buffer).length;
    expect({ taken, read }).toEqual({ taken: 50, read: 0 });
  });

  it('takes up again behind packets that it has left, although each piece ends within one', async () => {
    let handled = 0;
    let taken = 0;
    const take = (): Fate => {
      taken++;
      return 'taken';
    };
    const shortcut = new Shortcut({ isOpen: (left) => left === handled, take });
    const plain = publish('in/a', '1');
    const bytes = Buffer.concat([publish('in/a', '0', { qos: 1 }), ...Array.from({ length: 20 }, () => plain)]);
    const parse = parser();
    parse.on('packet', () => handled++);
    for (let at = 0; at < bytes.length; at += 31) parse.parse(shortcut.pass(bytes.subarray(at, at + 31)));
    expect(handled + taken).toBe(21);
    expect(taken).toBeGreaterThan(15);
  });
});

describe('the topics of a client', () => {
  it('are looked into once, and again after a change', () => {
    const asked: string[] = [];
    const topics = new ShortTopics((topic) => asked.push(topic) > 0 && topic !== 'no');
    const name = (topic: string) => Buffer.from(topic).toString('latin1');
    expect(topics.find(name('äpfel'), 0)).toBe('äpfel');
    expect(topics.find(name('äpfel'), 0)).toBe('äpfel');
    expect(topics.find(name('no'), 0)).toBeUndefined();
    expect(topics.find(name('no'), 0)).toBeUndefined();
    expect(asked).toEqual(['äpfel', 'no']);
    topics.find(name('äpfel'), 1);
    expect(asked).toHaveLength(3);
    // No UTF-8, or none at all: the library says so.
    expect(topics.find('\xff', 1)).toBeUndefined();
    expect(topics.find('', 1)).toBeUndefined();
    expect(asked).toHaveLength(3);
  });
});

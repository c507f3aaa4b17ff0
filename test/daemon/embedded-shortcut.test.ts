import fc from 'fast-check';
import mqttPacket, { type Packet } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { type Fate, Shortcut, ShortTopics } from '../../daemon/embedded-shortcut.js';

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
    emit: (): boolean => {
      this.readable();
      return true;
    },
  };

  constructor() {
    this.parser.on('packet', (packet: Packet) => {
      this.events.push(packet.cmd === 'publish' ? String(packet.payload) : packet.cmd);
    });
    this.shortcut = new Shortcut(this.source, {
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
  }

  come(bytes: Buffer): void {
    this.pending.push(bytes);
    this.readable();
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

describe('a shortcut', () => {
  it('takes plain messages, leaves all others, and keeps their order, however the bytes are cut', () => {
    const kinds = fc.constantFrom('taken', 'other', 'qos1', 'retained', 'ping', 'long');
    fc.assert(
      fc.property(
        fc.array(kinds, { maxLength: 30 }),
        fc.array(fc.nat({ max: 400 }), { maxLength: 40 }),
        (list, cuts) => {
          const packets = list.map((kind, i) => {
            if (kind === 'ping') return generate({ cmd: 'pingreq' });
            const topic = kind === 'other' ? 'elsewhere' : 'in/a';
            const text = kind === 'long' ? String(i).padEnd(300, '.') : String(i);
            return publish(topic, text, { qos: kind === 'qos1' ? 1 : 0, retain: kind === 'retained' });
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
          const wanted = list.map((kind, i) =>
            kind === 'ping' ? 'pingreq' : kind === 'long' ? String(i).padEnd(300, '.') : String(i),
          );
          expect(told).toEqual(wanted);
          list.forEach((kind, i) => {
            if (kind !== 'taken' && kind !== 'long') expect(line.events[i]?.startsWith('+')).toBe(false);
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
    line.shortcut.resume();
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
    // No UTF-8: aedes says so.
    expect(topics.find('\xff', 1)).toBeUndefined();
    expect(asked).toHaveLength(3);
  });
});

/** MQTT PUBLISH packets encoded once, of which only the times (and packet identifiers) change from round to round. */
import { periodMs } from './bundle.js';

export const shapes = ['row1', 'row10', 'reading1'] as const;
/** One row a message, ten rows of one asset a message, or one reading a message. */
export type Shape = (typeof shapes)[number];

export const topicOf: Readonly<Record<Shape, string>> = {
  row1: 'plant/{asset}/row',
  row10: 'plant/{asset}/rows',
  reading1: 'plant/{asset}/reading/{signal}',
};

/** Instants that one round of packets moves an asset on. */
export const instantsOf: Readonly<Record<Shape, number>> = { row1: 1, row10: 10, reading1: 1 };

interface Round {
  readonly bytes: Buffer;
  /** Where each packet ends. */
  readonly ends: Int32Array;
  /** Where times stand, and which instant of the round they tell. */
  readonly times: readonly { readonly at: number; readonly instant: number }[];
  /** Where packet identifiers stand. */
  readonly ids: readonly number[];
}

export interface PacketOptions {
  readonly shape: Shape;
  readonly qos: 0 | 1;
  readonly assets: number;
  readonly signals: readonly string[];
  readonly rows: readonly (readonly number[])[];
}

const beforeTime = '{"time":';
/** How an object begins, with a time that gives way. */
const stamp = `${beforeTime}1000000000000`;

/** Bytes of packets that a sender keeps ready at most, roughly. */
const maxBytes = 1e8;
/** Of topic and time; and of each value. */
const packetBytes = 50;
const valueBytes = 20;
/** One asset in so many falls ill now and then: alarms are raised and end while rows are counted. */
const illOneIn = 100;
const illFrom = 300;
const illUntil = 360;
const illFactor = 1.3;

/** Rounds of packets that a sender goes through again and again. */
export class Packets {
  readonly packetsPerRound: number;
  private readonly rounds: readonly Round[];

  constructor(private readonly options: PacketOptions) {
    const { shape, assets, signals } = options;
    this.packetsPerRound = assets * (shape === 'reading1' ? signals.length : 1);
    const instants = instantsOf[shape];
    const affordable = Math.floor(
      maxBytes / (this.packetsPerRound * (packetBytes + valueBytes * signals.length) * instants),
    );
    const count = Math.max(2, Math.min(Math.floor(options.rows.length / instants), affordable));
    this.rounds = Array.from({ length: count }, (_, i) => this.encode(i));
  }

  /** The packets of round `k`, with times from `startMs` on; valid until this round's turn comes again. `nextId` gives packet identifiers. */
  round(k: number, startMs: number, nextId: () => number): Round {
    const round = this.rounds[k % this.rounds.length] as Round;
    const instants = instantsOf[this.options.shape];
    const texts = Array.from({ length: instants }, (_, i) =>
      Buffer.from(String(startMs + (k * instants + i) * periodMs)),
    );
    for (const { at, instant } of round.times) round.bytes.set(texts[instant] as Buffer, at);
    for (const at of round.ids) round.bytes.writeUInt16BE(nextId(), at);
    return round;
  }

  private encode(index: number): Round {
    const { assets } = this.options;
    const packets: Buffer[] = [];
    const times: { at: number; instant: number }[] = [];
    const ids: number[] = [];
    let end = 0;
    const add = (topic: string, payload: string) => {
      const { packet, idAt } = publishPacket(topic, payload, this.options.qos);
      if (idAt > 0) ids.push(end + idAt);
      let instant = 0;
      for (let at = packet.indexOf(stamp); at >= 0; at = packet.indexOf(stamp, at + 1))
        times.push({ at: end + at + beforeTime.length, instant: instant++ });
      packets.push(packet);
      end += packet.length;
    };
    for (let asset = 0; asset < assets; asset++) this.messages(asset, index, add);
    const ends = new Int32Array(packets.length);
    packets.reduce((sum, packet, i) => {
      ends[i] = sum + packet.length;
      return sum + packet.length;
    }, 0);
    return { bytes: Buffer.concat(packets), ends, times, ids };
  }

  private messages(asset: number, index: number, add: (topic: string, payload: string) => void): void {
    const { shape, signals } = this.options;
    const name = `pump-${String(asset).padStart(5, '0')}`;
    const topic = topicOf[shape].replace('{asset}', name);
    const object = (values: Record<string, number>) => `${stamp},${JSON.stringify(values).slice(1)}`;
    const row = (at: number) =>
      object(Object.fromEntries(signals.map((signal, c) => [signal, this.value(asset, at, c)])));
    if (shape === 'row1') add(topic, row(index));
    else if (shape === 'row10') add(topic, `[${Array.from({ length: 10 }, (_, i) => row(10 * index + i)).join(',')}]`);
    else
      signals.forEach((signal, c) => {
        add(topic.replace('{signal}', signal), object({ value: this.value(asset, index, c) }));
      });
  }

  /** Each asset is elsewhere in the recording. */
  private value(asset: number, index: number, c: number): number {
    const { rows } = this.options;
    const at = (asset * 37 + index) % rows.length;
    const isIll = asset % illOneIn === illOneIn - 1 && at >= illFrom && at < illUntil;
    return (rows[at]?.[c] ?? 0) * (isIll ? illFactor : 1);
  }
}

/** `idAt` is 0 for QoS 0, which has no packet identifier. */
function publishPacket(topic: string, payload: string, qos: 0 | 1): { packet: Buffer; idAt: number } {
  const name = Buffer.from(topic);
  const body = Buffer.from(payload);
  const length = 2 + name.length + (qos === 0 ? 0 : 2) + body.length;
  const lengthBytes: number[] = [];
  for (let rest = length; lengthBytes.length === 0 || rest > 0; rest >>= 7)
    lengthBytes.push((rest & 127) | (rest > 127 ? 128 : 0));
  const head = Buffer.from([0x30 | (qos << 1), ...lengthBytes, name.length >> 8, name.length & 255]);
  const id = Buffer.alloc(qos === 0 ? 0 : 2);
  return {
    packet: Buffer.concat([head, name, id, body]),
    idAt: qos === 0 ? 0 : head.length + name.length,
  };
}

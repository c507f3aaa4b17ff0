/** A process that plays all machines of a plant: writes packets that were encoded before at the rate it is told, whatever becomes of them. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Packets, type Shape } from './packets.js';

export interface MachinesStart {
  readonly port: number;
  readonly shape: Shape;
  readonly qos: 0 | 1;
  readonly assets: number;
  readonly signals: readonly string[];
  readonly rows: readonly (readonly number[])[];
  /** Event time of the first round. */
  readonly startMs: number;
  readonly username?: string;
  readonly password?: string;
}

export interface Burst {
  /** Packets a second; whole rounds, so that all assets get on alike. */
  readonly rate: number;
  readonly rounds: number;
}

export interface BurstDone {
  readonly packets: number;
  /** From the first packet until the last was handed to the kernel. */
  readonly elapsedMs: number;
}

const tickMs = 2;
/** Packets that the broker may leave unacknowledged (QoS 1). */
const maxInFlight = 30_000;
/** Beyond this the socket does not take what we write: the broker is at its end. */
const maxBacklog = 2 ** 20;

class Machines {
  private readonly packets: Packets;
  private socket: Socket | undefined;
  private round = 0;
  private id = 0;
  private sent = 0;
  private acknowledged = 0;

  constructor(private readonly start: MachinesStart) {
    this.packets = new Packets(start);
  }

  async connect(): Promise<void> {
    const { port, username, password } = this.start;
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    await once(socket, 'connect');
    socket.write(connectPacket('machines', username, password));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    if (answer[0] !== 0x20 || answer[3] !== 0) throw new Error(`the broker refuses the machines: ${answer[3]}`);
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => {
      // Nothing but PUBACKs of four bytes comes back.
      bytes += chunk.length;
      this.acknowledged = bytes >> 2;
    });
    this.socket = socket;
  }

  async play({ rate, rounds }: Burst): Promise<BurstDone> {
    const socket = this.socket as Socket;
    const { packetsPerRound } = this.packets;
    const total = rounds * packetsPerRound;
    const started = performance.now();
    let done = 0;
    let current = this.nextRound();
    while (done < total) {
      const due = Math.min(total, Math.floor(((performance.now() - started) * rate) / 1000));
      while (done < due && this.mayWrite(socket)) {
        const within = done % packetsPerRound;
        const count = Math.min(due - done, packetsPerRound - within);
        const from = within === 0 ? 0 : (current.ends[within - 1] as number);
        socket.write(current.bytes.subarray(from, current.ends[within + count - 1]));
        done += count;
        this.sent += count;
        if (done % packetsPerRound === 0 && done < total) current = this.nextRound();
      }
      await sleep(tickMs);
    }
    while (socket.writableLength > 0) await sleep(1);
    return { packets: total, elapsedMs: performance.now() - started };
  }

  private mayWrite(socket: Socket): boolean {
    return socket.writableLength < maxBacklog && (this.start.qos === 0 || this.sent - this.acknowledged < maxInFlight);
  }

  private nextRound() {
    return this.packets.round(this.round++, this.start.startMs, () => {
      this.id = (this.id % 65_535) + 1;
      return this.id;
    });
  }
}

function connectPacket(clientId: string, username?: string, password?: string): Buffer {
  const text = (value: string) => {
    const bytes = Buffer.from(value);
    return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
  };
  const flags = 2 | (username === undefined ? 0 : 128) | (password === undefined ? 0 : 64);
  const body = Buffer.concat([
    text('MQTT'),
    Buffer.from([4, flags, 0, 0]),
    ...[clientId, username, password].filter((value) => value !== undefined).map(text),
  ]);
  return Buffer.concat([Buffer.from([0x10, body.length]), body]);
}

let machines: Machines | undefined;
process.on('message', (order: { start?: MachinesStart; burst?: Burst }) => {
  const answer = (done: Promise<unknown>) =>
    done.then(
      (value) => process.send?.({ value: value ?? null }),
      (error: unknown) => process.send?.({ error: String(error) }),
    );
  if (order.start !== undefined) {
    machines = new Machines(order.start);
    answer(machines.connect());
  } else if (order.burst !== undefined && machines !== undefined) answer(machines.play(order.burst));
});

/** How the broker's socket is read: less often when little comes, because to wake up costs more than what one message brings; and a chunk a turn when much comes, so that others have their turn. */
import type { Duplex } from 'node:stream';
import type { Clock } from '../model/clock.js';
import type { InputConfig } from './config-input.js';

/** Messages so far. */
export interface Intake {
  /** Of QoS 0. */
  plain: number;
  /** Of QoS 1 and 2. None rests behind one: brokers send 10 (HiveMQ), 20 (mosquitto) or 32 (EMQX) unanswered and keep a thousand waiting; then they drop. Others wait in the buffers of the socket. */
  acknowledged: number;
}

export interface PatienceOptions {
  readonly clock: Clock;
  /** Longest rest at present, milliseconds; 0 = none. */
  readonly mostMs: () => number;
}

/** A rest lasts until about so many messages have come at the rate of late. */
const gathered = 20;
/** How long the rate remembers: a pause of the sender, or of ours, is not yet a stream that trickles. */
const memoryMs = 500;
/** So many at once are the beginning of something: no longer rest than a busy stream's. */
const window = 24;
/** Shorter rests would save little of what a stream costs, and be seen in its latency; */
const shortMs = 20;
/** but one that is hardly seen spares a busy stream nearly all its wake-ups. Each costs as much as twenty messages, and the broker pays, too. */
const busyMs = 2;
const mostMs = 100;
/** A chunk like this was not all that there is: libuv would go on reading, up to two megabytes before anything else has its turn. */
const fullBytes = 32_768;

/** Longest rest, milliseconds: a fifth of the shortest grid, and none where the time of arrival stands for the time of a reading. */
export function patienceFor(
  inputs: readonly Pick<InputConfig, 'time' | 'missingTime'>[],
  periodsMs: readonly number[],
): number {
  const isStamped = inputs.every(({ time, missingTime }) => time !== undefined && missingTime === 'reject');
  return isStamped ? Math.min(mostMs, ...periodsMs.map((ms) => ms / 5)) : 0;
}

/**
 * After each chunk the socket rests; what comes meanwhile waits in the kernel. At a hundred rows a second it rests 100 ms, at five hundred 40, from a thousand on 2.
 * It stands between the socket's handle and its stream, by the two methods that are every stream's own (`push` and `_read`), so TCP and TLS go alike and backpressure as before.
 */
export class Patience {
  private resting = false;
  private timer: NodeJS.Timeout | undefined;
  /** The stream wants more. */
  private asked = false;
  private lastMs: number;
  private lastPlain: number;
  private lastAcknowledged: number;
  /** Messages a millisecond of late, by exponential forgetting. */
  private rate = 0;
  private readonly read: (size: number) => void;

  constructor(
    private readonly socket: Duplex,
    private readonly options: PatienceOptions,
    private readonly intake: Readonly<Intake>,
  ) {
    this.lastPlain = intake.plain;
    this.lastAcknowledged = intake.acknowledged;
    this.lastMs = options.clock.monotonic();
    const push = socket.push.bind(socket);
    this.read = socket._read.bind(socket);
    socket.push = (chunk: Buffer | null, encoding) => {
      const more = push(chunk, encoding);
      return chunk === null || !this.rest(chunk.length) ? more : false;
    };
    socket._read = (size) => {
      if (this.resting) this.asked = true;
      else this.read(size);
    };
  }

  /** An answer is awaited, or the connection ends: no rest now. */
  readonly hurry = (): void => {
    clearTimeout(this.timer);
    this.resting = false;
    if (!this.asked || this.socket.destroyed) return;
    this.asked = false;
    this.read(0);
  };

  /** True if a rest begins. */
  private rest(bytes: number): boolean {
    const { clock, mostMs } = this.options;
    const { plain, acknowledged } = this.intake;
    const nowMs = clock.monotonic();
    const messages = plain - this.lastPlain;
    const isOwed = acknowledged > this.lastAcknowledged;
    this.rate = this.rate * Math.exp((this.lastMs - nowMs) / memoryMs) + messages / memoryMs;
    this.lastMs = nowMs;
    this.lastPlain = plain;
    this.lastAcknowledged = acknowledged;
    const trickleMs = messages < window ? gathered / this.rate : 0;
    const restMs = Math.min(mostMs(), trickleMs < shortMs ? busyMs : trickleMs);
    if (bytes < fullBytes && (isOwed || restMs === 0)) return false;
    this.resting = true;
    if (bytes < fullBytes) this.timer = setTimeout(this.hurry, restMs);
    else setImmediate(this.hurry);
    return true;
  }
}

/** Reading in less haste: when a stream rests, for how long, and that nothing is lost by it. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Patience, patienceFor } from '../../daemon/patience.js';
import { ManualClock, systemClock } from '../../model/clock.js';

/** A stream that counts how often it is asked for more. */
class Wire extends Duplex {
  asked = 0;

  override _read(): void {
    this.asked++;
  }
}

function patient(mostMs: number) {
  const clock = new ManualClock();
  const wire = new Wire();
  let bytes = 0;
  const intake = { plain: 0, acknowledged: 0 };
  // Ten bytes a message; those of ones are to be acknowledged.
  wire.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    intake[chunk[0] === 1 ? 'acknowledged' : 'plain'] += chunk.length / 10;
  });
  const patience = new Patience(wire, { clock, mostMs: () => mostMs }, intake);
  return { clock, wire, patience, bytes: () => bytes };
}

describe('Patience', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it('rests after a chunk, until twenty messages have come at the rate of late, whatever the last pause was', async () => {
    const { clock, wire, patience, bytes } = patient(200);
    // Five messages each 10 ms are twenty in 40.
    for (let i = 0; i < 300; i++) {
      clock.advance(10);
      wire.push(Buffer.alloc(50));
      await turn();
      patience.hurry();
    }
    const before = wire.asked;
    clock.advance(40);
    expect(wire.push(Buffer.alloc(50))).toBe(false);
    expect(bytes()).toBe(301 * 50);
    await turn();
    vi.advanceTimersByTime(36);
    expect(wire.asked).toBe(before);
    vi.advanceTimersByTime(12);
    expect(wire.asked).toBe(before + 1);
  });

  it('rests no longer than it may', async () => {
    const { clock, wire } = patient(50);
    await turn();
    clock.advance(10_000);
    wire.push(Buffer.alloc(10));
    await turn();
    const before = wire.asked;
    vi.advanceTimersByTime(50);
    expect(wire.asked).toBe(before + 1);
  });

  it.each([
    ['a busy stream', 200, 1, 100],
    ['the beginning of something', 240, 1000, 1],
  ])('rests two milliseconds: %s', async (_, size, pauseMs, times) => {
    const { clock, wire, patience } = patient(200);
    for (let i = 1; i < times; i++) {
      clock.advance(pauseMs);
      wire.push(Buffer.alloc(size));
      await turn();
      patience.hurry();
    }
    await turn();
    const before = wire.asked;
    clock.advance(pauseMs);
    expect(wire.push(Buffer.alloc(size))).toBe(false);
    await turn();
    vi.advanceTimersByTime(1);
    expect(wire.asked).toBe(before);
    vi.advanceTimersByTime(1);
    expect(wire.asked).toBe(before + 1);
  });

  it.each([
    ['a sender that waits for an answer', 200, Buffer.alloc(10, 1)],
    ['a stream that may not', 0, Buffer.alloc(10)],
  ])('does not rest: %s', async (_, mostMs, chunk) => {
    const { clock, wire } = patient(mostMs);
    await turn();
    const before = wire.asked;
    clock.advance(10);
    expect(wire.push(chunk)).toBe(true);
    await turn();
    expect(wire.asked).toBe(before + 1);
  });

  it('goes on in the next turn after a chunk that was not all there is', async () => {
    const { clock, wire } = patient(0);
    await turn();
    const before = wire.asked;
    clock.advance(1);
    expect(wire.push(Buffer.alloc(65_536))).toBe(false);
    await new Promise(process.nextTick);
    expect(wire.asked).toBe(before);
    await turn();
    expect(wire.asked).toBe(before + 1);
  });

  it('hurries when an answer is awaited', async () => {
    const { clock, wire, patience } = patient(200);
    await turn();
    clock.advance(100);
    wire.push(Buffer.alloc(10));
    await turn();
    const before = wire.asked;
    patience.hurry();
    expect(wire.asked).toBe(before + 1);
    vi.advanceTimersByTime(1000);
    expect(wire.asked).toBe(before + 1);
  });

  it('lets the end pass', async () => {
    const { wire } = patient(200);
    const ended = once(wire, 'end');
    wire.push(null);
    await ended;
  });
});

describe('patienceFor', () => {
  const stamped = { time: '$.time', missingTime: 'reject' } as const;
  const arriving = { time: undefined, missingTime: 'reject' } as const;
  const either = { time: '$.time', missingTime: 'arrival' } as const;

  it.each([
    ['a fifth of the shortest grid', [stamped], [500, 1000], 100],
    ['at most 100 ms', [stamped], [60_000], 100],
    ['none where arrival is the time', [stamped, arriving], [1000], 0],
    ['none where arrival may be the time', [either], [1000], 0],
  ])('%s', (_, inputs, periodsMs, ms) => {
    expect(patienceFor(inputs, periodsMs)).toBe(ms);
  });
});

it('a patient socket gets every byte, in fewer pieces', async () => {
  const count = 200;
  const server = createServer(async (socket) => {
    for (let i = 0; i < count; i++) {
      socket.write(Buffer.from([i]));
      await sleep(1);
    }
    socket.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const socket: Socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  const intake = { plain: 0, acknowledged: 0 };
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    intake.plain++;
  });
  await once(socket, 'connect');
  new Patience(socket, { clock: systemClock, mostMs: () => 50 }, intake);
  await once(socket, 'end');
  server.close();
  expect([...Buffer.concat(chunks)]).toEqual(Array.from({ length: count }, (_, i) => i));
  expect(chunks.length).toBeLessThan(count / 2);
});

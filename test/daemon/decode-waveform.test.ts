/** Bursts in messages: every form that a sensor may send, and what is wrong with others. */
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../daemon/config.js';
import { Decoder, type RowSink } from '../../daemon/decode.js';
import { readingRejections } from '../../daemon/rejections.js';
import { bearing6205 } from '../../model/bearing.js';
import { waveform } from '../../simulator/waveform.js';

const nowMs = Date.UTC(2026, 0, 5, 8);
const burst = waveform({ seed: 1, rateHz: 12_800, samples: 2048, shaftHz: 24, defect: 'outer-race', severity: 1 });
const { contactAngle: _, ...geometry } = bearing6205;
const channels = ['vibration.rms', 'vibration.outer-race', 'temperature', 'rpm'];

function decode(message: unknown, waveformSettings: object = {}, more: object = {}, row: RowSink['row'] = () => true) {
  const context = { env: {}, directory: '/', hostname: 'gw', readFile: () => '' };
  const input = {
    topic: 'plant/{asset}/vibration',
    time: '$.ts',
    waveform: { rateHz: 12_800, rpm: '$.rpm', bearing: geometry, ...waveformSettings },
    ...more,
  };
  const config = configSchema(context).parse({
    broker: { url: 'mqtt://h' },
    bundles: [{ path: 'b' }],
    inputs: [input],
  });
  const readings: Record<string, number> = {};
  const rejected: string[] = [];
  const sink: RowSink = {
    row,
    reading: (channel, value) => {
      readings[channels[channel] ?? ''] = value;
    },
    reject: (reason) => void rejected.push(readingRejections[reason]?.[0] ?? ''),
  };
  const decoder = new Decoder(config.inputs[0]!, channels);
  decoder.decode(Buffer.from(JSON.stringify(message)), { retained: false, nowMs }, sink);
  return { readings, rejected };
}

const base64 = (samples: Float32Array) => Buffer.from(samples.buffer).toString('base64');
const message = { ts: nowMs, rpm: 1440, samples: base64(burst) };

describe('bursts', () => {
  it('become signals, in base64 as in a list, beside the other readings of the row', () => {
    const { readings, rejected } = decode({ ...message, temperature: 61 });
    expect(rejected).toEqual([]);
    expect(readings).toMatchObject({ temperature: 61, rpm: 1440 });
    expect(readings['vibration.rms']).toBeGreaterThan(1);
    expect(readings['vibration.outer-race']).toBeGreaterThan(20);
    expect(decode({ ...message, samples: [...burst] }).readings).toEqual({ ...readings, temperature: undefined });
  });

  it('are found where paths lead, in the row or in the message about it, in the unit that the sensor has', () => {
    const { 'vibration.rms': rms = 0 } = decode(message).readings;
    const rows = { rpm: 1440, rows: [{ ts: nowMs, data: { x: [...burst].map((value) => value * 500) } }] };
    const { readings } = decode(rows, { samples: '$.data.x', scale: 0.002 }, { rows: '$.rows' });
    expect(readings['vibration.rms']).toBeCloseTo(rms, 5);
    expect(readings['vibration.outer-race']).toBeCloseTo(decode(message).readings['vibration.outer-race'] ?? 0, 5);
    expect(decode(message, { unit: 'g' }).readings['vibration.rms']).toBeCloseTo(rms, 9);
  });

  it('a speed that is fixed, or unknown', () => {
    const { rpm: _, ...silent } = message;
    expect(decode(silent, { rpm: 1440 }).readings['vibration.outer-race']).toBeGreaterThan(20);
    const { readings, rejected } = decode(silent);
    expect(readings['vibration.outer-race']).toBeNaN();
    expect(rejected).toEqual(['null']);
  });

  it.each([
    ['no-waveform', undefined],
    ['no-waveform', null],
    ['bad-waveform', [...burst.subarray(0, 1023)]],
    ['bad-waveform', [...burst.subarray(1), 'x']],
    ['bad-waveform', [...burst.subarray(1), null]],
    ['bad-waveform', base64(burst).slice(0, -3)],
    ['bad-waveform', base64(Float32Array.from(burst).fill(Number.NaN, 7, 8))],
    ['bad-waveform', 'no burst'],
    ['bad-waveform', { x: 1 }],
    ['bad-waveform', 3],
  ])('%s: counted, and the rest of the row is kept', (reason, samples) => {
    const { readings, rejected } = decode({ ...message, temperature: 61, samples });
    expect(rejected).toEqual([reason]);
    expect(readings).toEqual({ temperature: 61, rpm: 1440 });
  });

  it.each([
    [{ rpm: undefined }, 'rpm'],
    [{ rateHz: undefined }, 'rateHz'],
    [{ signal: 'a b' }, 'letters'],
    [{ samples: '$..x' }, 'no path'],
  ])('settings %j are refused', (settings, says) => {
    expect(() => decode(message, settings)).toThrow(says);
  });

  it('a row that is refused is refused once', () => {
    const asked: number[] = [];
    decode({ ...message, temperature: 61 }, {}, {}, (_, timeMs) => asked.push(timeMs) < 0);
    expect(asked).toEqual([nowMs]);
  });

  it('names its signals itself', () => {
    expect(() => decode(message, {}, { topic: '{asset}/{signal}' })).toThrow('names its signals itself');
  });
});

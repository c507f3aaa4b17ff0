/** Naming a bearing's fault, on simulated bearings: learned from some severities and speeds, judged on others. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearing6205 } from '../../../model/bearing.js';
import { bearingDefects, waveform } from '../../../simulator/waveform.js';
import type { Split } from '../../../training/bearings/bursts.js';
import { evaluateBearings, judgeSplit, splitsOf } from '../../../training/bearings/evaluate.js';
import { filterPeaks } from '../../../training/bearings/filters.js';
import { type Approach, expert, image, waves } from '../../../training/bearings/networks.js';
import { bearingTable } from '../../../training/bearings/report.js';
import { silent } from '../../../training/progress.js';
import { type BearingRecording, bearingClasses, loadCwru } from '../../../training/sets/cwru.js';
import { type LoadedTensorFlow, loadTensorFlow } from '../../../training/tensorflow/load.js';

const rateHz = 12_000;
const names = { 'outer-race': 'outer', 'inner-race': 'inner', ball: 'ball' } as const;

/** Three machines, speeds and resonances of their own; spots of two sizes. */
function recordings(): BearingRecording[] {
  return [22, 25, 28].flatMap((shaftHz, machine) => {
    const one = (label: BearingRecording['label'], sizeMil: number, more: object) => ({
      name: `${label}-${sizeMil}-${machine}`,
      label,
      sizeMil,
      rpm: 60 * shaftHz,
      rateHz,
      samples: waveform({
        seed: `${label} ${sizeMil} ${machine}`,
        rateHz,
        samples: label === 'normal' ? 65_536 : 32_768,
        shaftHz,
        resonanceHz: 3400 + 300 * machine,
        ...more,
      }),
    });
    return [
      one('normal', 0, {}),
      ...bearingDefects.flatMap((defect) =>
        [7, 21].map((size) => one(names[defect], size, { defect, severity: size === 7 ? 0.5 : 1 })),
      ),
    ];
  });
}

/** With fewer steps of training: enough to hold graph against network. */
const brief = (approach: Approach): Approach => ({ ...approach, settings: { ...approach.settings, steps: 6 } });

describe('naming the fault of a bearing', () => {
  let loaded: LoadedTensorFlow;
  beforeAll(async () => {
    loaded = await loadTensorFlow();
  }, 60_000);
  const splits = splitsOf(recordings());
  const judged = (split: Split, ...approaches: [Approach, ...Approach[]]) =>
    judgeSplit(loaded.tf, split, approaches, 1, silent).then(
      ({ results }) => new Map(results.map((one) => [one.method, one])),
    );

  it.each(splits.slice(0, 2))(
    '$name, left out, is named by an analyst and by a network on what he reads',
    async (split) => {
      const found = await judged(split, expert(rateHz, bearing6205));
      expect(found.get('the line that rises most, no network')?.macroF1).toBeGreaterThan(0.95);
      expect(found.get("network on an analyst's signals")?.macroF1).toBeGreaterThan(0.9);
      expect(found.get('always the most frequent')?.macroF1).toBeLessThan(0.3);
      for (const { confusion } of found.values())
        expect(confusion.flat().reduce((sum, n) => sum + n, 0)).toBe(split.test.length);
    },
    60_000,
  );

  it('graphs compute what was trained, front ends included', async () => {
    const [split] = splits as [Split];
    const few = { ...split, train: split.train.filter((_, i) => i % 4 === 0) };
    const found = await judged(few, brief(expert(rateHz, bearing6205)), brief(image()), brief(waves()));
    expect(found.size).toBe(6);
    for (const { parity, method } of found.values()) expect(parity, method).toBeLessThan(1e-5);
    const results = [...found.values()];
    const whole = {
      set: 'cwru',
      files: 1,
      seeds: 1,
      classes: bearingClasses,
      results,
      filterPeaksHz: [400, 30],
    } as const;
    expect(bearingTable(whole)).toMatch(/\.007 in left out[\s\S]*30, 400 Hz/);
  }, 120_000);

  it('what is left out is not learned from', () => {
    for (const { train, test } of splits.slice(0, 2)) {
      const learned = new Set(train.map(({ samples }) => samples.buffer));
      const faults = test.filter(({ label }) => bearingClasses[label] !== 'normal');
      expect(faults.length).toBeGreaterThan(0);
      for (const { samples } of faults) expect(learned.has(samples.buffer)).toBe(false);
      // Of healthy ones the second half, of which no sample was in a burst of the first.
      const last = Math.max(...train.filter(({ label }) => label === 0).map((one) => one.samples.byteOffset));
      for (const { label, samples } of test)
        if (label === 0) expect(samples.byteOffset).toBeGreaterThanOrEqual(last + 4 * samples.length);
    }
  });
});

it('a filter peaks where its kernel swings', () => {
  const kernel = (hz: number) =>
    Array.from(
      { length: 64 },
      (_, t) => Math.sin((Math.PI * (t + 0.5)) / 64) * Math.cos((2 * Math.PI * hz * t) / rateHz),
    );
  const [low = 0, high = 0] = filterPeaks([kernel(800), kernel(3400)], rateHz);
  expect(Math.abs(low - 800)).toBeLessThan(80);
  expect(Math.abs(high - 3400)).toBeLessThan(80);
});

describe('the layout of CWRU', () => {
  let folder: string;
  const head = 'name,label,fault_mil,load_hp,rpm,outer_clock,fs_hz,samples,seconds';
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'anomalyd-cwru-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function write(lines: readonly string[]): string {
    const root = path.join(folder, String(Math.random()));
    mkdirSync(root);
    writeFileSync(path.join(root, 'manifest.csv'), [head, ...lines].join('\n'));
    const bytes = Buffer.from(Float32Array.of(1, -2, 0.5).buffer);
    writeFileSync(path.join(root, 'a.f32.gz'), gzipSync(bytes));
    writeFileSync(path.join(root, 'b.f32'), bytes);
    writeFileSync(path.join(root, 'torn.f32'), bytes.subarray(1));
    return root;
  }
  const row = (name: string, label: string, mil = '7', fs = '12000') => `${name},${label},${mil},0,1797,,${fs},3,0.01`;
  const all = [row('a', 'normal', '0'), row('b', 'inner'), row('a', 'outer'), row('b', 'ball', '21')];

  it('is read, plain or gzipped; other rates are left out', () => {
    const found = loadCwru(write([...all, row('none', 'inner', '7', '48000')]));
    expect(found.map(({ name, label, sizeMil, rpm }) => [name, label, sizeMil, rpm])).toEqual([
      ['a', 'normal', 0, 1797],
      ['b', 'inner', 7, 1797],
      ['a', 'outer', 7, 1797],
      ['b', 'ball', 21, 1797],
    ]);
    for (const { samples } of found) expect([...samples]).toEqual([1, -2, 0.5]);
  });

  it.each([
    [[...all, row('c', 'inner')], 'manifest.csv:6: there is no'],
    [[...all, row('a', 'cage')], 'manifest.csv:6 (label): "cage" is no class'],
    [[...all, row('a', 'ball', 'x')], 'manifest.csv:6 (fault_mil): "x" is no number'],
    [[...all, row('torn', 'ball')], 'torn.f32: 11 bytes are no 32-bit floats'],
    [all.slice(1), 'no recording at 12000 Hz of class normal. Decimate'],
    [all.slice(0, 3), 'of class ball'],
  ])('says where it is wrong', (lines, says) => {
    expect(() => loadCwru(write(lines))).toThrow(says);
  });

  it('says what is missing', async () => {
    const options = { folder, seeds: 1, tensorFlow: () => loadTensorFlow({ choice: 'wasm' }), progress: silent };
    await expect(evaluateBearings(options)).rejects.toThrow('manifest.csv: There is no such file.');
  });
});

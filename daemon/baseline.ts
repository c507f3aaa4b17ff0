/** Alarm levels of single assets, calibrated anew after maintenance from their own recent severities: bounded, kept over restarts, reversible. */
import { z } from 'zod';
import { weekMs } from '../model/duration.js';
import { isSteady, type ResultBatch } from '../model/frames.js';
import { alarmLevel, fitPeaks } from '../model/peaks.js';
import { type AlarmState, isSilenced } from './alarm/state.js';
import { BaselineRing } from './baseline-ring.js';
import { LevelDrift, type StoredDrift, storedDriftSchema } from './level-drift.js';
import type { RebaselineResult } from './message/request.js';

/** What there is to know of a bundle. */
export interface BaselineBundle {
  /** As the config calls it. */
  readonly name: string;
  readonly hash: string;
  readonly periodMs: number;
  /** False alarms accepted an asset-week. */
  readonly budget: number;
  /** -ln p at severity 1 (`alarmLevel` of the bundle's peaks at the budget). */
  readonly level: number;
  /** How far levels of single assets may follow what is normal for them, a factor up or down; 1 = not at all. */
  readonly levelDrift: number;
  /** Names by slot; may grow. */
  readonly assets: readonly string[];
}

export interface BaselinesOptions {
  /** What was kept, by key. */
  readonly memos: ReadonlyMap<string, unknown>;
  /** Keeps a value; undefined = forgets it. */
  readonly keep: (key: string, value: unknown) => void;
  /** How the alarms of an asset stand; undefined for an asset that nobody knows. */
  readonly alarms: (asset: string) => { readonly machine: AlarmState; readonly sensorFault: boolean } | undefined;
}

/** The level is not moved further than this, in units of the level that the bundle was calibrated with. */
export const levelBounds = { least: 0.5, most: 4 } as const;
/** Blocks of normal severities below which nothing can be said about a week. */
export const leastBlocks = 60;
const leastBlockMs = 60_000;
const framesPerBlock = 10;
/** Blocks below the threshold that end a peak. */
const runBlocks = 3;
/** A level this near to the old one is the old one. */
const sameRatio = 0.01;
const mostSteps = 20;
/** Blocks kept for a new calibration. */
const mostBlocks = 480;
/** Larger severities say no more. */
const mostSeverity = 100;

const storedSchema = z.object({
  /** Of the bundle's manifest: levels mean nothing to another model. */
  hash: z.string(),
  /** One a calibration, the newest last. */
  levels: z.array(z.number().min(levelBounds.least).max(levelBounds.most)),
  drift: storedDriftSchema.optional(),
});

interface Track {
  readonly ring: BaselineRing;
  /** What was calibrated anew, the newest last; empty = as the bundle was. */
  levels: readonly number[];
  /** Streaming adaptation, where the bundle wants it. */
  drift: LevelDrift | undefined;
  /** The newest of `levels`, or 1, times the drift. */
  level: number;
}

/** How an asset stands as far as its severities tell of its normal; they are forgotten whenever that changes. */
type Situation = 'normal' | 'active' | 'silenced';

/**
 * Severity is divided by the asset's level before anyone sees it, so 1 stays the alarm threshold everywhere. The model, its residuals and its evidence
 * are left alone.
 */
export class Baselines {
  readonly #bundles: BaselineBundle[] = [];
  readonly #tracks: Track[][] = [];
  readonly #situations = new Map<string, Situation>();
  readonly #faulty = new Set<string>();

  constructor(private readonly options: BaselinesOptions) {}

  /** Sets or replaces the bundle at an index of the config. */
  setBundle(index: number, bundle: BaselineBundle): void {
    this.#bundles[index] = bundle;
    this.#tracks[index] = [];
  }

  /** Hot: remembers severities as they are and divides them by the level of their asset, in place. */
  results(bundle: number, batch: ResultBatch): void {
    const tracks = this.#tracks[bundle];
    if (tracks === undefined) return;
    const detectors = batch.n === 0 ? 0 : batch.detector.length / batch.n;
    for (let i = 0; i < batch.n; i++) {
      const slot = batch.slot[i] ?? 0;
      const track = tracks[slot] ?? this.#take(bundle, slot);
      if (track === undefined) continue;
      if (isSteady(batch.mode[i])) this.#note(bundle, slot, track, batch.timeMs[i] ?? 0, batch.severity[i] ?? 0);
      if (track.level === 1) continue;
      divide(batch.severity, i, 1, track.level);
      divide(batch.instant, i, 1, track.level);
      divide(batch.detector, i * detectors, detectors, track.level);
    }
  }

  /** The machine alarm of an asset has changed. */
  changed(asset: string, state: AlarmState): void {
    const situation = isSilenced(state) ? 'silenced' : state.condition === 'active' ? 'active' : 'normal';
    if ((this.#situations.get(asset) ?? 'normal') === situation) return;
    if (situation === 'normal') this.#situations.delete(asset);
    else this.#situations.set(asset, situation);
    for (const { track } of this.#of(asset)) track.ring.forget(track.ring.length);
    this.#pause(asset);
  }

  /** A sensor of an asset has failed, or works again. */
  sensorFault(asset: string, faulty: boolean): void {
    if (this.#faulty.has(asset) === faulty) return;
    if (faulty) this.#faulty.add(asset);
    else this.#faulty.delete(asset);
    this.#pause(asset);
  }

  /** Level of an asset, in units of its bundle's own. */
  level(bundle: number, slot: number): number {
    return this.#tracks[bundle]?.[slot]?.level ?? 1;
  }

  /** Calibrates the level of an asset anew, or takes the last calibration back. What is refused changes nothing. */
  rebaseline(asset: string, undo: boolean): { data: RebaselineResult } | { error: string } {
    const stands = this.options.alarms(asset);
    const found = this.#of(asset);
    if (stands === undefined || found.length === 0) return { error: `unknown asset ${JSON.stringify(asset)}` };
    if (undo) return this.#undo(asset, found);
    const refusal = reasonAgainst(asset, stands.machine, stands.sensorFault) ?? tooShort(asset, found);
    if (refusal !== undefined) return { error: refusal };
    const levels = found.map(({ bundle, track }) => {
      const before = track.level;
      const measured = measure(track.ring, bundle);
      const after = Number(Math.min(levelBounds.most, Math.max(levelBounds.least, measured)).toPrecision(4));
      if (Math.abs(after / before - 1) > sameRatio)
        this.#set(asset, bundle, track, [...track.levels, after].slice(-mostSteps));
      const minutes = Math.round((track.ring.length * track.ring.blockMs) / 60_000);
      return { bundle: bundle.name, before, after: track.level, limited: after !== round(measured), minutes };
    });
    return { data: { asset, levels } };
  }

  #undo(asset: string, found: readonly Found[]): { data: RebaselineResult } | { error: string } {
    const able = found.filter(({ track }) => track.levels.length > 0);
    if (able.length === 0) return { error: `${asset} has the levels of its bundle; there is nothing to take back` };
    const levels = able.map(({ bundle, track }) => {
      const before = track.level;
      this.#set(asset, bundle, track, track.levels.slice(0, -1));
      return { bundle: bundle.name, before, after: track.level, limited: false, minutes: 0 };
    });
    return { data: { asset, levels } };
  }

  #set(asset: string, bundle: BaselineBundle, track: Track, levels: readonly number[]): void {
    track.levels = levels;
    track.drift = this.#drift(asset, bundle, levels);
    this.#keep(asset, bundle, track);
  }

  #keep(asset: string, { name, hash }: BaselineBundle, track: Track): void {
    const { levels, drift } = track;
    track.level = (levels.at(-1) ?? 1) * (drift?.ratio ?? 1);
    const value = levels.length === 0 && drift === undefined ? undefined : { hash, levels, drift: drift?.stored };
    this.options.keep(keyOf(name, asset), value);
  }

  #note(bundle: number, slot: number, track: Track, timeMs: number, severity: number): void {
    track.ring.note(timeMs, severity);
    const facts = this.#bundles[bundle];
    if (track.drift === undefined || facts === undefined) return;
    if (!track.drift.note(timeMs, severity / (track.levels.at(-1) ?? 1))) return;
    track.drift.learn();
    this.#keep(facts.assets[slot] ?? '', facts, track);
  }

  #drift(asset: string, bundle: BaselineBundle, levels: readonly number[], stored?: StoredDrift) {
    const { periodMs, budget, level, levelDrift: reach } = bundle;
    if (reach === 1) return undefined;
    const drift = new LevelDrift({ periodMs, budget, reach, level: level * (levels.at(-1) ?? 1) }, stored);
    drift.pause(this.#isPaused(asset));
    return drift;
  }

  #pause(asset: string): void {
    for (const { track } of this.#of(asset)) track.drift?.pause(this.#isPaused(asset));
  }

  #isPaused(asset: string): boolean {
    return this.#situations.has(asset) || this.#faulty.has(asset);
  }

  #of(asset: string): Found[] {
    return this.#bundles.flatMap((bundle, index) => {
      const slot = bundle.assets.indexOf(asset);
      const track = slot < 0 ? undefined : (this.#tracks[index]?.[slot] ?? this.#take(index, slot));
      return track === undefined ? [] : [{ bundle, track }];
    });
  }

  #take(index: number, slot: number): Track | undefined {
    const bundle = this.#bundles[index];
    const asset = bundle?.assets[slot];
    const tracks = this.#tracks[index];
    if (bundle === undefined || asset === undefined || tracks === undefined) return undefined;
    const parsed = storedSchema.safeParse(this.options.memos.get(keyOf(bundle.name, asset)));
    const kept = parsed.success && parsed.data.hash === bundle.hash ? parsed.data : undefined;
    const levels = kept?.levels ?? [];
    const ring = new BaselineRing(Math.max(leastBlockMs, framesPerBlock * bundle.periodMs), mostBlocks);
    const drift = this.#drift(asset, bundle, levels, kept?.drift);
    const track: Track = { ring, levels, drift, level: (levels.at(-1) ?? 1) * (drift?.ratio ?? 1) };
    tracks[slot] = track;
    return track;
  }
}

interface Found {
  readonly bundle: BaselineBundle;
  readonly track: Track;
}

function keyOf(bundle: string, asset: string): string {
  return `level/${bundle}/${asset}`;
}

function divide(values: Float32Array, from: number, count: number, by: number): void {
  for (let i = from; i < from + count; i++) values[i] = (values[i] ?? 0) / by;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

/** Peaks over threshold on the blocks, as at training: the level that the asset's own severities pass as often a week as the budget allows. */
function measure(ring: BaselineRing, { level, budget }: BaselineBundle): number {
  const surprises = ring.values().map((severity) => Math.min(severity, mostSeverity) * level);
  const table = fitPeaks([surprises], weekMs / ring.blockMs, { runFrames: runBlocks });
  return alarmLevel(table, budget) / level;
}

function reasonAgainst(asset: string, machine: AlarmState, sensorFault: boolean): string | undefined {
  if (isSilenced(machine))
    return `${asset} is shelved, out of service or in maintenance; first let it run as it should run from now on`;
  if (machine.condition === 'active' && !machine.acknowledged)
    return `${asset} is in alarm (${machine.id}); acknowledge the alarm first, if what it does now is to be normal from now on`;
  if (sensorFault) return `a sensor of ${asset} is faulty; repair it first`;
  return undefined;
}

function tooShort(asset: string, found: readonly Found[]): string | undefined {
  for (const { bundle, track } of found) {
    const { length, blockMs } = track.ring;
    if (length >= leastBlocks) continue;
    const minutes = (count: number) => Math.round((count * blockMs) / 60_000);
    return `${asset} has run only ${minutes(length)} of ${minutes(leastBlocks)} minutes since its last alarm, silence or our start (bundle ${bundle.name})`;
  }
  return undefined;
}

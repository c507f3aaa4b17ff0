/** Sensor or machine, for every asset that deviates: looks which signal alone explains it, then watches the asset without that signal. */
import type { DetectorSession } from './detector.js';
import { healthStates, type ResultBatch } from './frames.js';
import { maxSuspectFrames } from './health.js';
import { Hiding } from './hiding.js';
import type { Manifest } from './manifest.js';
import { RecentFrames } from './recent-frames.js';
import { Shadows } from './shadows.js';
import { grownSlots } from './slots.js';
import { Suspicion, verdictCode } from './suspicion.js';

/** From this severity on an asset is looked at: well below an alarm, and levels of single assets may be lower than the bundle's. */
const openAt = 0.5;
/** Frames below it after which the deviation is over. */
const quietFrames = 30;
/** Frames between two looks double from the first to the last of these. */
const [firstPause, longestPause] = [4, 256];
/** A signal that jumped alone, and stayed, up to this many frames before the deviation was seen is behind it. */
const jumpFrames = 64;

const spike = healthStates.indexOf('spike');
const pass = healthStates.indexOf('pass');

/** One deviation of one asset. */
interface Case {
  readonly suspicion: Suspicion;
  /** Its place among the shadows; -1 = no signal is suspected. */
  shadow: number;
  frames: number;
  quiet: number;
  nextLook: number;
  pause: number;
  /** It has been looked at in alarm. */
  alarmed: boolean;
}

/**
 * Reconstruction-based contribution (Alcala & Qin, Automatica 2009) without its linear model: the detectors have learned to do without a signal, so the newest
 * frames are scored again with each hidden in turn (`Hiding`). A sensor that is wrong leaves nothing behind. A machine may do the same for long, if what it suffers
 * from shows in one signal, or in several that stay consistent with each other; so the asset is watched on without the suspect (`Shadows`), until the evidence says which it is
 * (`Suspicion`). What is decided for a frame depends on the frames of its asset alone; work is bounded: looks grow rare, and a shadow is one row more a frame.
 */
export class Diagnosis {
  private readonly channels: number;
  private readonly hiding: Hiding;
  private readonly shadows: Shadows;
  private readonly recent: RecentFrames;
  private readonly cases = new Map<number, Case>();
  /** Signals that jumped alone and stayed: [slots] frames since, saturated, and [slots] which. */
  private sinceJump = new Uint8Array(0);
  private jumped = new Uint16Array(0);
  /** [slots * C] frames in a row that health called a spike. */
  private spikes = new Uint8Array(0);
  private readonly scratch: Float32Array;

  private constructor(manifest: Manifest, sessions: readonly DetectorSession[], alarmLevel: number) {
    this.channels = manifest.channels.length;
    this.hiding = new Hiding(manifest, sessions, alarmLevel);
    this.shadows = new Shadows(manifest, sessions, alarmLevel);
    this.recent = new RecentFrames(this.channels, this.hiding.length);
    this.scratch = new Float32Array(this.hiding.length * this.channels);
  }

  /**
   * Undefined where nobody has learned what is normal without a signal, or there is but one; and in stages whose memory reaches back further than the frames that
   * are looked at again.
   */
  static of(manifest: Manifest, sessions: readonly DetectorSession[], alarmLevel: number): Diagnosis | undefined {
    const isLearned = manifest.detectors.every(({ calibration }) => calibration.absent !== undefined);
    const isStationary = manifest.episodes === undefined && manifest.energy === undefined;
    return isLearned && isStationary && manifest.channels.length > 1
      ? new Diagnosis(manifest, sessions, alarmLevel)
      : undefined;
  }

  /** Makes room for `slots` slots. */
  ensure(slots: number): void {
    this.recent.ensure(slots);
    const before = this.jumped.length;
    if (slots <= before) return;
    const size = grownSlots(slots, before);
    const since = new Uint8Array(size).fill(255);
    since.set(this.sinceJump);
    const jumped = new Uint16Array(size);
    jumped.set(this.jumped);
    const spikes = new Uint8Array(size * this.channels);
    spikes.set(this.spikes);
    Object.assign(this, { sinceJump: since, jumped, spikes });
  }

  reset(slot: number): void {
    this.recent.reset(slot);
    this.sinceJump[slot] = 255;
    this.spikes.fill(0, slot * this.channels, (slot + 1) * this.channels);
    this.close(slot);
  }

  /**
   * Takes rows `from` to before `to` of a batch, of different assets, after health and scoring: `values` [n*C], NaN = masked. Writes `verdict`, `suspect` and
   * `explains`.
   */
  async step(result: ResultBatch, values: Float32Array, from = 0, to = result.n): Promise<void> {
    const { slot } = result;
    const C = this.channels;
    const open: number[] = [];
    for (let i = from; i < to; i++) {
      const s = slot[i] as number;
      this.recent.push(s, values, i * C);
      this.noteJump(s, result.health, i * C);
      if (this.advance(s, result.severity[i] as number)) open.push(i);
    }
    if (open.length === 0) return;
    await this.watch(open, result, values);
    for (const i of open) await this.look(i, result);
    for (const i of open) this.tell(i, result);
  }

  /** Opens, keeps or closes the case of a slot; true while there is one. */
  private advance(slot: number, severity: number): boolean {
    let one = this.cases.get(slot);
    if (one === undefined) {
      if (severity < openAt) return false;
      const jumped = (this.sinceJump[slot] as number) <= jumpFrames ? (this.jumped[slot] as number) : -1;
      const suspicion = new Suspicion(this.channels, jumped);
      one = { suspicion, shadow: -1, frames: 0, quiet: 0, nextLook: 1, pause: firstPause, alarmed: false };
      this.cases.set(slot, one);
    }
    one.frames++;
    one.quiet = severity < openAt ? one.quiet + 1 : 0;
    if (one.quiet < quietFrames) return true;
    this.close(slot);
    return false;
  }

  /** One more frame of all suspects, without them. */
  private async watch(open: readonly number[], result: ResultBatch, values: Float32Array): Promise<void> {
    const watched = open.flatMap((row) => {
      const { shadow, suspicion } = this.caseOf(row, result);
      return shadow < 0 ? [] : [{ row, mode: result.mode[row] as number, shadow, signal: suspicion.suspect }];
    });
    if (watched.length === 0) return;
    await this.shadows.step(watched, values, ({ row }, ...observed) => {
      this.caseOf(row, result).suspicion.observe(...observed);
    });
  }

  /** Where it is time, sees which signal explains the deviation. */
  private async look(row: number, result: ResultBatch): Promise<void> {
    const one = this.caseOf(row, result);
    const isAlarm = (result.severity[row] as number) >= 1;
    const isFirstAlarm = isAlarm && !one.alarmed;
    if (one.frames < one.nextLook && !isFirstAlarm && !one.suspicion.isCleared) return;
    if (one.frames >= one.nextLook) {
      one.nextLook = one.frames + one.pause;
      one.pause = Math.min(longestPause, 2 * one.pause);
    }
    one.alarmed ||= isAlarm;
    // A look at quiet frames explains nothing.
    if (one.quiet > 0) return;
    const C = this.channels;
    this.recent.copy(result.slot[row] as number, this.scratch, 0);
    const shares = result.contribution.subarray(row * C, (row + 1) * C);
    const explanation = await this.hiding.explain(this.scratch, one.frames + 2, shares, result.mode[row] as number);
    if (!(explanation.whole > 0) || !one.suspicion.explain(explanation)) return;
    if (one.shadow >= 0) this.shadows.free(one.shadow);
    one.shadow = one.suspicion.suspect < 0 ? -1 : this.shadows.take();
  }

  private tell(row: number, { slot, verdict, suspect, explains }: ResultBatch): void {
    const { suspicion } = this.cases.get(slot[row] as number) as Case;
    verdict[row] = verdictCode[suspicion.verdict];
    suspect.set(suspicion.group, row * this.channels);
    explains.set(suspicion.explains, row * this.channels);
  }

  private caseOf(row: number, { slot }: ResultBatch): Case {
    return this.cases.get(slot[row] as number) as Case;
  }

  private close(slot: number): void {
    const one = this.cases.get(slot);
    if (one === undefined) return;
    if (one.shadow >= 0) this.shadows.free(one.shadow);
    this.cases.delete(slot);
  }

  /** Health calls a lone jump a spike until it has stayed for some frames; then the new level passes. */
  private noteJump(slot: number, health: Uint8Array, from: number): void {
    if ((this.sinceJump[slot] as number) < 255) this.sinceJump[slot] = (this.sinceJump[slot] as number) + 1;
    for (let c = 0; c < this.channels; c++) {
      const i = slot * this.channels + c;
      const state = health[from + c];
      if (state === pass && (this.spikes[i] as number) >= maxSuspectFrames) {
        this.sinceJump[slot] = 0;
        this.jumped[slot] = c;
      }
      this.spikes[i] = state === spike ? Math.min(255, (this.spikes[i] as number) + 1) : 0;
    }
  }
}

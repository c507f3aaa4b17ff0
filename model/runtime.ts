/** A bundle at work: health -> detectors -> scorer, for batches of frames. */
import type { Bundle } from './bundle.js';
import { Classifier } from './classifier.js';
import { type DetectorOutputs, DetectorSession } from './detector.js';
import { Diagnosis } from './diagnosis.js';
import { type FrameBatch, isIdle, modeCode, type ResultBatch } from './frames.js';
import { Health } from './health.js';
import { levelOf } from './level.js';
import { likeliestRegime, ModeTracker } from './modes.js';
import { grownSlots } from './slots.js';
import { scoringStage } from './stage.js';
import { undiagnosed } from './suspicion.js';
import { emptyVerdicts, type ScoringStage, type StageBatch } from './verdicts.js';

export interface RuntimeOptions {
  /** Alarm budget; the manifest's where not given. */
  readonly falseAlarmsPerAssetWeek?: number;
}

/** More steps in one call of a recurrent graph save nothing more. */
const mostRounds = 64;

export class BundleRuntime {
  /** Channel names, in the order of the frames' columns. */
  readonly channels: readonly string[];
  /** Detector names, in the order of `ResultBatch.detector`. */
  readonly detectors: readonly string[];
  private readonly health: Health;
  private readonly scorer: ScoringStage;
  private readonly diagnosis: Diagnosis | undefined;
  private readonly modes: ModeTracker | undefined;
  private slots = 0;
  private masked: Float32Array<ArrayBuffer> = new Float32Array(0);
  private known = new Int32Array(0);
  private readonly outputs: DetectorOutputs[] = [];

  private constructor(
    readonly bundle: Bundle,
    private readonly sessions: readonly DetectorSession[],
    /** -ln p at severity 1. */
    readonly alarmLevel: number,
    private readonly classifier: Classifier | undefined,
  ) {
    const { channels, detectors, modes } = bundle.manifest;
    this.channels = channels.map(({ name }) => name);
    this.detectors = detectors.map(({ name }) => name);
    this.health = new Health(channels);
    this.scorer = scoringStage(bundle.manifest, alarmLevel);
    this.modes = modes && new ModeTracker(modes, this.channels);
    this.diagnosis = Diagnosis.of(bundle.manifest, sessions, alarmLevel);
  }

  /** Frames of one asset that a batch may have: what a machine does now says what is remembered at its next frame. */
  get maxRounds(): number {
    return this.modes === undefined ? mostRounds : 1;
  }

  /** Opens the graphs and runs the golden vectors. @throws UserError */
  static async open(bundle: Bundle, options: RuntimeOptions = {}): Promise<BundleRuntime> {
    const { manifest, golden } = bundle;
    const sessions: DetectorSession[] = [];
    try {
      for (const detector of manifest.detectors) {
        const session = await DetectorSession.open(bundle, detector);
        sessions.push(session);
        await session.selfTest(golden);
      }
      const budget = options.falseAlarmsPerAssetWeek ?? manifest.falseAlarmsPerAssetWeek;
      return new BundleRuntime(bundle, sessions, levelOf(manifest, budget), await Classifier.open(bundle));
    } catch (error) {
      await Promise.all(sessions.map((session) => session.close()));
      throw error;
    }
  }

  /** Results are fresh arrays, the caller's to keep or transfer. One call at a time. */
  async score(batch: FrameBatch): Promise<ResultBatch> {
    const { n, slot, reset, values, rounds = [n] } = batch;
    const C = this.channels.length;
    const D = this.detectors.length;
    const result = {
      n,
      slot: slot.slice(0, n),
      timeMs: batch.timeMs.slice(0, n),
      ...emptyVerdicts(n, C, D),
      actual: values.slice(0, n * C),
      health: new Uint8Array(n * C),
      ...undiagnosed(n, C),
    };
    if (n === 0) return result;
    this.reserve(batch);
    for (let i = 0; i < n; i++) {
      const s = slot[i] as number;
      if (reset[i] === 1) this.forget(s);
      if (this.modes !== undefined) this.follow(this.modes, s, i, batch, result.mode);
      this.known[i] = this.health.check(s, i, values, this.masked, result.health);
    }
    for (let d = 0; d < D; d++) {
      this.outputs[d] = await (this.sessions[d] as DetectorSession).step(n, slot, this.masked, rounds);
    }
    this.nameRegimes(n, result.mode);
    const stage: StageBatch = { outputs: this.outputs, into: result, slot, known: this.known, values: this.masked };
    let to = 0;
    for (const rows of rounds) {
      const from = to;
      to += rows;
      this.scorer.step(stage, from, to);
      await this.diagnosis?.step(result, this.masked, from, to);
      await this.classifier?.step(result, this.masked, from, to);
    }
    return result;
  }

  /** Notes what the machine is doing. Sensors of one that is off may stand still, and when it runs again nothing before that counts. */
  private follow(modes: ModeTracker, slot: number, i: number, batch: FrameBatch, into: Uint8Array): void {
    const before = modes.last(slot);
    const code = modes.step(slot, batch.values, i * this.channels.length, batch.timeMs[i] as number);
    into[i] = code;
    if (code === modeCode.off || before === modeCode.off) this.health.reset(slot);
    if (!isIdle(before) || isIdle(code)) return;
    this.scorer.restart(slot);
    this.diagnosis?.reset(slot);
    this.classifier?.reset(slot);
    for (const session of this.sessions) session.reset(slot);
  }

  /** Regimes that a detector tells, for frames of machines that run. */
  private nameRegimes(n: number, into: Uint8Array): void {
    const regimes = this.bundle.manifest.modes?.regimes;
    if (regimes === undefined || Array.isArray(regimes)) return;
    const { regime, ready } = this.outputs[this.detectors.indexOf(regimes.detector)] as DetectorOutputs;
    if (regime === undefined) return;
    for (let i = 0; i < n; i++)
      if (into[i] === modeCode.steady && ready[i] === 1) into[i] = likeliestRegime(regime, i, regimes.count);
  }

  /** Clears all memory of a slot, for another asset to take. */
  forget(slot: number): void {
    if (slot >= this.slots) return;
    this.modes?.reset(slot);
    this.health.reset(slot);
    this.scorer.reset(slot);
    this.diagnosis?.reset(slot);
    this.classifier?.reset(slot);
    for (const session of this.sessions) session.reset(slot);
  }

  async close(): Promise<void> {
    await Promise.all([...this.sessions.map((session) => session.close()), this.classifier?.close()]);
  }

  private reserve({ n, slot }: FrameBatch): void {
    let slots = 0;
    for (let i = 0; i < n; i++) slots = Math.max(slots, (slot[i] as number) + 1);
    if (slots > this.slots) {
      this.slots = grownSlots(slots, this.slots);
      this.modes?.ensure(this.slots);
      this.health.ensure(this.slots);
      this.scorer.ensure(this.slots);
      this.diagnosis?.ensure(this.slots);
      this.classifier?.ensure(this.slots);
      for (const session of this.sessions) session.ensure(this.slots);
    }
    if (n > this.known.length) {
      this.known = new Int32Array(n);
      this.masked = new Float32Array(n * this.channels.length);
    }
  }
}

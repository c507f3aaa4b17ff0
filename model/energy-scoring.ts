/** The scoring stage for many signals that burst and idle: energies of all detectors in two views, averaged as logarithms, so that detectors must agree. */
import { Absence } from './absence.js';
import type { DetectorOutputs } from './detector.js';
import { Energy, logRatio } from './energy.js';
import type { EnergyTable, Growth, Manifest } from './manifest.js';
import { Persistence } from './persistence.js';
import { surprise } from './tail.js';
import { expectAs, openRow, type ScoringStage, type StageBatch } from './verdicts.js';

export interface EnergyScorerOptions {
  readonly channels: number;
  readonly energy: EnergyTable;
  /** How the energies of each detector grow while a signal is out; without it they count alike whatever is missing. */
  readonly absent?: readonly (Growth | undefined)[];
  readonly persistence: Manifest['persistence'];
  /** -ln p at severity 1. */
  readonly alarmLevel: number;
}

export class EnergyScorer implements ScoringStage {
  private readonly energies: readonly Energy[];
  private readonly absence: Absence;
  private readonly persistence: Persistence;
  private readonly pair = new Float64Array(2);
  /** Fused score of the newest frame; NaN while all detectors warm up. */
  fused = Number.NaN;

  constructor(private readonly options: EnergyScorerOptions) {
    this.energies = options.energy.means.map(() => new Energy(options.channels));
    const settle = options.absent?.map((growth) => growth?.settleFrames ?? 0) ?? [];
    this.absence = new Absence(options.channels, Math.max(0, ...settle));
    this.persistence = new Persistence(options.persistence);
  }

  ensure(slots: number): void {
    for (const energy of this.energies) energy.ensure(slots);
    this.absence.ensure(slots);
    this.persistence.ensure(slots);
  }

  reset(slot: number): void {
    for (const energy of this.energies) energy.reset(slot);
    this.absence.reset(slot);
    this.persistence.reset(slot);
  }

  restart(slot: number): void {
    this.reset(slot);
  }

  step(batch: StageBatch, from: number, to: number): void {
    for (let row = from; row < to; row++) this.stepRow(batch, row);
  }

  private stepRow(batch: StageBatch, row: number): void {
    const { outputs, into, values } = batch;
    const slot = batch.slot[row] as number;
    const { energies, absence, pair, options } = this;
    const { channels: C, alarmLevel, energy: table } = options;
    const D = energies.length;
    let sum = 0;
    let ready = 0;
    let favourite = -1;
    let most = Number.NEGATIVE_INFINITY;
    this.fused = Number.NaN;
    if (values !== undefined) absence.update(slot, values, row * C);
    if (!openRow(row, batch)) {
      this.persistence.push(slot, 0);
      return;
    }
    for (let d = 0; d < D; d++) {
      const output = outputs[d] as DetectorOutputs;
      if (output.ready[row] === 0) continue;
      const energy = energies[d] as Energy;
      energy.step(slot, output.residual, row * C, pair, absence.out);
      const [plain, moving] = table.means[d] as readonly number[];
      const growth = options.absent?.[d];
      const own =
        (logRatio((pair[0] as number) / absence.growth(growth?.score), plain as number) +
          logRatio((pair[1] as number) / absence.growth(growth?.smoothed), moving as number)) /
        2;
      into.detector[row * D + d] = surprise(table.table, own) / alarmLevel;
      sum += own;
      ready++;
      if (own > most) {
        most = own;
        favourite = d;
      }
      const total = (pair[0] as number) + (pair[1] as number);
      if (total > 0)
        for (let c = 0; c < C; c++)
          into.contribution[row * C + c] = (into.contribution[row * C + c] as number) + energy.share(slot, c) / total;
    }
    expectAs(outputs[favourite] as DetectorOutputs, row, into);
    for (let i = row * C; i < (row + 1) * C; i++) into.contribution[i] = (into.contribution[i] as number) / ready;
    this.fused = sum / ready;
    const strange = surprise(table.table, this.fused);
    into.instant[row] = strange / alarmLevel;
    into.severity[row] = this.persistence.push(slot, strange) / alarmLevel;
  }
}

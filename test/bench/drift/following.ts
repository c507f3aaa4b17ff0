/** Levels and alarms of a fleet as the daemon keeps them, fed with scores. */
import { Alarms } from '../../../daemon/alarm/alarms.js';
import { alarmConfigSchema } from '../../../daemon/alarm/config.js';
import { Baselines } from '../../../daemon/baseline.js';
import type { ResultBatch } from '../../../model/frames.js';
import type { Channel } from '../../../model/manifest.js';

export interface FollowingOptions {
  readonly names: readonly string[];
  readonly channels: readonly Channel[];
  readonly periodMs: number;
  readonly budget: number;
  /** -ln p at severity 1. */
  readonly level: number;
  /** How far levels may follow; 1 = not at all. */
  readonly reach: number;
}

export class Following {
  readonly raised: { readonly slot: number; readonly timeMs: number }[] = [];
  readonly #alarms: Alarms;
  readonly #baselines: Baselines;

  constructor(private readonly options: FollowingOptions) {
    const { names, channels, periodMs, budget, level, reach } = options;
    const slots = new Map(names.map((name, slot) => [name, slot]));
    this.#baselines = new Baselines({
      memos: new Map(),
      keep: () => {},
      alarms: (name) => this.#alarms.standing(name),
    });
    this.#baselines.setBundle(0, {
      name: 'pumps',
      hash: '',
      periodMs,
      budget,
      level,
      levelDrift: reach,
      assets: names,
    });
    this.#alarms = new Alarms({
      gateway: 'bench',
      // A budget counts each alarm, also one that returns.
      config: alarmConfigSchema.parse({ flapWindowS: 0, sensorFaults: false }),
      configHash: null,
      onChange: ({ stored: { asset, type, state }, transition }) => {
        if (type !== 'machine-anomaly') return;
        this.#baselines.changed(asset, state);
        if (transition?.kind === 'raised')
          this.raised.push({ slot: slots.get(asset) as number, timeMs: transition.timeMs });
      },
    });
    this.#alarms.setBundle(0, {
      name: 'pumps',
      version: '1',
      hash: '',
      channels,
      periodMs,
      lookbackMs: 5 * periodMs,
      assets: names,
    });
  }

  /** Scores of one frame of all assets; they are left as they are. */
  results(scored: ResultBatch, nowMs: number): void {
    const batch = {
      ...scored,
      severity: scored.severity.slice(),
      instant: scored.instant.slice(),
      detector: scored.detector.slice(),
    };
    this.#baselines.results(0, batch);
    this.#alarms.results(0, batch, nowMs);
  }

  /** By slot, in units of the bundle's own. */
  levels(): number[] {
    return this.options.names.map((_, slot) => this.#baselines.level(0, slot));
  }
}

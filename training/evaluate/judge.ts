/** A series through the daemon's path: alignment, health, detectors, scoring, frame by frame, each verdict from what came before it. */
import { Aligner } from '../../model/align.js';
import type { Bundle } from '../../model/bundle.js';
import type { FrameBatch } from '../../model/frames.js';
import { BundleRuntime } from '../../model/runtime.js';
import type { Series } from '../sets/series.js';
import { startMs } from './learn.js';
import { type Verdicts, verdictsOf } from './verdicts.js';

/** Rows get even times, so that a row is a frame. The normal rows go first, as they did when they were recorded; only the others are judged. */
export async function judge(series: Series, bundle: Bundle): Promise<Verdicts> {
  const { channels, periodMs, rows, fitRows, values } = series;
  const C = channels.length;
  const runtime = await BundleRuntime.open(bundle);
  const scores = new Float64Array(rows - fitRows);
  try {
    const due: FrameBatch[] = [];
    const aligner = new Aligner(
      {
        channels: C,
        periodMs,
        holdMs: bundle.manifest.holdMs,
        latenessMs: 0,
        maxFutureMs: Number.POSITIVE_INFINITY,
        maxGapMs: 10 * periodMs,
      },
      (slot, timeMs, frame, reset) => {
        due.push({
          n: 1,
          slot: Int32Array.of(slot),
          timeMs: Float64Array.of(timeMs),
          reset: Uint8Array.of(reset ? 1 : 0),
          values: frame.slice(),
        });
      },
    );
    const score = async (): Promise<void> => {
      for (const batch of due.splice(0)) {
        const { severity, timeMs } = await runtime.score(batch);
        const row = Math.round(((timeMs[0] as number) - startMs) / periodMs) - fitRows;
        if (row >= 0 && row < scores.length) scores[row] = severity[0] as number;
      }
    };
    for (let row = 0; row < rows; row++) {
      const timeMs = startMs + row * periodMs;
      for (let c = 0; c < C; c++) aligner.add(0, c, timeMs, values[row * C + c] as number, timeMs);
      await score();
    }
    aligner.flush();
    await score();
  } finally {
    await runtime.close();
  }
  return verdictsOf(scores);
}

/** The Tennessee Eastman process as it is published: missed detections where one row in a hundred of normal operation alarms. */

/** Share of the normal test rows that alarm at the threshold. */
const falseAlarmShare = 0.01;
/** Faults that leave the measurements as they were (Russell, Chiang & Braatz 2000). */
const hidden = new Set(['d03', 'd09', 'd15']);
/** The test recording without a fault. */
const normal = 'd00';

export interface JudgedFile {
  readonly name: string;
  readonly labels: Uint8Array;
  readonly scores: Float64Array;
}

export interface MissedDetections {
  /** Per cent of the fault's rows below the threshold, by fault. */
  readonly byFault: Readonly<Record<string, number>>;
  /** Mean over the faults that measurements show. */
  readonly mean: number | null;
}

/** Null without the recording that sets the threshold: `d00_te`, normal throughout, learned from by nobody. */
export function missedDetections(files: readonly JudgedFile[]): MissedDetections | null {
  const calm = files.find(({ name }) => name === normal)?.scores.toSorted();
  if (calm === undefined || calm.length === 0) return null;
  const threshold = calm[Math.ceil((1 - falseAlarmShare) * calm.length) - 1] as number;
  const faults = files.filter(({ labels }) => labels.includes(1));
  const byFault = Object.fromEntries(
    faults.map(({ name, labels, scores }): [string, number] => {
      const rows = scores.filter((_, i) => labels[i] === 1);
      return [name, (100 * rows.filter((score) => score <= threshold).length) / rows.length];
    }),
  );
  const shown = Object.entries(byFault).flatMap(([name, missed]) => (hidden.has(name) ? [] : missed));
  return { byFault, mean: shown.length === 0 ? null : shown.reduce((sum, missed) => sum + missed, 0) / shown.length };
}

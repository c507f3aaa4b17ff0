/** Trials that rank chains without labels: normal rows of a series, the last of them with faults put in. */
import { Random } from '../../model/random.js';
import { type Fault, spoil } from '../injection/faults.js';
import type { Series } from '../sets/series.js';

/** Of the normal rows; a chain learns from them. */
const fitShare = 0.6;
/** Of long recordings the last rows are judged, far from what was learned: what drifts meanwhile is part of the trial. */
const mostJudged = 1600;
/** A fault begins after this part of the judged rows, more or less, */
const lead = 0.3;
const jitter = 0.1;
/** and lasts one of these parts of them, as nobody knows how long faults last. */
const lasting = [0.35, 0.12, 0.04];
/** In standard deviations of the rows that are learned from; of `detached`, the share of the fault. Steps and ramps go up and down. */
const faults: readonly Fault[] = [
  ...[2, -4, 8].map((size): Fault => ({ kind: 'step', size })),
  ...[-2, 4, -8].map((size): Fault => ({ kind: 'ramp', size })),
  ...[1, 2, 4].map((size): Fault => ({ kind: 'noise', size })),
  ...[1, 1, 1].map((size): Fault => ({ kind: 'detached', size })),
];

/** The normal rows of a series alone, of which the first are learned from; its labels and all that comes later are not looked at. */
export function normalPart(series: Series): Series {
  const { values, channels, fitRows: normal, timesS } = series;
  const C = channels.length;
  const fitRows = Math.floor(fitShare * normal);
  const from = Math.max(fitRows, normal - mostJudged);
  const rows = fitRows + normal - from;
  const part = new Float64Array(rows * C);
  part.set(values.subarray(0, fitRows * C));
  part.set(values.subarray(from * C, normal * C), fitRows * C);
  return { ...series, rows, values: part, fitRows, labels: new Uint8Array(rows), timesS: timesS.slice(0, rows) };
}

/** Copies with one fault each, which their labels tell; none where no signal moves. @param untouched normal throughout */
export function trialsOf(untouched: Series): readonly Series[] {
  const moving = spreads(untouched).flatMap((scale, channel) => (scale > 0 ? [{ channel, scale }] : []));
  return moving.length === 0 ? [] : faults.map((fault, i) => putIn(untouched, fault, i, moving));
}

interface Moving {
  readonly channel: number;
  readonly scale: number;
}

/** Every other fault is of one signal, the others of a third of them: machines seldom fail in one place only. */
function putIn(untouched: Series, fault: Fault, index: number, moving: readonly Moving[]): Series {
  const { name, rows, fitRows, channels } = untouched;
  const C = channels.length;
  const random = new Random('trials', name, index);
  const judged = rows - fitRows;
  const onset = fitRows + Math.floor(judged * (lead + random.uniform(0, jitter)));
  const length = Math.max(2, Math.floor(judged * (lasting[index % lasting.length] as number)));
  const count = index % 2 === 0 ? 1 : Math.max(1, Math.ceil(moving.length / 3));
  const left = [...moving];
  const victims = Array.from({ length: count }, () =>
    left.splice(Math.floor(random.uniform(0, left.length)), 1),
  ).flat();
  const values = untouched.values.slice();
  const labels = new Uint8Array(rows);
  labels.fill(1, onset, onset + length);
  const piece = (from: number) => Float32Array.from(values.subarray(from * C, (from + length) * C));
  const donor = piece(Math.floor(random.uniform(0, Math.max(1, fitRows - length))));
  for (const { channel, scale } of victims) {
    const spoiled = spoil(
      piece(onset),
      fault,
      { lead: 0, fault: length },
      { channel, channels: C, scale, donor, random },
    );
    for (let i = 0; i < length; i++) values[(onset + i) * C + channel] = spoiled[i * C + channel] as number;
  }
  return { ...untouched, values, labels };
}

/** Standard deviation of each signal in the rows that are learned from. */
function spreads({ values, channels, fitRows }: Series): number[] {
  const C = channels.length;
  return channels.map((_, c) => {
    let [mean, square] = [0, 0];
    for (let row = 0; row < fitRows; row++) {
      const delta = (values[row * C + c] as number) - mean;
      mean += delta / (row + 1);
      square += delta * ((values[row * C + c] as number) - mean);
    }
    return Math.sqrt(square / Math.max(1, fitRows));
  });
}

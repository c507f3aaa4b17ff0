/**
 * State-space models against an LSTM on two series with a known best forecast: a level that wanders, for which the Kalman filter is optimal (Kalman 1960), and one that jumps
 * between two levels, for which a hidden Markov model is (Rabiner 1989). All three are the project's recipes and know only what they learned.
 */
import { Random } from '../model/random.js';
import type { Segment } from '../model/segment.js';
import { noWhitening } from '../training/graph/index.js';
import { silent } from '../training/progress.js';
import { findRecipe } from '../training/recipes/index.js';
import { trainingContext } from '../training/recipes/recipe.js';
import { fitScaler } from '../training/scaler.js';
import type { Example } from './example.js';

export interface Figures {
  /** Mean squared error of forecasts over the least that is possible, by series and method. */
  readonly ratio: Readonly<Record<'wanders' | 'jumps', Readonly<Record<string, number>>>>;
  /** Share of frames of the series that jumps whose level the hidden Markov model names, and the filter that knows the truth. */
  readonly regime: { readonly learned: number; readonly best: number };
}

const [drift, jump] = [0.05, 0.02];
const levels = [-2, 2] as const;
const [learned, tested] = [3000, 1500];

interface Series {
  readonly values: number[];
  /** The best forecast of each value from those before it, by the model that made the series. */
  readonly best: number[];
  readonly regime: number[];
  /** Probability of the upper level after each value. */
  readonly upper: number[];
}

function wanders(n: number, label: string): Series {
  const random = new Random('wanders', label);
  let [level, mean, variance] = [0, 0, 1];
  const series: Series = { values: [], best: [], regime: [], upper: [] };
  for (let t = 0; t < n; t++) {
    level += random.normal(0, Math.sqrt(drift));
    const value = level + random.normal();
    variance += drift;
    series.values.push(value);
    series.best.push(mean);
    const gain = variance / (variance + 1);
    mean += gain * (value - mean);
    variance *= 1 - gain;
  }
  return series;
}

function jumps(n: number, label: string): Series {
  const random = new Random('jumps', label);
  let [regime, upper] = [0, 0.5];
  const series: Series = { values: [], best: [], regime: [], upper: [] };
  for (let t = 0; t < n; t++) {
    if (random.chance(jump)) regime = 1 - regime;
    const value = levels[regime === 1 ? 1 : 0] + random.normal();
    const before = upper * (1 - jump) + (1 - upper) * jump;
    series.values.push(value);
    series.best.push(levels[0] + before * (levels[1] - levels[0]));
    const odds = (before / (1 - before)) * Math.exp(0.5 * ((value - levels[0]) ** 2 - (value - levels[1]) ** 2));
    upper = odds / (1 + odds);
    series.regime.push(regime);
    series.upper.push(upper);
  }
  return series;
}

const segmentOf = (values: readonly number[]): Segment => ({
  timesMs: Float64Array.from(values, (_, i) => 1000 * i),
  values: Float32Array.from(values),
});

const chosen = {
  kalman: {},
  hmm: { regimes: 2 },
  lstm: { hidden: 8, window: 48, stride: 12, dropSignal: 0, dropValue: 0, epochs: 30, batch: 32, learningRate: 0.01 },
};

export const kalmanHmm: Example<Figures> = {
  title: 'Kalman filter and hidden Markov model against an LSTM, where the best forecast is known',
  async run(tf) {
    const ratio = { wanders: {} as Record<string, number>, jumps: {} as Record<string, number> };
    const regime = { learned: 0, best: 0 };
    const lines: { label: string; points: [number, number][]; dots?: boolean }[] = [];
    for (const [name, make] of Object.entries({ wanders, jumps }) as ['wanders' | 'jumps', typeof jumps][]) {
      const train = make(learned, 'train').values;
      const test = make(tested, 'test');
      const cut = Math.round(0.8 * learned);
      const fit = [segmentOf(train.slice(0, cut))];
      const data = { channels: [name], fit, validate: [segmentOf(train.slice(cut))], scaler: fitScaler(fit, 1) };
      const error = (forecast: (t: number) => number) =>
        test.values.slice(50).reduce((sum, value, i) => sum + (value - forecast(i + 50)) ** 2, 0) / (tested - 50);
      const least = error((t) => test.best[t] ?? 0);
      ratio[name]['last value'] = error((t) => test.values[t - 1] ?? 0) / least;
      const shown = (label: string, value: (t: number) => number) => {
        if (name === 'jumps') lines.push({ label, points: Array.from({ length: 150 }, (_, i) => [i, value(i + 300)]) });
      };
      if (name === 'jumps') {
        const points = test.values.slice(300, 450).map((value, i): [number, number] => [i, value]);
        lines.push({ label: 'measured', dots: true, points });
      }
      for (const [method, options] of Object.entries(chosen)) {
        const recipe = findRecipe(method);
        const trained = await recipe.train(recipe.options.parse(options), data, trainingContext(tf, 1, method, silent));
        const x = { data: Float32Array.from(test.values), dims: [1, tested, 1] };
        const { expected = new Float32Array(0), regime: named } = trained.reference(x, noWhitening(1));
        trained.dispose();
        // The model of regimes tells which it is in when it has seen a frame; that it stays there is its forecast.
        const forecast = (t: number) => expected[method === 'hmm' ? t - 1 : t] ?? 0;
        ratio[name][method] = error(forecast) / least;
        shown(method, forecast);
        if (named !== undefined && name === 'jumps') {
          const same = test.regime.filter((k, t) => ((named[2 * t + 1] ?? 0) > 0.5 ? 1 : 0) === k).length / tested;
          regime.learned = Math.max(same, 1 - same);
          regime.best = test.regime.filter((k, t) => ((test.upper[t] ?? 0) > 0.5 ? 1 : 0) === k).length / tested;
        }
      }
    }
    const methods = ['last value', ...Object.keys(chosen)];
    return {
      figures: { ratio, regime },
      table: [
        ['squared error over the least possible', ...methods],
        ...Object.entries(ratio).map(([name, of]) => [name, ...methods.map((method) => (of[method] ?? 0).toFixed(3))]),
        ['regimes named', '-', '-', `${regime.learned.toFixed(3)} (best ${regime.best.toFixed(3)})`, '-'],
      ],
      plot: { title: 'Forecasts of a series that jumps between -2 and 2', x: 'frame', y: 'value', lines },
    };
  },
};

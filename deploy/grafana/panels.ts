/** Panels as a table says them: a kind, a size, what is asked of Prometheus, and in which unit it comes. */
import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  HeatmapCalculationMode,
  HeatmapCalculationOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardLinkBuilder,
  type DynamicConfigValue,
  MappingType,
  type ThresholdsConfig,
  ThresholdsMode,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as Heatmap } from '@grafana/grafana-foundation-sdk/heatmap';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimeline } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';

/** How each kind is made, and how its answers come. */
const kinds = {
  lines: { builder: () => new TimeSeries(), instant: false, format: PromQueryFormat.TimeSeries },
  /** Series named `upper` and `lower` bound a band behind the others. */
  band: { builder: bandOf, instant: false, format: PromQueryFormat.TimeSeries },
  stat: { builder: () => new Stat(), instant: true, format: PromQueryFormat.TimeSeries },
  states: { builder: () => new StateTimeline().mergeValues(true), instant: false, format: PromQueryFormat.TimeSeries },
  table: { builder: () => new Table(), instant: true, format: PromQueryFormat.Table },
  /** How many series have which value. */
  spread: { builder: spreadOf, instant: false, format: PromQueryFormat.TimeSeries },
  /** Buckets of a histogram. */
  heatmap: { builder: () => new Heatmap(), instant: false, format: PromQueryFormat.Heatmap },
} as const;

export interface PanelSpec {
  readonly kind: keyof typeof kinds;
  readonly title: string;
  readonly description: string;
  /** Expression -> legend. `rate` ranges are `$__rate_interval`. */
  readonly queries: Readonly<Record<string, string>>;
  /** Of Grafana: https://grafana.com/docs/grafana/latest/panels-visualizations/configure-standard-options/#unit */
  readonly unit?: string;
  /** Of 24. */
  readonly width: number;
  readonly height?: number;
  /** Values from which a colour holds. */
  readonly steps?: Readonly<Record<string, number>>;
  /** What values mean: value -> word. */
  readonly words?: Readonly<Record<string, string>>;
  /** Columns of a table that say nothing. */
  readonly without?: readonly string[];
  /** Once for each value of this variable. */
  readonly repeat?: string;
  /** Where a click on a series leads. */
  readonly link?: { readonly title: string; readonly url: string };
}

export const datasource = { type: 'prometheus', uid: `\${datasource}` };

/** Severity: 1 is the threshold; `high` and `critical` as alarms have them by default. */
export const severitySteps = { yellow: 1, orange: 2, red: 4 };
/** Bands as `anomalyd_alarm_band` counts them. */
export const bandSteps = { yellow: 1, orange: 2, red: 3 };
export const bandWords = { 0: 'normal', 1: 'warning', 2: 'high', 3: 'critical' };

const thresholds = (steps: Readonly<Record<string, number>>): { build(): ThresholdsConfig } => ({
  build: () => ({
    mode: ThresholdsMode.Absolute,
    // Grafana wants the lowest step without a value.
    steps: [
      { value: null as unknown as number, color: 'green' },
      ...Object.entries(steps).map(([color, value]) => ({ value, color })),
    ],
  }),
});

const mappings = (words: Readonly<Record<string, string>>): ValueMapping[] => [
  {
    type: MappingType.ValueToText,
    options: Object.fromEntries(Object.entries(words).map(([value, text], index) => [value, { text, index }])),
  },
];

function bandOf() {
  const hidden: DynamicConfigValue[] = [
    { id: 'custom.lineWidth', value: 0 },
    { id: 'custom.hideFrom', value: { legend: true, tooltip: false, viz: false } },
    { id: 'color', value: { mode: 'fixed', fixedColor: 'blue' } },
  ];
  return new TimeSeries()
    .overrideByName('upper', [
      ...hidden,
      { id: 'custom.fillBelowTo', value: 'lower' },
      { id: 'custom.fillOpacity', value: 15 },
    ])
    .overrideByName('lower', hidden)
    .overrideByName('expected', [
      { id: 'custom.lineStyle', value: { fill: 'dash', dash: [10, 10] } },
      { id: 'color', value: { mode: 'fixed', fixedColor: 'blue' } },
    ]);
}

function spreadOf() {
  const half = { mode: HeatmapCalculationMode.Size, value: '0.5' };
  return new Heatmap()
    .calculate(true)
    .calculation(new HeatmapCalculationOptionsBuilder().yBuckets({ build: () => half }));
}

export function panelOf(spec: PanelSpec, id: number, at: { x: number; y: number }) {
  const { builder, instant, format } = kinds[spec.kind];
  const panel = builder()
    .id(id)
    .title(spec.title)
    .description(spec.description)
    .datasource(datasource)
    .gridPos({ ...at, w: spec.width, h: spec.height ?? 8 })
    .unit(spec.unit ?? 'short')
    .targets(
      Object.entries(spec.queries).map(([expr, legend], i) => {
        const query = new DataqueryBuilder()
          .refId(String.fromCharCode(65 + i))
          .datasource(datasource)
          .expr(expr)
          .format(format)
          .legendFormat(legend);
        return instant ? query.instant() : query.range();
      }),
    );
  if (spec.steps !== undefined) panel.thresholds(thresholds(spec.steps));
  if (spec.steps !== undefined && panel instanceof TimeSeries)
    panel.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  if (spec.words !== undefined) panel.mappings(mappings(spec.words));
  if (spec.without !== undefined)
    panel.withTransformation({
      id: 'organize',
      options: { excludeByName: Object.fromEntries(spec.without.map((column) => [column, true])) },
    });
  if (spec.repeat !== undefined) panel.repeat(spec.repeat).repeatDirection('h').maxPerRow(2);
  if (spec.link !== undefined) panel.dataLinks([new DashboardLinkBuilder(spec.link.title).url(spec.link.url)]);
  return panel;
}
